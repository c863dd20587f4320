/** What decides whether the next request may enter. */
export interface AdmissionView {
  /** How much waits in this process: 1 is as much as should ever wait. */
  readonly fullness: number;
  /** Events that were let in and are not answered yet. */
  readonly underWay: number;
  /** By the monotonic clock. */
  readonly nowMs: number;
}

/** A publisher's batch, or two full ones of the log's writer: more gain nothing, and what they will bring cannot be seen in `fullness` yet. */
const UNDER_WAY_MAX = 1_000;
/** What does not get on at all is broken, not slow; keeping publishers waiting would not help it, and the log takes their events. */
const STUCK_MS = 5_000;

/**
 * Who brings work waits while the process is behind with what it has: events not matched, requests not read, healthy hooks that are not served in time, the log not shown.
 * What is parked for a hook that is down is none of it.
 */
export class AdmissionRule {
  private lastFullness = 0;
  private movedAtMs = -Infinity;

  mayEnter({ fullness, underWay, nowMs }: AdmissionView): boolean {
    if (fullness < 1 || fullness < this.lastFullness || this.lastFullness < 1) this.movedAtMs = nowMs;
    this.lastFullness = fullness;
    if (underWay >= UNDER_WAY_MAX) return false;
    return fullness < 1 || nowMs - this.movedAtMs >= STUCK_MS;
  }
}
