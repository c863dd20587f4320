/** What the lanes of a process have to say to those who bring more work. */
export interface LanePressureView {
  /** How much of its time the process's event loop was at work lately, 0 to 1. */
  readonly busyShare: number;
  /** Age of the oldest delivery in the memory of a lane that goes well and keeps up; 0: none. */
  readonly oldestMs: number;
  /** Deliveries in the memory of the longest such lane. */
  readonly longest: number;
  /** A lane that goes well has parked deliveries to catch up with. */
  readonly isCatchingUp: boolean;
  /** By the monotonic clock. */
  readonly nowMs: number;
}

/** A process that is idle for more than the rest of its time is not what its lanes wait for: that is their receivers, and nobody else is slowed down for them. */
const BUSY_SHARE = 0.5;
/** How old a delivery may become before publishers wait for it. Well below the 5 s after which it would be parked. */
const OLDEST_MS = 500;
/** So that a lane that keeps up with a pause now and then is never parked: a quarter of what is. */
const LONGEST = 1_000;
/** Only a process that has no time at all goes short of what is parked. */
const SATURATED_SHARE = 0.9;
/** Long enough for what was let in before to be worked off in the first part of it. */
const TURN_MS = 500;
/** One for publishers, the others for lanes. */
const TURNS = 3;

/**
 * 0: nothing waits for this process; 1 and more: nothing should be added. A lane sends one request after the other, so each of its deliveries waits for several turns of the
 * event loop, and a publisher's batch makes such a turn long: without a share of its own a lane gets a twentieth of what it could do (docs/adr/0005).
 * What is parked never holds up a publisher (promise 4), but a lane that catches up gets two half seconds of three of a process that has no time left.
 */
export function lanePressure({ busyShare, oldestMs, longest, isCatchingUp, nowMs }: LanePressureView): number {
  if (busyShare < BUSY_SHARE) return 0;
  const isTurnOfLanes = isCatchingUp && busyShare >= SATURATED_SHARE && Math.floor(nowMs / TURN_MS) % TURNS !== 0;
  return Math.max(oldestMs / OLDEST_MS, longest / LONGEST, isTurnOfLanes ? 1 : 0);
}
