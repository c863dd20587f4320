import { describe, expect, it } from '@jest/globals';
import { createPace, isOverloaded, isPaceOver, lowered, nextStartMs, raised, shareOf, started, type Overload, type Pace } from './pace.js';

const overload = (part: Partial<Overload> = {}): Overload => ({ status: 429, startedMs: 1_000, nowMs: 1_010, gapMs: 10, isAgain: false, ...part });
const paced = (part: Partial<Overload> = {}): Pace => {
  const pace = createPace(-Infinity);
  lowered(pace, overload(part));
  return pace;
};

describe('a rate limit', () => {
  it('lets the first request go at once and each further one an interval later', () => {
    const pace = createPace(-Infinity);
    expect(nextStartMs(pace, 10)).toBe(-Infinity);
    started(pace, 10, 5_000);
    expect(nextStartMs(pace, 10)).toBeLessThanOrEqual(5_100);
    expect(nextStartMs(pace, 10)).toBeGreaterThanOrEqual(5_095);
  });

  it('keeps its rate where timers are late by a little, as nothing of that adds up', () => {
    const pace = createPace(-Infinity);
    let nowMs = 0;
    for (let n = 0; n < 1_000; n += 1) {
      nowMs = Math.max(nowMs, nextStartMs(pace, 100)) + (n % 4);
      started(pace, 100, nowMs);
    }
    expect(nowMs).toBeGreaterThan(9_980);
    expect(nowMs).toBeLessThan(10_010);
  });

  it('saves nothing up: after a pause one request goes, and the next an interval later', () => {
    const pace = createPace(-Infinity);
    started(pace, 10, 0);
    started(pace, 10, 60_000);
    expect(nextStartMs(pace, 10)).toBeGreaterThanOrEqual(60_095);
  });

  it('holds across a change of owner: the first request waits for an interval after it', () => {
    expect(nextStartMs(createPace(2_000), 0.5)).toBe(4_000);
  });

  it('follows a change of the limit at once', () => {
    const pace = createPace(-Infinity);
    started(pace, 0.01, 0);
    expect(nextStartMs(pace, 0.01)).toBeGreaterThan(99_000);
    expect(nextStartMs(pace, 100)).toBeLessThan(11);
    expect(nextStartMs(pace, 0)).toBeLessThanOrEqual(0);
  });
});

describe('back-off', () => {
  it('is for what receivers say when they have too much to do', () => {
    expect([400, 429, 500, 502, 503, 504, 408].filter(isOverloaded)).toEqual([429, 502, 503, 504]);
  });

  it('halves what the lane made', () => {
    const pace = paced({ gapMs: 10 });
    expect(pace.perSecond).toBe(50);
    expect(shareOf(pace)).toBe(0.5);
    lowered(pace, overload({ startedMs: 5_000, nowMs: 5_010, gapMs: 20 }));
    expect(pace.perSecond).toBe(25);
    expect(shareOf(pace)).toBe(0.25);
  });

  it('halves once for all requests that were under way together', () => {
    const pace = paced({ startedMs: 1_000, nowMs: 1_010 });
    lowered(pace, overload({ startedMs: 1_005, nowMs: 1_020 }));
    expect(pace.perSecond).toBe(50);
  });

  it('halves again when a receiver still answers 429 after a wait, whatever the lane made meanwhile', () => {
    const pace = paced();
    lowered(pace, overload({ startedMs: 6_000, nowMs: 6_010, gapMs: 900, isAgain: true }));
    expect(pace.perSecond).toBe(25);
  });

  it('takes a receiver that is still away after a wait for down, and forgets what it knew of its pace', () => {
    const pace = paced({ status: 503 });
    expect(pace.perSecond).toBe(50);
    lowered(pace, overload({ status: 503, startedMs: 6_000, nowMs: 6_010, isAgain: true }));
    expect(pace.perSecond).toBe(Infinity);
    expect(shareOf(pace)).toBe(1);
  });

  it('comes back step by step with successes, in a minute of a fast lane and fifty successes of a slow one', () => {
    const successes = (pace: Pace): { count: number; seconds: number } => {
      let [count, seconds] = [0, 0];
      for (; pace.perSecond !== Infinity; count += 1) {
        seconds += 1 / pace.perSecond;
        raised(pace);
      }
      return { count, seconds };
    };
    expect(successes(paced({ gapMs: 2 })).seconds).toBeGreaterThan(40);
    expect(successes(paced({ gapMs: 2 })).seconds).toBeLessThan(60);
    expect(successes(paced({ gapMs: 1_000 })).count).toBe(50);
  });

  it('never stops a lane: that is what the retry schedule is for', () => {
    const pace = paced();
    for (let n = 1; n < 40; n += 1) lowered(pace, overload({ startedMs: 10_000 * n, nowMs: 10_000 * n + 1, isAgain: true }));
    expect(pace.perSecond).toBe(0.1);
  });

  it('goes together with a limit: the slower of the two', () => {
    const pace = paced({ gapMs: 10 });
    started(pace, 10, 2_000);
    expect(nextStartMs(pace, 10)).toBeGreaterThan(2_090);
    expect(nextStartMs(pace, 1_000)).toBeCloseTo(2_015, 0);
  });

  it('is kept for ten minutes of a lane that does nothing, as a limit is for an interval', () => {
    const pace = paced({ nowMs: 1_010 });
    expect(isPaceOver(pace, 0, 500_000)).toBe(false);
    expect(isPaceOver(pace, 0, 601_010)).toBe(true);
    const limited = createPace(-Infinity);
    started(limited, 0.01, 0);
    expect(isPaceOver(limited, 0.01, 90_000)).toBe(false);
    expect(isPaceOver(limited, 0.01, 100_000)).toBe(true);
  });
});
