import { describe, expect, it } from '@jest/globals';
import { pauseAfter, stepSize } from './replay-pace.js';

describe('The pace of a replay', () => {
  it.each([[null, 500], [0.01, 1], [1, 1], [5, 1], [50, 10], [10_000, 500]])('at %s a second a step makes at most %i', (rate, size) => {
    expect(stepSize(rate, 500)).toBe(size);
  });

  it('keeps the rate over steps, for rates below and above one a second', () => {
    for (const rate of [0.01, 1, 7, 50, 2_500]) {
      const size = stepSize(rate, 500);
      expect((size * 1_000) / pauseAfter(size, rate)).toBeCloseTo(rate);
    }
    expect(pauseAfter(500, null)).toBe(0);
  });
});
