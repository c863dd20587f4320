import { describe, expect, it } from '@jest/globals';
import { isAppError } from '@hooklane/kernel';
import { eventually } from '@hooklane/testkit';
import type { AppendRecord, LogRecord, Offset } from '../event-log.js';
import type { EventLogHarness } from './harness.js';
import { record } from './member.js';

export function appendContract(harness: () => EventLogHarness): void {
  const read = async (topic: string, partition = 0, from = 0): Promise<LogRecord[]> => {
    const bounds = await harness().log.bounds(topic);
    const found: LogRecord[] = [];
    for await (const records of harness().log.read({ topic, partition, from, to: bounds[partition]?.next ?? 0 })) found.push(...records);
    return found;
  };
  const values = async (topic: string, partition = 0): Promise<string[]> => (await read(topic, partition)).map((found) => found.value.toString());

  describe('append', () => {
    it('gives rising offsets within a partition, in the order of the records of a call', async () => {
      const topic = 'contract.offsets';
      const first = await harness().log.append([record(topic, 0, 'a'), record(topic, 1, 'b'), record(topic, 0, 'c')]);
      const second = await harness().log.append([record(topic, 0, 'd')]);
      const inPartition0 = [first[0], first[2], second[0]] as Offset[];
      expect(first).toHaveLength(3);
      expect([...inPartition0].sort((a, b) => a - b)).toEqual(inPartition0);
      expect(new Set(inPartition0).size).toBe(3);
      expect((await read(topic)).map((found) => found.offset)).toEqual(inPartition0);
      expect(await values(topic, 1)).toEqual(['b']);
      expect(await harness().log.append([])).toEqual([]);
    });

    it('keeps the order of calls per partition, and each call together, when many are made at once', async () => {
      const topic = 'contract.order';
      const calls = Array.from({ length: 300 }, (_, call) => [0, 1, 2].map((item) => record(topic, call % 2, `${call}.${item}`)));
      const offsets = await Promise.all(calls.map((call) => harness().log.append(call)));
      for (const partition of [0, 1]) {
        const expected = calls.flat().filter((sent) => sent.partition === partition).map((sent) => sent.value.toString());
        const found = await read(topic, partition);
        expect(found.map((one) => one.value.toString())).toEqual(expected);
        expect(found.map((one) => one.offset)).toEqual(offsets.filter((_, call) => call % 2 === partition).flat());
      }
    });

    it('keeps keys, headers and bytes exactly', async () => {
      const topic = 'contract.exact';
      const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
      const sent: AppendRecord[] = [
        { topic, partition: 0, key: 'ключ / 鍵', headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', 'x-ü': '' }, value: everyByte },
        { topic, partition: 0, key: '', value: Buffer.alloc(0) },
        { topic, partition: 0, key: null, value: new Uint8Array(300 * 1024).fill(7) },
        { topic, partition: 0, key: 'view', value: new Uint8Array(everyByte.buffer, everyByte.byteOffset + 10, 5) },
      ];
      const before = Date.now();
      await harness().log.append(sent);
      const found = await read(topic);
      expect(found.map(({ key, headers }) => ({ key, headers }))).toEqual(sent.map(({ key, headers }) => ({ key, headers: headers ?? {} })));
      for (const [index, one] of found.entries()) expect(Buffer.compare(one.value, sent[index]?.value ?? Buffer.alloc(1))).toBe(0);
      for (const one of found) {
        expect(one.attachment).toBeNull();
        // Brokers have a clock of their own.
        expect(Math.abs(one.timestampMs - before)).toBeLessThan(60_000);
      }
    });

    it('gives an attached value back with the record', async () => {
      const source = { ...record('contract.source', 1, 'the event'), key: 'k' };
      const [offset = 0] = await harness().log.append([source]);
      const attachment = { topic: source.topic, partition: 1, offset, value: source.value as Buffer };
      await harness().log.append([{ ...record('contract.attached', 0, 'request 1'), attachment }, { ...record('contract.attached', 2, 'request 2'), attachment }, record('contract.attached', 0, 'bare')]);
      expect((await read('contract.attached')).map((found) => [found.value.toString(), found.attachment?.toString() ?? null])).toEqual([
        ['request 1', 'the event'],
        ['bare', null],
      ]);
      await harness().reopen();
      expect((await read('contract.attached', 2)).map((found) => found.attachment?.toString())).toEqual(['the event']);
    });

    it('goes on behind what was there when it is opened again', async () => {
      const topic = 'contract.reopen';
      const [first = -1] = await harness().log.append([record(topic, 0, 'before')]);
      await harness().reopen();
      const [second = -1] = await harness().log.append([record(topic, 0, 'after')]);
      expect(second).toBeGreaterThan(first);
      expect(await values(topic)).toEqual(['before', 'after']);
    });

    it('keeps at least the newest record of each key of a table', async () => {
      const topic = 'contract.table';
      const keyed = (key: string, value: string): AppendRecord => ({ topic, partition: 0, key, value: Buffer.from(value) });
      await harness().log.append([keyed('a', '1'), keyed('b', '1')]);
      await harness().log.append([keyed('a', '2')]);
      const newest = new Map((await read(topic)).map((found) => [found.key, found.value.toString()]));
      expect(Object.fromEntries(newest)).toEqual({ a: '2', b: '1' });
    });

    it('refuses an append with log-unavailable at its deadline, never writes it, and writes what waits without one', async () => {
      const topic = 'contract.deadline';
      await harness().log.append([record(topic, 0, 'first')]);
      const outage = await harness().interrupt();
      const patient = harness().log.append([record(topic, 0, 'patient')]);
      await eventually(() => !harness().log.health().ready, 'the log says that it is not ready');
      const refused = await harness()
        .log.append([record(topic, 0, 'impatient')], { deadlineMonotonicMs: performance.now() + 200 })
        .then(() => null, (error: unknown) => error);
      expect(isAppError(refused, 'log-unavailable')).toBe(true);
      expect(isAppError(refused) && refused.retryable).toBe(true);
      expect(isAppError(refused) && refused.details['mayBeWritten']).toBe(false);
      await outage.restore();
      expect(await patient).toHaveLength(1);
      await harness().log.append([record(topic, 0, 'last')]);
      expect(await values(topic)).toEqual(['first', 'patient', 'last']);
      await eventually(() => harness().log.health().ready, 'the log says that it is ready again');
    });
  });

  describe('read and bounds', () => {
    it('reads exactly the range asked for, in order, and stops at the end', async () => {
      const topic = 'contract.read';
      const offsets = await harness().log.append(Array.from({ length: 1_500 }, (_, index) => record(topic, 1, String(index))));
      const range = async (from: number, to: number): Promise<string[]> => {
        const found: string[] = [];
        for await (const records of harness().log.read({ topic, partition: 1, from, to })) found.push(...records.map((one) => one.value.toString()));
        return found;
      };
      const all = Array.from({ length: 1_500 }, (_, index) => String(index));
      const [first = 0] = offsets;
      expect(await range(first, Number.MAX_SAFE_INTEGER)).toEqual(all);
      expect(await range(offsets[700] ?? 0, offsets[703] ?? 0)).toEqual(['700', '701', '702']);
      expect(await range(first, first)).toEqual([]);
      await harness().reopen();
      expect(await range(first, Number.MAX_SAFE_INTEGER)).toEqual(all);
      expect(await range(offsets[700] ?? 0, offsets[703] ?? 0)).toEqual(['700', '701', '702']);
    });

    it('knows the first kept and the next offset of every partition', async () => {
      const topic = 'contract.bounds';
      expect(await harness().log.bounds(topic)).toEqual([0, 1, 2].map(() => ({ first: 0, next: 0 })));
      const offsets = await harness().log.append([record(topic, 2, 'a'), record(topic, 2, 'b')]);
      expect((await harness().log.bounds(topic))[2]).toEqual({ first: 0, next: (offsets[1] ?? 0) + 1 });
      expect(harness().log.partitionsOf(topic)).toBe(3);
    });
  });
}
