import { describe, expect, it } from '@jest/globals';
import { START_LIMIT_MS } from '../lanes/lease.js';
import type { AttemptInFlight } from './attempt-in-flight.js';
import { LaneAttempts } from './lane-attempts.js';

const TIMEOUT_MS = 15_000;

interface Since {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/** @param now since the lease was renewed and the request made */
function mayBegin(now: Since, owned: { isLost?: boolean; isHandedOver?: boolean; isReleased?: boolean } = {}): boolean {
  const clock = { monotonicMs: () => now.monotonicMs, nowMs: () => now.wallMs };
  const attempts = new LaneAttempts({ clock, slots: { total: 1, unproven: 1 } } as never, {} as never, {} as never, {} as never);
  const home = { isLost: false, isHandedOver: false, isReleased: false, renewed: { monotonicMs: 0, wallMs: 0 }, ...owned };
  return attempts.mayBegin({ owned: home, startedMonotonicMs: 0, startedAtMs: 0, timeoutMs: TIMEOUT_MS } as unknown as AttemptInFlight);
}

const both = (ms: number): Since => ({ monotonicMs: ms, wallMs: ms });
const HANDED_OVER = { isLost: true, isHandedOver: true };

describe('right before the first byte of a request', () => {
  it('the lease must have been renewed not long ago, by either clock: a frozen process and a suspended machine look again', () => {
    expect(mayBegin(both(START_LIMIT_MS - 1))).toBe(true);
    expect(mayBegin({ monotonicMs: START_LIMIT_MS, wallMs: 0 })).toBe(false);
    expect(mayBegin({ monotonicMs: 0, wallMs: START_LIMIT_MS })).toBe(false);
    // The wall clock was set back: the other one still runs.
    expect(mayBegin({ monotonicMs: START_LIMIT_MS, wallMs: -3_600_000 })).toBe(false);
  });

  it('the partition must not be lost', () => {
    expect(mayBegin(both(0), { isLost: true })).toBe(false);
  });

  it('one that was handed over is bound to the lease until Postgres has let go of it, and then to the request’s own time', () => {
    expect(mayBegin(both(START_LIMIT_MS - 1), HANDED_OVER)).toBe(true);
    expect(mayBegin(both(START_LIMIT_MS), HANDED_OVER)).toBe(false);
    const released = { ...HANDED_OVER, isReleased: true };
    expect(mayBegin(both(TIMEOUT_MS - 1), released)).toBe(true);
    expect(mayBegin({ monotonicMs: 0, wallMs: TIMEOUT_MS }, released)).toBe(false);
    expect(mayBegin({ monotonicMs: TIMEOUT_MS, wallMs: 0 }, released)).toBe(false);
  });
});
