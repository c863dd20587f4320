import { afterEach, describe, expect, it } from '@jest/globals';
import type { AppendRecord, LogRecord } from '@hooklane/event-log';
import { eventually, testClock } from '@hooklane/testkit';
import { embeddedHarness, type EmbeddedHarness } from './harness.js';

const RETENTION_MS = 7 * 86_400_000;
const SEGMENT_MS = RETENTION_MS / 7;
const topics = [
  { name: 'events', partitions: 1, compacted: false, retentionMs: RETENTION_MS },
  { name: 'requests', partitions: 1, compacted: false, retentionMs: RETENTION_MS },
  { name: 'table', partitions: 1, compacted: true, retentionMs: null },
];

describe('retention of the embedded log', () => {
  let harness: EmbeddedHarness;
  afterEach(() => harness.dispose());

  const clock = testClock();
  const open = async (): Promise<void> => {
    // No memory to speak of, so that everything is read from the tables.
    harness = await embeddedHarness({ topics, clock, tailBytes: 0 });
  };
  const event = async (value: string): Promise<AppendRecord & { offset: number; value: Buffer }> => {
    const record = { topic: 'events', partition: 0, key: null, value: Buffer.from(value) };
    const [offset = -1] = await harness.log.append([record]);
    return { ...record, offset };
  };
  const request = (attachment: NonNullable<AppendRecord['attachment']>): Promise<readonly number[]> => harness.log.append([{ topic: 'requests', partition: 0, key: null, value: Buffer.from('r'), attachment }]);
  const read = async (topic: string): Promise<LogRecord[]> => {
    const found: LogRecord[] = [];
    for await (const records of harness.log.read({ topic, partition: 0, from: 0, to: Infinity })) found.push(...records);
    return found;
  };
  const days = async (count: number): Promise<void> => {
    clock.advance(count * SEGMENT_MS);
    await harness.log.maintain();
  };
  const segmentTables = async (): Promise<unknown[]> => (await harness.sql(`SELECT relname FROM pg_class WHERE relname ~ '^records_[0-9]+$' ORDER BY oid`)).map((row) => row['relname']);

  it('drops what is over and goes on with the offsets', async () => {
    await open();
    for (let day = 0; day < 12; day += 1) {
      await event(`day ${day}`);
      await days(1);
    }
    const [bounds] = await harness.log.bounds('events');
    expect(bounds?.next).toBe(12);
    // Of day 11 the segment was closed just now; seven more are within their retention.
    expect((await read('events')).map((one) => one.value.toString())).toEqual([5, 6, 7, 8, 9, 10, 11].map((day) => `day ${day}`));
    expect(bounds?.first).toBe(5);
    expect(await segmentTables()).toHaveLength(9);
    await days(20);
    expect((await harness.log.bounds('events'))[0]).toEqual({ first: 12, next: 12 });
    expect(await segmentTables()).toHaveLength(2);
    await harness.reopen();
    expect((await event('afterwards')).offset).toBe(12);
    expect((await read('events')).map((one) => one.value.toString())).toEqual(['afterwards']);
  });

  it('keeps what a kept record refers to, by a reference or, when it would go first, by a copy', async () => {
    await open();
    const old = await event('old');
    await days(1);
    const recent = await event('recent');
    await days(1);
    await request(old);
    await request(recent);
    const fresh = await event('fresh');
    await request(fresh);
    for (let day = 0; day < 8; day += 1) {
      expect((await read('requests')).map((one) => one.attachment?.toString())).toEqual(['old', 'recent', 'fresh']);
      await days(1);
    }
    expect(await read('requests')).toEqual([]);
  });

  it('keeps the newest record of each key of a table for ever', async () => {
    await open();
    const keyed = (key: string, value: string): AppendRecord => ({ topic: 'table', partition: 0, key, value: Buffer.from(value) });
    for (let round = 0; round < 30; round += 1) await harness.log.append(Array.from({ length: 50 }, (_, key) => keyed(`k${key}`, String(round))));
    await days(40);
    const kept = await read('table');
    expect(kept).toHaveLength(50);
    expect(kept.every((one) => one.value.toString() === '29')).toBe(true);
    expect((await harness.log.append([keyed('k0', '30')]))[0]).toBe(1_500);
    expect((await read('table')).map((one) => one.offset)).toEqual(Array.from({ length: 51 }, (_, index) => 1_450 + index));
  });

  it('says that records are lost when a chunk is gone that should be there', async () => {
    await open();
    for (const value of ['a', 'b', 'c']) await event(value);
    await harness.sql(`DELETE FROM event_log.records_1 WHERE base = 1`);
    const failures: unknown[] = [];
    const seen: string[] = [];
    const subscription = harness.log.subscribe({
      group: 'readers',
      topics: ['events'],
      mode: 'share',
      assigned: async (partitions) => partitions.map(() => 'beginning'),
      revoked: async () => undefined,
      handle: async (batch) => void seen.push(...batch.records.map((one) => one.value.toString())),
      failed: (failure) => failures.push(failure),
    });
    await eventually(() => failures.length > 0, 'the gap is reported');
    expect(failures).toEqual([{ topic: 'events', partition: 0, kind: 'gap', firstOffset: 1, lastOffset: 1 }]);
    expect(seen).toEqual(['a']);
    await subscription.close();
  });
});
