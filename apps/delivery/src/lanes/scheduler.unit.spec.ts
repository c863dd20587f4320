import { describe, expect, it } from '@jest/globals';
import { FairScheduler, type LaneStanding } from './scheduler.js';

interface TestLane {
  readonly tenantId: string;
  readonly standing: LaneStanding;
  readonly name: string;
  readonly cost?: number;
}

const lane = (tenantId: string, standing: LaneStanding, name = '', cost = 1): TestLane => ({ tenantId, standing, name, cost });

/** Full, so that whoever comes has to wait; `serve` gives out one slot after the other. */
const full = (): { scheduler: FairScheduler<TestLane>; serve: (count: number) => string[] } => {
  const scheduler = new FairScheduler<TestLane>({ total: 1, unproven: 1, startsATurn: 1e9 }, ({ cost }) => cost ?? 1);
  expect(scheduler.acquire(lane('x', 'proven'))).toBe(true);
  let running: LaneStanding = 'proven';
  const serve = (count: number): string[] =>
    Array.from({ length: count }, () => {
      scheduler.release(running);
      const next = scheduler.next();
      running = next?.standing ?? running;
      return next?.lane.name ?? '';
    });
  return { scheduler, serve };
};

describe('sharing slots', () => {
  it('keeps slow and fresh lanes in their slices, so that proven ones always find a slot', () => {
    const scheduler = new FairScheduler<TestLane>({ total: 10, unproven: 3 });
    const granted = Array.from({ length: 1_000 }, () => scheduler.acquire(lane('a', 'slow'))).filter(Boolean);
    expect(granted).toHaveLength(3);
    expect(scheduler.acquire(lane('a', 'fresh'))).toBe(true);
    expect(scheduler.acquire(lane('a', 'proven'))).toBe(true);
    expect(scheduler.inFlight).toBe(5);
    expect([scheduler.usedBy('slow'), scheduler.usedBy('fresh'), scheduler.usedBy('proven')]).toEqual([3, 1, 1]);
  });

  it('goes round the tenants: one with a thousand lanes does not keep the other waiting', () => {
    const { scheduler, serve } = full();
    for (let n = 0; n < 1_000; n += 1) scheduler.acquire(lane('a', 'proven', `a${n}`));
    expect(serve(10).at(-1)).toBe('a9');
    for (let n = 0; n < 3; n += 1) scheduler.acquire(lane('b', 'proven', `b${n}`));
    const next = serve(8);
    expect(next.filter((name) => name.startsWith('b'))).toEqual(['b0', 'b1', 'b2']);
    expect(next.slice(0, 6).filter((name) => name.startsWith('b'))).toHaveLength(3);
  });

  it('goes round the tenants whatever the standing: a flood of proven lanes does not keep another tenant’s new hook waiting', () => {
    const { scheduler, serve } = full();
    for (let n = 0; n < 1_000; n += 1) scheduler.acquire(lane('a', 'proven', `a${n}`));
    serve(100);
    scheduler.acquire(lane('b', 'fresh', 'b'));
    expect(serve(2)).toContain('b');
  });

  it('gives a tenant that waits in two standings no more than one that waits in one', () => {
    const { scheduler, serve } = full();
    for (let n = 0; n < 100; n += 1) {
      scheduler.acquire(lane('a', 'proven', 'a'));
      scheduler.acquire(lane('a', 'slow', 'a'));
      scheduler.acquire(lane('b', 'proven', 'b'));
    }
    expect(serve(60).filter((name) => name === 'b').length).toBeGreaterThanOrEqual(29);
  });

  it('lets all standings of one tenant get on, the proven ones most', () => {
    const { scheduler, serve } = full();
    for (let n = 0; n < 100; n += 1) for (const standing of ['proven', 'fresh', 'slow'] as const) scheduler.acquire(lane('a', standing, standing));
    const served = serve(60);
    const count = (standing: LaneStanding): number => served.filter((name) => name === standing).length;
    expect([count('proven'), count('fresh'), count('slow')]).toEqual([40, 10, 10]);
  });

  it('counts what a start costs: a tenant with events of megabytes gets fewer of them', () => {
    const { scheduler, serve } = full();
    for (let n = 0; n < 100; n += 1) {
      scheduler.acquire(lane('a', 'proven', 'a', 9));
      scheduler.acquire(lane('b', 'proven', 'b'));
    }
    expect(serve(100).filter((name) => name === 'a').length).toBeLessThanOrEqual(11);
  });

  it('lets nobody save up: who comes anew begins where the others stand', () => {
    const { scheduler, serve } = full();
    for (let n = 0; n < 200; n += 1) scheduler.acquire(lane('a', 'proven', 'a'));
    serve(100);
    for (let n = 0; n < 50; n += 1) scheduler.acquire(lane('b', 'proven', 'b'));
    expect(serve(20).filter((name) => name === 'a').length).toBeGreaterThanOrEqual(9);
  });

  it('gives the slot of a request that has become slow back to the proven', () => {
    const scheduler = new FairScheduler<TestLane>({ total: 4, unproven: 1 });
    expect(scheduler.acquire(lane('a', 'fresh'))).toBe(true);
    expect(scheduler.acquire(lane('a', 'fresh', 'next'))).toBe(false);
    scheduler.move('fresh', 'slow');
    expect(scheduler.next()?.lane.name).toBe('next');
  });

  it('lets only so many start in a turn of the event loop, and the next turn goes round the tenants too', () => {
    const scheduler = new FairScheduler<TestLane>({ total: 1_000, unproven: 500, startsATurn: 4 });
    const granted = Array.from({ length: 100 }, (_, n) => scheduler.acquire(lane('a', 'proven', `a${n}`))).filter(Boolean);
    expect(granted).toHaveLength(4);
    expect(scheduler.isTurnOver).toBe(true);
    expect(scheduler.next()).toBeUndefined();
    expect(scheduler.acquire(lane('b', 'proven', 'b'))).toBe(false);
    scheduler.turned();
    const names = Array.from({ length: 5 }, () => scheduler.next()?.lane.name);
    expect(names).toContain('b');
    expect(names.at(-1)).toBeUndefined();
  });
});
