import { describe, expect, it } from '@jest/globals';
import { seededIds, seededRandom } from './seeded.js';
import { testClock } from './test-clock.js';

describe('seeded sources', () => {
  it('repeat themselves for the same seed and differ for another', () => {
    const draw = (seed: number): unknown[] => [seededIds(seed).next('evt'), seededRandom(seed).fraction(), seededRandom(seed).bytes(8).toString('hex')];
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it('make identifiers of the usual shape that sort by the time of their making', () => {
    const ids = seededIds();
    const made = Array.from({ length: 300 }, () => ids.next('evt'));
    expect(made[0]).toMatch(/^evt_[0-9a-f]{32}$/);
    expect([...made].sort()).toEqual(made);
  });

  it('spread fractions over [0, 1)', () => {
    const random = seededRandom(7);
    const drawn = Array.from({ length: 10_000 }, () => random.fraction());
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...drawn)).toBeLessThan(1);
    expect(drawn.reduce((sum, each) => sum + each, 0) / drawn.length).toBeCloseTo(0.5, 1);
  });
});

describe('testClock', () => {
  it('stands still, advances, and can be set back without touching the monotonic time', () => {
    const clock = testClock();
    const began = clock.nowMs();
    clock.advance(1500);
    clock.stepTo(began - 10);
    expect([clock.nowMs() - began, clock.monotonicMs()]).toEqual([-10, 1500]);
  });
});
