import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LogRecord, RecordBatch } from '@hooklane/event-log';
import { embeddedHarness, type EmbeddedHarness } from './harness.js';

const DAY_MS = 86_400_000;
const topics = ['events', 'requests'].map((name) => ({ name, partitions: 1, compacted: false, retentionMs: DAY_MS }));

describe('the newest records in memory', () => {
  let harness: EmbeddedHarness;
  beforeEach(async () => {
    harness = await embeddedHarness({ topics });
  });
  afterEach(() => harness.dispose());

  const append = (topic: string, value: Buffer, attachment?: LogRecord): Promise<readonly number[]> => harness.log.append([{ topic, partition: 0, key: null, value, ...(attachment ? { attachment } : {}) }]);
  const read = async (topic: string, from = 0): Promise<LogRecord[]> => {
    const found: LogRecord[] = [];
    for await (const records of harness.log.read({ topic, partition: 0, from, to: 1_000 })) found.push(...records);
    return found;
  };

  it('keep nothing of what was around a value when it was appended', async () => {
    const large = Buffer.alloc(60_000, 'x');
    await append('events', large.subarray(100, 300));
    await append('events', Buffer.from('small, and so a part of the pool of Node'));
    const [ofLarge, ofPool] = await read('events');
    expect(ofLarge?.value.equals(large.subarray(100, 300))).toBe(true);
    expect(ofLarge?.value.buffer.byteLength).toBeLessThan(400);
    expect(ofPool?.value.buffer.byteLength).toBeLessThan(200);
  });

  it('go when what they refer to, and no longer stands beside them, would be more than is allowed', async () => {
    await harness.dispose();
    harness = await embeddedHarness({ topics, tailBytes: 40_000 });
    await append('events', Buffer.alloc(10_000, 'e'));
    const [event] = await read('events');
    // Pushes the event out of the tail.
    for (let n = 0; n < 4; n += 1) await append('events', Buffer.alloc(10_000, 'f'));
    for (let n = 0; n < 10; n += 1) await append('requests', Buffer.from(String(n)), event as LogRecord);
    const requests = await read('requests');
    expect(requests.map(({ value }) => value.toString())).toEqual(Array.from({ length: 10 }, (_, n) => String(n)));
    expect(requests.every(({ attachment }) => attachment?.equals(Buffer.alloc(10_000, 'e')))).toBe(true);
    // What comes from memory is the same object each time.
    const isInMemory = async (offset: number): Promise<boolean> => {
      const [once, again] = [await read('requests', offset), await read('requests', offset)];
      return once[0] === again[0];
    };
    expect([await isInMemory(9), await isInMemory(0)]).toEqual([true, false]);
  });

  it('are counted for a group until they are handled', async () => {
    const handed: { batch: RecordBatch; done: () => void }[] = [];
    const subscription = harness.log.subscribe({
      group: 'readers',
      topics: ['events'],
      mode: 'share',
      assigned: (partitions) => Promise.resolve(partitions.map(() => 'beginning' as const)),
      revoked: () => Promise.resolve(),
      handle: (batch) => new Promise((done) => handed.push({ batch, done })),
      failed: () => undefined,
    });
    await subscription.started;
    expect(harness.log.lag?.('readers')).toBe(0);
    await append('events', Buffer.from('a'));
    await append('events', Buffer.from('b'));
    expect(harness.log.lag?.('readers')).toBe(2);
    handed[0]?.done();
    await new Promise((resolve) => setImmediate(resolve));
    expect(harness.log.lag?.('readers')).toBe(1);
    handed[1]?.done();
    await new Promise((resolve) => setImmediate(resolve));
    expect(harness.log.lag?.('readers')).toBe(0);
    expect(harness.log.lag?.('nobody')).toBe(0);
    await subscription.close();
  });
});
