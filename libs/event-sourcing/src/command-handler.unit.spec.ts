import { describe, expect, it } from '@jest/globals';
import { AppError } from '@hooklane/kernel';
import { CommandHandler } from './command-handler.js';
import type { Decider } from './decider.js';
import type { EventStore, RecordedEvent } from './event-store.js';

type Added = { type: 'Added'; data: { amount: number } };
const counter: Decider<number, number, Added> = {
  initial: () => 0,
  decide: (amount) => (amount === 0 ? [] : [{ type: 'Added', data: { amount } }]),
  evolve: (total, { data }) => total + data.amount,
};
const meta = { actor: 'key:1', atMs: 1, reason: '', requestId: '' };

/** A store whose first `losses` appends lose against somebody who adds 100. */
function contestedStore(losses: number): { store: EventStore; events: RecordedEvent<Added>[] } {
  const events: RecordedEvent<Added>[] = [];
  const record = (added: readonly Added[]): RecordedEvent<Added>[] => added.map((event, index) => ({ id: events.length + index + 1, streamId: 's', version: events.length + index + 1, event, meta }));
  const store = {
    readStream: async () => [...events],
    append: async ({ events: added, within }: { events: readonly Added[]; within?: (transaction: unknown, recorded: RecordedEvent<Added>[]) => Promise<void> }) => {
      if (losses-- > 0) {
        events.push(...record([{ type: 'Added', data: { amount: 100 } }]));
        throw new AppError('conflicting-change', 'lost', { retryable: true });
      }
      const recorded = record(added);
      await within?.(null, recorded);
      events.push(...recorded);
      return recorded;
    },
  };
  return { store: store as unknown as EventStore, events };
}

describe('command handler', () => {
  it('decides again on the newer state after a conflict', async () => {
    const { store } = contestedStore(2);
    const seen: number[] = [];
    const handled = await new CommandHandler(store, counter).handle('s', (state) => (seen.push(state), 5), { meta });
    expect({ seen, state: handled.state, version: handled.version }).toEqual({ seen: [0, 100, 200], state: 205, version: 3 });
    expect(handled.history.length).toBe(3);
  });

  it('hands the conflict to the caller after twenty tries', async () => {
    const { store, events } = contestedStore(20);
    await expect(new CommandHandler(store, counter).handle('s', () => 5, { meta })).rejects.toMatchObject({ code: 'conflicting-change' });
    expect(events.length).toBe(20);
  });

  it('goes through the commands for one stream one after the other, also past one that fails', async () => {
    const { store } = contestedStore(0);
    const handler = new CommandHandler(store, counter);
    const seen: number[] = [];
    const add = (amount: number) => handler.handle('s', (state) => (seen.push(state), amount), { meta });
    const refused = handler.handle('s', () => { throw new AppError('invalid-state', 'no'); }, { meta });
    const results = await Promise.allSettled([add(1), refused, add(2), add(4)]);
    expect([seen, results.map(({ status }) => status)]).toEqual([[0, 1, 3], ['fulfilled', 'rejected', 'fulfilled', 'fulfilled']]);
  });

  it('appends nothing when nothing changes, but runs what belongs to the transaction', async () => {
    const { store, events } = contestedStore(0);
    let version = -1;
    await new CommandHandler(store, counter).handle('s', () => 0, { meta, within: async (_, handled) => void (version = handled.version) });
    expect([events.length, version]).toEqual([0, 0]);
  });
});
