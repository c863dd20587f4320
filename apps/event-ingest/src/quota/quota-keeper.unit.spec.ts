import { describe, expect, it } from '@jest/globals';
import { testClock } from '@hooklane/testkit';
import type { QuotaWish } from '../ports.js';
import { QuotaKeeper } from './quota-keeper.js';

const limit = { eventsPerSecond: 100, burst: 200 };

function keeper(available: number, options: { away?: boolean } = {}) {
  const clock = testClock();
  const asked: QuotaWish[][] = [];
  const state = { available, away: options.away ?? false };
  const failures: unknown[] = [];
  const made = new QuotaKeeper(
    {
      lease: (wishes) => {
        if (state.away) return Promise.reject(new Error('away'));
        asked.push([...wishes]);
        return Promise.resolve(wishes.map((wish) => {
          const granted = Math.min(wish.tokens, state.available);
          state.available -= granted;
          return granted;
        }));
      },
    },
    clock,
    (error) => failures.push(error),
  );
  return { keeper: made, clock, asked, state, failures };
}

describe('QuotaKeeper', () => {
  it('leases for a quarter of a second and then asks nobody', async () => {
    const { keeper: it, asked } = keeper(1_000);
    expect(await it.take('t', 1, limit)).toBe(1);
    for (let count = 0; count < 24; count++) expect(it.take('t', 1, limit)).toBe(1);
    expect(asked).toEqual([[{ tenantId: 't', ...limit, tokens: 25 }]]);
  });

  it('asks once for all who wait, and serves them in their order', async () => {
    const { keeper: it, asked } = keeper(3);
    expect(await Promise.all([it.take('t', 2, limit), it.take('t', 2, limit), it.take('t', 2, limit)])).toEqual([2, 1, 0]);
    expect(asked).toHaveLength(1);
  });

  it('refuses without asking until the bucket must have a token again', async () => {
    const { keeper: it, clock, asked, state } = keeper(0);
    expect(await it.take('t', 1, limit)).toBe(0);
    expect(it.take('t', 1, limit)).toBe(0);
    state.available = 5;
    clock.advance(25);
    expect(await it.take('t', 1, limit)).toBe(1);
    expect(asked).toHaveLength(2);
  });

  it('lets the whole burst through when the rate is so low that one token is leased at a time', async () => {
    const slow = { eventsPerSecond: 1, burst: 5 };
    const { keeper: it } = keeper(5);
    const answers: number[] = [];
    for (let count = 0; count < 6; count++) answers.push(await it.take('t', 1, slow));
    expect(answers).toEqual([1, 1, 1, 1, 1, 0]);
  });

  it('loses tokens that nobody used for a second', async () => {
    const { keeper: it, clock, asked } = keeper(1_000);
    await it.take('t', 1, limit);
    clock.advance(1_001);
    await it.take('t', 1, limit);
    expect(asked).toHaveLength(2);
  });

  it('holds the limit alone while the store is away, and asks again after a second', async () => {
    const { keeper: it, clock, asked, state, failures } = keeper(1_000, { away: true });
    let granted = 0;
    for (let round = 0; round < 500; round++) granted += await it.take('t', 1, limit);
    expect(granted).toBe(100);
    expect(failures).toHaveLength(1);
    clock.advance(500);
    expect(await it.take('t', 100, limit)).toBe(50);
    state.away = false;
    clock.advance(600);
    await it.take('t', 1, limit);
    expect(asked).toHaveLength(1);
  });
});
