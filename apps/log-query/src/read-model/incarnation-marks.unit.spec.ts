import { describe, expect, it } from '@jest/globals';
import { IncarnationFilter } from './incarnation-marks.js';

describe('IncarnationFilter', () => {
  it('drops a late duplicate append (N, N+1, N), also after its marks were stored and read', () => {
    const filter = new IncarnationFilter();
    expect([filter.accept('a', 1), filter.accept('a', 2), filter.accept('a', 1), filter.accept('b', 1)]).toEqual([true, true, false, true]);
    const restored = new IncarnationFilter(JSON.parse(JSON.stringify(filter.snapshot())));
    expect([restored.accept('a', 2), restored.accept('a', 3), restored.accept('b', 1)]).toEqual([false, true, false]);
  });

  it('keeps the marks of those that wrote last, and not of everybody who ever wrote', () => {
    const filter = new IncarnationFilter();
    filter.accept('steady', 1);
    for (let index = 0; index < 1_000; index += 1) {
      filter.accept(`passing-${index}`, 1);
      filter.accept('steady', index + 2);
    }
    expect(Object.keys(filter.snapshot()).length).toBeLessThanOrEqual(128);
    expect(filter.accept('steady', 1_001)).toBe(false);
    expect(filter.accept('passing-999', 1)).toBe(false);
  });
});
