import { describe, expect, it } from '@jest/globals';
import { FetchPace } from './fetch-pace.js';

/** Answers of `records` each, `everyMs` apart. @returns the last pause */
function pauseOf(records: number, everyMs: number, gatherMs?: number): number {
  let nowMs = 0;
  const pace = new FetchPace({ monotonicMs: () => nowMs }, gatherMs);
  let pause = 0;
  for (let answer = 0; answer < 200; answer++) {
    nowMs += everyMs;
    pause = pace.pauseAfter(records);
  }
  return pause;
}

describe('FetchPace', () => {
  it('does not make a record wait while few come', () => {
    expect(pauseOf(1, 5)).toBe(0);
    expect(pauseOf(20, 100)).toBe(0);
  });

  it('pauses the longer the more come, and 10 ms at most', () => {
    expect(pauseOf(7, 10)).toBe(5);
    expect(pauseOf(10, 10)).toBe(10);
    expect(pauseOf(1_000, 10)).toBe(10);
  });

  it('takes a batch after a silence for what it is', () => {
    let nowMs = 0;
    const pace = new FetchPace({ monotonicMs: () => nowMs }, undefined);
    nowMs = 1_000;
    expect(pace.pauseAfter(100)).toBe(0);
  });

  it('forgets a rush', () => {
    let nowMs = 0;
    const pace = new FetchPace({ monotonicMs: () => nowMs }, undefined);
    for (; nowMs < 1_000; nowMs += 10) pace.pauseAfter(50);
    nowMs += 1_000;
    expect(pace.pauseAfter(1)).toBe(0);
  });

  it('gathers for as long as the subscriber allows, but not after an empty answer', () => {
    expect(pauseOf(1, 5_000, 100)).toBe(100);
    expect(pauseOf(1_000, 10, 100)).toBe(100);
    expect(pauseOf(0, 250, 100)).toBe(0);
  });
});
