import { describe, expect, it } from '@jest/globals';
import { DeliveriesRequested } from '@hooklane/contracts/topics';
import { endOfCatchUp, replayRecords, type NumberedItem } from './replay-records.js';

const item = (position: number, hookId: string, part: Partial<NumberedItem> = {}): NumberedItem => ({ replayId: 'rpl_1', tenantId: 'acme', kind: 'replay', position, hookId, hookVersion: 4, eventId: `evt_${position}`, acceptedAtMs: 1, ...part });
const requestOf = (value: Uint8Array) => DeliveriesRequested.decode(value).kind?.value;

describe('replayRecords', () => {
  it('puts the hooks of an event into one record, in their order, with the event\'s bytes', () => {
    const event = Buffer.from('bytes');
    const [batch, ...others] = replayRecords(2, [item(7, 'hook_1'), item(7, 'hook_2'), item(8, 'hook_1')].map((each) => ({ item: each, event })));
    expect(others).toEqual([]);
    expect(batch?.items).toHaveLength(3);
    expect(batch?.records.map(({ value }) => requestOf(value))).toEqual([
      { tenantId: 'acme', eventId: 'evt_7', sourceStream: 'replay/2', sourcePosition: 7, hooks: [{ hookId: 'hook_1', version: 4 }, { hookId: 'hook_2', version: 4 }], trigger: 'replay', replayId: 'rpl_1' },
      { tenantId: 'acme', eventId: 'evt_8', sourceStream: 'replay/2', sourcePosition: 8, hooks: [{ hookId: 'hook_1', version: 4 }], trigger: 'replay', replayId: 'rpl_1' },
    ]);
    expect(batch?.records.every(({ attachment, partition }) => attachment?.value === event && partition === 2)).toBe(true);
  });

  it('appends no more at once than a producer takes at once', () => {
    const event = Buffer.alloc(200 * 1024);
    const batches = replayRecords(0, [1, 2, 3].map((position) => ({ item: item(position, 'hook_1'), event })));
    expect(batches.map(({ records }) => records.length)).toEqual([1, 1, 1]);
    expect(batches.map(({ items }) => items.map(({ position }) => position))).toEqual([[1], [2], [3]]);
  });
});

describe('endOfCatchUp', () => {
  it('names the hook and the epoch, the same however often it is written', () => {
    const opening = { hookId: 'hook_1', epoch: 5, partition: 3, commandOffset: 9 };
    const { partition, value } = endOfCatchUp('acme', opening, 'done', 1);
    expect(partition).toBe(3);
    expect(requestOf(value)).toMatchObject({ kind: 'end-catch-up', tenantId: 'acme', hookId: 'hook_1', epoch: 5 });
    expect(requestOf(endOfCatchUp('acme', opening, 'done', 2).value)).toMatchObject({ commandId: 'end/catch-up/hook_1/5' });
  });
});
