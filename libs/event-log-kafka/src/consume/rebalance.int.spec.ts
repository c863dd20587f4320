import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { EventLogConnection, Subscription, TopicPartition } from '@hooklane/event-log';
import { sharedKafka } from '@hooklane/testkit';
import { openKafkaLog } from '../open-kafka-log.js';
import type { KafkaLogSettings, KafkaTopic } from '../settings.js';
import { checkTopics, ensureTopics } from '../topics/manage-topics.js';

jest.setTimeout(60_000);

const PARTITIONS = 6;
const topics: KafkaTopic[] = [
  { name: 'work', shape: 'stream', retentionMs: 3_600_000 },
  { name: 'table', shape: 'table', retentionMs: null },
];
const topicPrefix = `rebalance-${process.pid}-${Date.now()}.`;
const plan = { topicPrefix, topics, partitions: PARTITIONS, replicationFactor: 1, minInsyncReplicas: 1, allowSingleCopy: true };

interface Member {
  readonly subscription: Subscription;
  readonly owned: Set<number>;
  /** Every call of assigned and revoked, such as "+3" and "-3". */
  readonly moves: string[];
  readonly values: string[];
}

function join(log: EventLogConnection, onHandle: () => Promise<void> = () => Promise.resolve()): Member {
  const owned = new Set<number>();
  const moves: string[] = [];
  const values: string[] = [];
  const each = (partitions: readonly TopicPartition[], act: (partition: number) => void): void => partitions.forEach(({ partition }) => act(partition));
  const subscription = log.subscribe({
    group: 'workers',
    topics: ['work'],
    mode: 'share',
    assigned: (partitions) => {
      each(partitions, (partition) => moves.push(`+${partition}`) && owned.add(partition));
      return Promise.resolve(partitions.map(() => 'committed' as const));
    },
    revoked: (partitions) => {
      each(partitions, (partition) => moves.push(`-${partition}`) && owned.delete(partition));
      return Promise.resolve();
    },
    handle: async (batch) => {
      await onHandle();
      values.push(...batch.records.map((record) => record.value.toString()));
      const last = batch.records[batch.records.length - 1];
      if (last !== undefined) void subscription.commit([{ topic: 'work', partition: batch.partition, offset: last.offset + 1, metadata: '' }]);
    },
    failed: () => undefined,
  });
  return { subscription, owned, moves, values };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((done) => setTimeout(done, 10));
}

describe('a group on Kafka', () => {
  let settings: KafkaLogSettings;
  let logs: EventLogConnection[];
  beforeAll(async () => {
    const { brokers } = await sharedKafka();
    settings = { brokers, clientId: 'rebalance', topicPrefix, topics, sessionTimeoutMs: 6_000, heartbeatIntervalMs: 200 };
    const { created, problems } = await ensureTopics(settings, plan);
    expect(created.map(({ topic, partitions }) => [topic, partitions])).toEqual([
      ['work', PARTITIONS],
      ['table', 1],
    ]);
    expect(problems).toEqual([]);
    logs = await Promise.all([openKafkaLog(settings), openKafkaLog(settings), openKafkaLog(settings)]);
  });
  afterAll(() => Promise.all((logs ?? []).map((log) => log.close(1_000))));

  it('leaves partitions that stay untouched when members come and go, and hands every record to somebody', async () => {
    const [one, two, three] = logs as [EventLogConnection, EventLogConnection, EventLogConnection];
    let stopped = false;
    let sent = 0;
    const writing = (async () => {
      for (; !stopped; sent++) await one.append([{ topic: 'work', partition: sent % PARTITIONS, key: null, value: Buffer.from(String(sent)) }]);
    })();
    const first = join(one);
    await until(() => first.owned.size === 6);
    const second = join(two);
    await until(() => first.owned.size === 3 && second.owned.size === 3);
    const third = join(three);
    await until(() => first.owned.size === 2 && second.owned.size === 2 && third.owned.size === 2);
    await third.subscription.close();
    await until(() => first.owned.size === 3 && second.owned.size === 3);
    stopped = true;
    await writing;
    const members = [first, second, third];
    await until(() => new Set(members.flatMap((member) => member.values)).size === sent);
    // 6 at the start, 3 moved for the second member, 2 for the third, 2 back: what is named here is all that moved.
    expect(first.moves.filter((move) => move.startsWith('+'))).toHaveLength(7);
    expect(first.moves.filter((move) => move.startsWith('-'))).toHaveLength(4);
    expect(second.moves.filter((move) => move.startsWith('+'))).toHaveLength(4);
    expect(second.moves.filter((move) => move.startsWith('-'))).toHaveLength(1);
    for (const partition of first.owned) expect(first.moves.filter((move) => move === `+${partition}`).length).toBeLessThanOrEqual(2);
    await Promise.all([first.subscription.close(), second.subscription.close()]);
  });

  it('rejects only the record that the broker refuses, says which, and writes those around it', async () => {
    const rejected: string[] = [];
    const log = await openKafkaLog({ ...settings, onRejected: ({ topic, partition, records, reason }) => rejected.push(`${topic}[${partition}] ${records.length} ${reason}`) });
    const append = (value: Buffer): Promise<string> => log.append([{ topic: 'work', partition: 0, key: null, value }]).then(() => 'written', (error: { code: string }) => error.code);
    const results = await Promise.all([append(Buffer.from('a')), append(Buffer.from('b')), append(Buffer.alloc(11 * 1024 * 1024)), append(Buffer.from('c'))]);
    expect(results).toEqual(['written', 'written', 'too-large', 'written']);
    expect(rejected).toHaveLength(1);
    expect(await append(Buffer.from('d'))).toBe('written');
    const { next = 0 } = (await log.bounds('work'))[0] ?? {};
    const last: string[] = [];
    for await (const records of log.read({ topic: 'work', partition: 0, from: next - 4, to: next })) last.push(...records.map((record) => record.value.toString()));
    expect(last).toEqual(['a', 'b', 'c', 'd']);
    await log.close(1_000);
  });

  it('refuses to open when partitions are not what the platform relies on, and says what differs from the plan', async () => {
    const wrong: KafkaTopic[] = [{ name: 'work', shape: 'table', retentionMs: null }];
    await expect(openKafkaLog({ ...settings, topics: wrong })).rejects.toThrow('must have one partition');
    const problems = await checkTopics(settings, { ...plan, partitions: 12, topics: [...topics, { name: 'absent', shape: 'stream', retentionMs: 1 }] });
    expect(problems.map(({ topic }) => topic)).toEqual(['absent', 'work']);
  });
});
