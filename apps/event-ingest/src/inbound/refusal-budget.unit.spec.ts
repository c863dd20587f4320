import { describe, expect, it } from '@jest/globals';
import { RefusalBudget } from './refusal-budget.js';

const take = (budget: RefusalBudget, times: number, nowMs: number, endpoint = 'tiki', tenantId = 'acme'): boolean[] => Array.from({ length: times }, () => budget.take(tenantId, endpoint, nowMs));

describe('what is kept of refused calls', () => {
  it('is so many a minute of each endpoint of each tenant, and the number of the others', () => {
    const budget = new RefusalBudget(2);
    expect(take(budget, 4, 1_000)).toEqual([true, true, false, false]);
    expect(take(budget, 2, 1_000, 'src_1')).toEqual([true, true]);
    expect(take(budget, 3, 1_000, 'tiki', 'other')).toEqual([true, true, false]);
    expect(budget.drain(2_000)).toEqual([{ tenantId: 'acme', endpoint: 'tiki', count: 2, sinceMs: 1_000 }, { tenantId: 'other', endpoint: 'tiki', count: 1, sinceMs: 1_000 }]);
    expect(budget.drain(3_000)).toEqual([]);
  });

  it('begins again with the next minute, and with a clock that was set back', () => {
    const budget = new RefusalBudget(1);
    expect(take(budget, 2, 100_000)).toEqual([true, false]);
    expect(take(budget, 2, 159_999)).toEqual([false, false]);
    expect(take(budget, 2, 160_000)).toEqual([true, false]);
    expect(take(budget, 2, 50_000)).toEqual([true, false]);
    expect(budget.drain(50_000)).toEqual([{ tenantId: 'acme', endpoint: 'tiki', count: 5, sinceMs: 100_000 }]);
  });

  it('never loses a count, however it is asked', () => {
    const budget = new RefusalBudget(3);
    let kept = 0;
    let told = 0;
    for (let nowMs = 0; nowMs < 600_000; nowMs += 700) {
      kept += take(budget, 2, nowMs).filter(Boolean).length;
      if (nowMs % 4_900 === 0) told += budget.drain(nowMs).reduce((sum, { count }) => sum + count, 0);
    }
    told += budget.drain(600_000).reduce((sum, { count }) => sum + count, 0);
    expect(kept + told).toBe(2 * Math.ceil(600_000 / 700));
    expect(kept).toBeLessThanOrEqual(3 * 11);
  });

  it('of zero keeps none', () => {
    expect(take(new RefusalBudget(0), 1, 0)).toEqual([false]);
  });
});
