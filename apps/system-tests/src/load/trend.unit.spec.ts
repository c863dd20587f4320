import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@hooklane/testkit';
import { trendOf, type Reading } from './trend.js';

const readings = (count: number, value: (index: number) => number): Reading[] => Array.from({ length: count }, (_, index) => ({ atMs: index * 10_000, value: value(index) }));

describe('trendOf', () => {
  it('calls flat what goes up and down around the same height, wherever it begins and ends', () => {
    const random = seededRandom(5);
    expect(trendOf(readings(60, (index) => 200 + (index % 7) * 10), 5)).toMatchObject({ flat: true });
    expect(trendOf(readings(60, () => 200 + random.fraction() * 100), 5)).toMatchObject({ flat: true });
  });

  it('finds slow growth under a saw-tooth that is ten times as high', () => {
    const trend = trendOf(readings(60, (index) => 100 + index + (index % 6) * 10), 5);
    expect(trend.flat).toBe(false);
    expect(trend.growth).toBeGreaterThan(40);
  });

  it('is not deceived by outliers, nor by the time in which things warm up', () => {
    expect(trendOf(readings(60, (index) => (index % 20 === 19 ? 5_000 : 100)), 5).flat).toBe(true);
    expect(trendOf(readings(60, (index) => Math.min(index, 10) * 100), 5).flat).toBe(true);
  });

  it('lets grow what may: a slack, and a tenth', () => {
    expect(trendOf(readings(50, (index) => index / 10), 5).flat).toBe(true);
    expect(trendOf(readings(50, (index) => 1_000 + index), 5).flat).toBe(true);
    expect(trendOf(readings(50, (index) => index), 5).flat).toBe(false);
  });

  it('refuses to judge by next to nothing', () => {
    expect(() => trendOf(readings(1, () => 1), 1)).toThrow('1 readings');
  });
});
