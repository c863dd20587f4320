import { describe, expect, it } from '@jest/globals';
import { FairScheduler, type LaneStanding } from './scheduler.js';

const lane = (tenantId: string, standing: LaneStanding, name = '') => ({ tenantId, standing, name });

describe('sharing slots', () => {
  it('keeps slow and fresh lanes in their slices, so that proven ones always find a slot', () => {
    const scheduler = new FairScheduler<ReturnType<typeof lane>>({ total: 10, unproven: 3 });
    const granted = Array.from({ length: 1_000 }, () => scheduler.acquire(lane('a', 'slow'))).filter(Boolean);
    expect(granted).toHaveLength(3);
    expect(scheduler.acquire(lane('a', 'fresh'))).toBe(true);
    expect(scheduler.acquire(lane('a', 'proven'))).toBe(true);
    expect(scheduler.inFlight).toBe(5);
  });

  it('goes round the tenants: one with a thousand lanes does not keep the other waiting', () => {
    const scheduler = new FairScheduler<ReturnType<typeof lane>>({ total: 1, unproven: 1 });
    expect(scheduler.acquire(lane('a', 'proven', 'running'))).toBe(true);
    for (let n = 0; n < 1_000; n += 1) scheduler.acquire(lane('a', 'proven', `a${n}`));
    scheduler.acquire(lane('b', 'proven', 'b0'));
    const order: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      scheduler.release('proven');
      order.push(scheduler.next()?.lane.name ?? '');
    }
    expect(order).toEqual(['a0', 'b0', 'a1']);
  });

  it('gives the slot of a request that has become slow back to the proven', () => {
    const scheduler = new FairScheduler<ReturnType<typeof lane>>({ total: 4, unproven: 1 });
    expect(scheduler.acquire(lane('a', 'fresh'))).toBe(true);
    expect(scheduler.acquire(lane('a', 'fresh', 'next'))).toBe(false);
    scheduler.move('fresh', 'slow');
    expect(scheduler.next()?.lane.name).toBe('next');
  });
});
