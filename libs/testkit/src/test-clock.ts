import type { Clock } from '@hooklane/kernel';

/** A clock that stands still until it is told to move. */
export interface TestClock extends Clock {
  /** Moves wall and monotonic time forward. */
  advance(ms: number): void;
  /** Sets the wall time only, in either direction, as an administrator or NTP may. */
  stepTo(nowMs: number): void;
}

/** 2026-01-01T00:00:00Z: any fixed moment does; a spec that depends on the date states its own. */
const START_MS = 1_767_225_600_000;

export function testClock(startMs: number = START_MS): TestClock {
  let wallMs = startMs;
  let monotonicMs = 0;
  return {
    nowMs: () => wallMs,
    monotonicMs: () => monotonicMs,
    advance(ms) {
      if (ms < 0) throw new RangeError('Time only advances; use stepTo for a clock that is set back.');
      wallMs += ms;
      monotonicMs += ms;
    },
    stepTo(nowMs) {
      wallMs = nowMs;
    },
  };
}
