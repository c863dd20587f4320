import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventMeta, EventStore, Projection, RecordedEvent } from '../event-store.js';

export interface EventStoreUnderTest<Transaction> {
  readonly store: EventStore<Transaction>;
  close(): Promise<void>;
}

const meta: EventMeta = { actor: 'key:1', atMs: 1_700_000_000_000, reason: 'because', requestId: 'req_1' };
const noted = (note: string): { type: string; data: { note: string } } => ({ type: 'Noted', data: { note } });

/** What every event store promises. `open` is given a projection that the store must run inside each append. */
export function eventStoreContract<Transaction>(name: string, open: (projection: Projection<Transaction>) => Promise<EventStoreUnderTest<Transaction>>): void {
  describe(`event store contract: ${name}`, () => {
    const projected: RecordedEvent[] = [];
    let refuseProjection = false;
    let opened: EventStoreUnderTest<Transaction>;
    let store: EventStore<Transaction>;

    beforeAll(async () => {
      opened = await open({
        apply: async (_transaction, events) => {
          if (refuseProjection) throw new Error('projection refused');
          projected.push(...events);
        },
        clear: async () => undefined,
      });
      store = opened.store;
    });
    afterAll(() => opened.close());

    it('gives back what was appended, with versions from 1 and who, when and why', async () => {
      const appended = await store.append({ streamId: 'a', expectedVersion: 0, events: [noted('one'), noted('two')], meta });
      expect(appended.map(({ version, event, meta: stored }) => [version, event, stored])).toEqual([[1, noted('one'), meta], [2, noted('two'), meta]]);
      expect(await store.readStream('a')).toEqual(appended);
      expect(await store.readStream('nothing')).toEqual([]);
    });

    it('refuses an append that expects another version, and writes nothing of it', async () => {
      await store.append({ streamId: 'b', expectedVersion: 0, events: [noted('one')], meta });
      await expect(store.append({ streamId: 'b', expectedVersion: 0, events: [noted('late'), noted('later')], meta })).rejects.toMatchObject({ code: 'conflicting-change', retryable: true });
      await expect(store.append({ streamId: 'b', expectedVersion: 2, events: [noted('early')], meta })).rejects.toMatchObject({ code: 'conflicting-change' });
      expect((await store.readStream('b')).length).toBe(1);
    });

    it('lets exactly one of concurrent appends to a version win', async () => {
      const results = await Promise.allSettled(Array.from({ length: 8 }, (_, index) => store.append({ streamId: 'c', expectedVersion: 0, events: [noted(String(index))], meta })));
      expect(results.filter(({ status }) => status === 'fulfilled').length).toBe(1);
      expect((await store.readStream('c')).length).toBe(1);
    });

    it('runs the projections in the same transaction: when one fails, nothing was appended', async () => {
      refuseProjection = true;
      await expect(store.append({ streamId: 'd', expectedVersion: 0, events: [noted('one')], meta })).rejects.toThrow('projection refused');
      refuseProjection = false;
      expect(await store.readStream('d')).toEqual([]);
      const appended = await store.append({ streamId: 'd', expectedVersion: 0, events: [noted('one')], meta });
      expect(projected.at(-1)).toEqual(appended[0]);
    });

    it('runs `within` in the same transaction, also without events', async () => {
      await expect(store.append({ streamId: 'e', expectedVersion: 0, events: [noted('one')], meta, within: () => Promise.reject(new Error('no')) })).rejects.toThrow('no');
      expect(await store.readStream('e')).toEqual([]);
      let ran = 0;
      await store.append({ streamId: 'e', expectedVersion: 0, events: [], meta, within: async () => void (ran += 1) });
      expect(ran).toBe(1);
    });

    it('reads all streams in commit order: whoever follows the ids misses nothing, however many append at once', async () => {
      const seen: number[] = [];
      let writing = true;
      const follow = async (): Promise<void> => {
        for (let last = 0; ; ) {
          const finished = !writing;
          const events = await store.readAll(last, 50);
          seen.push(...events.map(({ id }) => id));
          last = events.at(-1)?.id ?? last;
          if (finished && events.length === 0) return;
        }
      };
      const following = follow();
      await Promise.all(Array.from({ length: 40 }, (_, index) => store.append({ streamId: `many-${index}`, expectedVersion: 0, events: [noted('x'), noted('y')], meta })));
      writing = false;
      await following;
      const all = (await store.readAll(0, 10_000)).map(({ id }) => id);
      expect(seen).toEqual(all);
      expect([...all].sort((left, right) => left - right)).toEqual(all);
    });

    it('reads several streams with one question', async () => {
      const streams = await store.readStreams(['a', 'b', 'nothing']);
      expect([...streams].map(([id, events]) => [id, events.length])).toEqual([['a', 2], ['b', 1]]);
    });
  });
}
