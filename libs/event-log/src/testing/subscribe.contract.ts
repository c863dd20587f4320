import { describe, expect, it } from '@jest/globals';
import { eventually } from '@hooklane/testkit';
import type { RecordBatch } from '../event-log.js';
import { gate, type EventLogHarness } from './harness.js';
import { join, record } from './member.js';

export function subscribeContract(harness: () => EventLogHarness): void {
  const append = (topic: string, partition: number, ...values: string[]): Promise<readonly number[]> => harness().log.append(values.map((value) => record(topic, partition, value)));

  describe('subscribe', () => {
    it('hands every record of every partition to the only member of a group, in order, one batch of a partition at a time', async () => {
      const topic = 'contract.share';
      await append(topic, 0, 'a', 'b');
      const atOnce = new Map<number, number>();
      let most = 0;
      const member = join(harness().log, 'contract-share', topic, {
        handle: async (batch: RecordBatch) => {
          atOnce.set(batch.partition, (atOnce.get(batch.partition) ?? 0) + 1);
          most = Math.max(most, ...atOnce.values());
          await new Promise((resolve) => setImmediate(resolve));
          atOnce.set(batch.partition, (atOnce.get(batch.partition) ?? 0) - 1);
        },
      });
      await member.subscription.started;
      expect(member.owned()).toEqual([0, 1, 2]);
      expect(member.committed).toEqual([null, null, null]);
      const appended = Array.from({ length: 50 }, (_, index) => append(topic, index % 3, `n${index}`));
      await Promise.all(appended);
      await eventually(() => member.records.length >= 52, 'all records');
      expect(member.values(0)).toEqual(['a', 'b', ...Array.from({ length: 50 }, (_, index) => index).filter((index) => index % 3 === 0).map((index) => `n${index}`)]);
      expect(member.records).toHaveLength(52);
      expect(most).toBe(1);
      for (const batch of member.batches) expect(batch.endOffset).toBeGreaterThan(batch.records[batch.records.length - 1]?.offset ?? Infinity);
      await member.subscription.close();
    });

    it('hands everything to each subscriber in mode everything', async () => {
      const topic = 'contract.everything';
      await append(topic, 1, 'a');
      const members = ['x', 'y'].map((name) => join(harness().log, `contract-everything-${name}`, topic, { mode: 'everything', start: 'beginning' }));
      await Promise.all(members.map((member) => member.subscription.started));
      await append(topic, 2, 'b');
      await eventually(() => members.every((member) => member.records.length === 2), 'both records at both');
      for (const member of members) expect(member.owned()).toEqual([0, 1, 2]);
      await Promise.all(members.map((member) => member.subscription.close()));
    });

    it('begins where assigned says: the beginning, the end, an offset, or the committed position', async () => {
      const topic = 'contract.positions';
      for (const partition of [0, 1, 2]) await append(topic, partition, 'a', 'b', 'c');
      const { next = 0 } = (await harness().log.bounds(topic))[2] ?? {};
      const member = join(harness().log, 'contract-positions', topic, {
        assigned: async (partitions) => partitions.map(({ partition }) => (partition === 0 ? 'beginning' : partition === 1 ? 'end' : { offset: next - 1 })),
      });
      await member.subscription.started;
      for (const partition of [0, 1, 2]) await append(topic, partition, 'd');
      await eventually(() => member.records.length >= 7, 'all expected records');
      expect([0, 1, 2].map((partition) => member.values(partition).join(''))).toEqual(['abcd', 'd', 'cd']);
      await member.subscription.close();
    });

    it('asks for the assignment again when it was rejected', async () => {
      const topic = 'contract.retried';
      await append(topic, 0, 'a');
      let refusals = 0;
      const member = join(harness().log, 'contract-retried', topic, {
        assigned: async (partitions) => {
          refusals += 1;
          if (refusals === 1) throw new Error('the database is away');
          return partitions.map(() => 'beginning');
        },
      });
      await eventually(() => member.values().includes('a'), 'the record after the second try');
      expect(refusals).toBe(2);
      await member.subscription.close();
    });

    it('stores committed positions with their metadata, and goes on there', async () => {
      const topic = 'contract.commit';
      const group = 'contract-commit';
      const offsets = await append(topic, 0, 'a', 'b', 'c');
      const first = join(harness().log, group, topic);
      await first.subscription.started;
      await eventually(() => first.records.length === 3, 'the first three');
      const position = { topic, partition: 0, offset: offsets[1] ?? 0, metadata: '{"marks":"ü"}' };
      await first.subscription.commit([{ ...position, offset: offsets[0] ?? 0, metadata: 'older' }]);
      await first.subscription.commit([position]);
      await first.subscription.close();
      await harness().reopen();
      const second = join(harness().log, group, topic);
      await second.subscription.started;
      await eventually(() => second.records.length >= 2, 'what was not committed');
      expect(second.committed.filter((one) => one !== null)).toEqual([position]);
      expect(second.values(0)).toEqual(['b', 'c']);
      await second.subscription.close();
    });

    it('lets the other partitions go on while one handler is slow', async () => {
      const topic = 'contract.slow';
      const hold = gate();
      const member = join(harness().log, 'contract-slow', topic, { handle: (batch) => (batch.partition === 0 ? hold.passed : Promise.resolve()) });
      await member.subscription.started;
      await append(topic, 0, 'held');
      await eventually(() => member.batches.length === 1, 'the slow handler runs');
      for (let round = 0; round < 20; round += 1) await append(topic, 1 + (round % 2), `n${round}`);
      await eventually(() => member.records.length === 20, 'the other partitions');
      await append(topic, 0, 'behind');
      expect(member.batches.filter((batch) => batch.partition === 0)).toHaveLength(1);
      hold.open();
      await eventually(() => member.values(0).length === 2, 'the slow partition goes on');
      expect(member.values(0)).toEqual(['held', 'behind']);
      await member.subscription.close();
    });

    it('waits for running handlers when it is closed, and hands nothing over afterwards', async () => {
      const topic = 'contract.close';
      const hold = gate();
      const member = join(harness().log, 'contract-close', topic, { handle: () => hold.passed });
      await member.subscription.started;
      await append(topic, 0, 'a');
      await eventually(() => member.batches.length === 1, 'the handler runs');
      let closed = false;
      const closing = member.subscription.close().then(() => (closed = true));
      await append(topic, 0, 'b');
      await append(topic, 1, 'c');
      expect(closed).toBe(false);
      hold.open();
      await closing;
      expect(member.values()).toEqual(['a']);
      expect(member.batches).toHaveLength(1);
    });

    it('goes on at the committed position when a member comes again', async () => {
      const topic = 'contract.again';
      const group = 'contract-again';
      const first = join(harness().log, group, topic, { commits: true });
      await first.subscription.started;
      const [offset = 0] = await append(topic, 0, 'a');
      await eventually(() => first.records.length === 1, 'the first record');
      await first.subscription.commit([{ topic, partition: 0, offset: offset + 1, metadata: '' }]);
      await first.subscription.close();
      await append(topic, 0, 'b');
      const second = join(harness().log, group, topic);
      await eventually(() => second.records.length >= 1, 'the record appended meanwhile');
      expect(second.values()).toEqual(['b']);
      await second.subscription.close();
    });

    it('shares the partitions among the members of a group, and shares them anew when one leaves', async () => {
      const topic = 'contract.members';
      const group = 'contract-members';
      const a = join(harness().log, group, topic, { commits: true });
      await a.subscription.started;
      expect(a.owned()).toEqual([0, 1, 2]);
      const b = join(harness().log, group, topic, { commits: true });
      await eventually(() => b.owned().length > 0 && a.owned().length > 0 && a.owned().length + b.owned().length === 3, 'both own something');
      expect([...a.owned(), ...b.owned()].sort()).toEqual([0, 1, 2]);
      for (const partition of [0, 1, 2]) await append(topic, partition, `p${partition}`);
      await eventually(() => new Set([...a.values(), ...b.values()]).size === 3, 'all records, wherever');
      for (const partition of b.owned()) expect(b.values(partition)).toEqual([`p${partition}`]);
      await b.subscription.close();
      await eventually(() => a.owned().length === 3, 'the one that stays owns all');
      for (const partition of [0, 1, 2]) await append(topic, partition, `q${partition}`);
      await eventually(() => ['q0', 'q1', 'q2'].every((value) => a.values().includes(value)), 'the rest at the one that stays');
      await a.subscription.close();
    });

    it('reads again from where seek points', async () => {
      const topic = 'contract.seek';
      const offsets = await append(topic, 0, 'a', 'b', 'c');
      const member = join(harness().log, 'contract-seek', topic);
      await eventually(() => member.records.length === 3, 'all three');
      member.subscription.seek({ topic, partition: 0, offset: offsets[1] ?? 0 });
      await eventually(() => member.records.length >= 5, 'the last two again');
      expect(member.values()).toEqual(['a', 'b', 'c', 'b', 'c']);
      await member.subscription.close();
    });

    it('stops a partition whose next records are gone and says which, and goes on after a seek', async () => {
      const topic = 'contract.gap';
      const group = 'contract-gap';
      const offsets = await append(topic, 0, 'a', 'b', 'c', 'd', 'e');
      const first = join(harness().log, group, topic);
      await eventually(() => first.records.length === 5, 'all five');
      await first.subscription.commit([{ topic, partition: 0, offset: offsets[1] ?? 0, metadata: '' }]);
      await first.subscription.close();
      await harness().truncate(topic, 0, offsets[3] ?? 0);
      expect((await harness().log.bounds(topic))[0]?.first).toBe(offsets[3]);
      const second = join(harness().log, group, topic);
      await eventually(() => second.failures.length > 0, 'the gap is reported');
      expect(second.failures).toEqual([{ topic, partition: 0, kind: 'gap', firstOffset: offsets[1], lastOffset: (offsets[3] ?? 0) - 1 }]);
      await append(topic, 1, 'elsewhere');
      await eventually(() => second.values(1).length === 1, 'the other partitions go on');
      expect(second.values(0)).toEqual([]);
      second.subscription.seek({ topic, partition: 0, offset: offsets[3] ?? 0 });
      await eventually(() => second.values(0).length === 2, 'what is left');
      expect(second.values(0)).toEqual(['d', 'e']);
      await second.subscription.close();
    });

    it('stops a partition whose handler rejects, and only that one', async () => {
      const topic = 'contract.rejects';
      const member = join(harness().log, 'contract-rejects', topic, {
        handle: async (batch) => {
          if (batch.partition === 0) throw new Error('a mistake');
        },
      });
      await member.subscription.started;
      const [offset = 0] = await append(topic, 0, 'a');
      await eventually(() => member.failures.length === 1, 'the failure');
      expect(member.failures[0]).toMatchObject({ topic, partition: 0, kind: 'handler-rejected', firstOffset: offset, lastOffset: offset });
      await append(topic, 0, 'b');
      await append(topic, 1, 'c');
      await eventually(() => member.values(1).length === 1, 'the other partition');
      expect(member.batches.filter((batch) => batch.partition === 0)).toHaveLength(1);
      await member.subscription.close();
    });
  });
}
