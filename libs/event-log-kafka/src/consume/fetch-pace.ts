import type { Clock } from '@hooklane/kernel';

/** Below this many records a second every one is fetched as soon as it is there. */
const CALM_PER_S = 400;
/** From here on the pause is the longest. */
const BUSY_PER_S = 1_000;
const LONGEST_PAUSE_MS = 10;
/** What came longer ago than about this does not count for the rate. */
const MEMORY_MS = 200;

/**
 * How long a subscription leaves a broker alone after an answer with records, so that the next one holds more of them: a fetch costs both sides
 * half a millisecond, a record a few microseconds. By default only while much comes, and for 10 ms at most.
 */
export class FetchPace {
  private perSecond = 0;
  private lastMs: number;

  /** @param gatherMs what the subscriber allows, whatever the rate; undefined: it wants each record soon */
  constructor(
    private readonly clock: Pick<Clock, 'monotonicMs'>,
    private readonly gatherMs: number | undefined,
  ) {
    this.lastMs = clock.monotonicMs();
  }

  /** @returns milliseconds */
  pauseAfter(records: number): number {
    if (records === 0) return 0;
    return this.gatherMs ?? this.pauseAtRate(this.rateWith(records));
  }

  private rateWith(records: number): number {
    const nowMs = this.clock.monotonicMs();
    const sinceMs = Math.max(1, nowMs - this.lastMs);
    this.lastMs = nowMs;
    const weight = 1 - Math.exp(-sinceMs / MEMORY_MS);
    this.perSecond += weight * ((records * 1_000) / sinceMs - this.perSecond);
    return this.perSecond;
  }

  private pauseAtRate(perSecond: number): number {
    const busy = (perSecond - CALM_PER_S) / (BUSY_PER_S - CALM_PER_S);
    return Math.round(LONGEST_PAUSE_MS * Math.min(1, Math.max(0, busy)));
  }
}
