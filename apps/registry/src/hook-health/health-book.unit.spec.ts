import { describe, expect, it } from '@jest/globals';
import { DeliveryOutcome } from '@hooklane/contracts/topics';
import { HealthBook, type HealthStore } from './health-book.js';
import type { HealthState } from './health-fold.js';

const empty = DeliveryOutcome.decode(new Uint8Array());
const success = (hookId: string, ownerSequence: number): DeliveryOutcome => ({ ...empty, hookId, ownerEpoch: 1, ownerSequence, enabledEpoch: 1, trigger: 'event', atMs: ownerSequence, attempt: { outcomeClass: 'success' } as DeliveryOutcome['attempt'] });

function store(): HealthStore & { writes: { healths: string[]; positions: [number, number][] }[]; fail: boolean; loads: number } {
  const kept = new Map<string, HealthState>();
  const self = {
    writes: [] as { healths: string[]; positions: [number, number][] }[],
    fail: false,
    loads: 0,
    load: async (ids: readonly string[]) => {
      self.loads += 1;
      return new Map(ids.flatMap((id) => (kept.has(id) ? [[id, kept.get(id)!] as const] : [])));
    },
    write: async (healths: readonly HealthState[], positions: ReadonlyMap<number, number>) => {
      if (self.fail) throw new Error('away');
      for (const health of healths) kept.set(health.hookId, health);
      self.writes.push({ healths: healths.map(({ hookId, ownerSequence }) => `${hookId}@${ownerSequence}`), positions: [...positions] });
    },
  };
  return self;
}

describe('health book', () => {
  it('writes one row a hook, however many outcomes there were, with the position', async () => {
    const kept = store();
    const book = new HealthBook(kept);
    for (let batch = 0; batch < 10; batch += 1) await book.fold(3, Array.from({ length: 100 }, (_, index) => success(`h${index % 2}`, batch * 100 + index + 1)), (batch + 1) * 100);
    await book.flush();
    expect(kept.writes).toEqual([{ healths: ['h0@999', 'h1@1000'], positions: [[3, 1_000]] }]);
    expect(kept.loads).toBe(1);
    await book.flush();
    expect(kept.writes.length).toBe(1);
  });

  it('keeps what could not be written, and never writes a position without the healths up to it', async () => {
    const kept = store();
    const book = new HealthBook(kept);
    await book.fold(1, [success('a', 1)], 1);
    kept.fail = true;
    await expect(book.flush()).rejects.toThrow('away');
    await book.fold(2, [success('b', 1)], 5);
    book.forget([2]);
    kept.fail = false;
    await book.flush();
    expect(kept.writes).toEqual([{ healths: ['a@1'], positions: [[1, 1]] }]);
  });

  it('reads again what it forgot', async () => {
    const kept = store();
    const book = new HealthBook(kept);
    await book.fold(1, [success('a', 5)], 1);
    await book.flush();
    book.forget([1]);
    await book.fold(1, [success('a', 4)], 2);
    await book.flush();
    expect(kept.writes.at(-1)).toEqual({ healths: [], positions: [[1, 2]] });
  });
});
