import type { HookChanged } from '@hooklane/contracts/topics';
import type { Clock } from '@hooklane/kernel';
import type { Lane } from '../lanes/lane.js';
import { DEFAULT_CONCURRENCY } from '../lanes/lane-world.js';
import { createPace, isOverloaded, isPaceOver, lowered, nextStartMs, raised, shareOf, started } from '../lanes/pace.js';
import type { OwnedPartition } from './owned-partition.js';

export interface LanePacesParts {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Postgres time. */
  nowMs(): number;
  homeOf(lane: Lane): OwnedPartition;
}

/** How much one start tells of how far apart they are: some twenty starts are enough. */
const GAP_SHARE = 1 / 8;
/** A lane that had nothing to send for so long was not slow: that gap says nothing. */
const LONGEST_GAP_MS = 1_000;

/** When lanes with a rate limit, and those whose receivers asked for fewer requests, may start their next one. All others pass by here with one comparison. */
export class LanePaces {
  /** Monotonic: until then somebody else may have sent. */
  private readonly takenAtMs = new WeakMap<OwnedPartition, number>();

  constructor(private readonly parts: LanePacesParts) {}

  taken(owned: OwnedPartition): void {
    // The first owner ever has nobody before it.
    if (owned.epoch > 1) this.takenAtMs.set(owned, this.parts.clock.monotonicMs());
  }

  /** @returns Postgres time before which no request of the lane starts; 0: now */
  startAtMs(lane: Lane, hook: HookChanged): number {
    const limit = hook.rateLimitPerSecond;
    if (lane.pace === null) {
      if (limit === 0) return 0;
      lane.pace = createPace(this.takenAtMs.get(this.parts.homeOf(lane)) ?? -Infinity);
    }
    const waitMs = nextStartMs(lane.pace, limit) - this.parts.clock.monotonicMs();
    lane.pace.nextAtMs = waitMs < 1 ? 0 : this.parts.nowMs() + Math.ceil(waitMs);
    return lane.pace.nextAtMs;
  }

  maxInFlight(lane: Lane, hook: HookChanged): number {
    if (hook.order === 'fifo' || hook.order === '') return 1;
    const most = hook.concurrency || DEFAULT_CONCURRENCY;
    return lane.pace === null ? most : Math.max(1, Math.ceil(most * shareOf(lane.pace)));
  }

  /** A request starts; a first attempt also says how fast the lane goes by itself. */
  started(lane: Lane, hook: HookChanged, attemptNumber: number, nowMs: number): void {
    const gapMs = nowMs - lane.startedMs;
    lane.startedMs = nowMs;
    if (attemptNumber === 1 && gapMs < LONGEST_GAP_MS) lane.gapMs = lane.gapMs === 0 ? gapMs : lane.gapMs + (gapMs - lane.gapMs) * GAP_SHARE;
    if (lane.pace !== null) started(lane.pace, hook.rateLimitPerSecond, nowMs);
  }

  succeeded(lane: Lane, hook: HookChanged): void {
    if (lane.pace === null) return;
    raised(lane.pace);
    this.tidy(lane, hook);
  }

  /** @param retryAfterMs what the receiver asked for pauses the lane and says enough; null or 0: it did not say when */
  refused(lane: Lane, hook: HookChanged, status: number, startedMs: number, retryAfterMs: number | null): void {
    if (!isOverloaded(status) || (retryAfterMs !== null && retryAfterMs > 0)) return;
    const nowMs = this.parts.clock.monotonicMs();
    lane.pace ??= createPace(-Infinity);
    // The next request counts from this one also where there was no pace before.
    lane.pace.lastDueMs = Math.max(lane.pace.lastDueMs, startedMs);
    lowered(lane.pace, { status, startedMs, nowMs, gapMs: lane.gapMs || LONGEST_GAP_MS, isAgain: lane.health.unavailableStep > 0 });
    this.tidy(lane, hook);
  }

  /** Whether a lane that does nothing may be forgotten, as far as its pace is concerned. */
  isOver(lane: Lane, hook: HookChanged | undefined): boolean {
    return lane.pace === null || !hook || isPaceOver(lane.pace, hook.rateLimitPerSecond, this.parts.clock.monotonicMs());
  }

  private tidy(lane: Lane, hook: HookChanged): void {
    if (lane.pace?.perSecond === Infinity && hook.rateLimitPerSecond === 0) lane.pace = null;
  }
}
