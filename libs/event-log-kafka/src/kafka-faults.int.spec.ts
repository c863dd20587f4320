import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import type { EventLogConnection, LogRecord } from '@hooklane/event-log';
import { eventuallyPasses, startKafka, type KafkaCluster } from '@hooklane/testkit';
import { openKafkaLog } from './open-kafka-log.js';
import type { KafkaLogEntry, KafkaTopic } from './settings.js';
import { ensureTopics } from './topics/manage-topics.js';

jest.setTimeout(180_000);

const PARTITIONS = 6;
/** Long enough for the brokers that are left to notice, and for several rounds of kafkajs's own retries. */
const OUTVOTED_MS = 6_000;
const topics: KafkaTopic[] = ['killed', 'led', 'away', 'outvoted'].map((name) => ({ name, shape: 'stream', retentionMs: 3_600_000 }));
const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

async function readAll(log: EventLogConnection, topic: string): Promise<LogRecord[]> {
  const found: LogRecord[] = [];
  const bounds = await log.bounds(topic);
  for (const [partition, { first, next }] of bounds.entries()) {
    for await (const records of log.read({ topic, partition, from: first, to: next })) found.push(...records);
  }
  return found;
}

/** Appends numbered records to every partition until `stop`, with up to 50 calls waiting; every offset that was acknowledged is noted. */
function appendUntil(log: EventLogConnection, topic: string): { readonly acknowledged: Map<string, number>; stop(): Promise<void> } {
  const acknowledged = new Map<string, number>();
  const waiting = new Set<Promise<void>>();
  let stopped = false;
  const writing = (async () => {
    for (let number = 0; !stopped; number++) {
      const partition = number % PARTITIONS;
      const appended = log
        .append([0, 1].map((item) => ({ topic, partition, key: null, value: Buffer.from(`${number}.${item}`) })))
        .then((offsets) => offsets.forEach((offset, item) => acknowledged.set(`${number}.${item}`, offset)))
        .finally(() => waiting.delete(appended));
      waiting.add(appended);
      if (waiting.size >= 50) await Promise.race(waiting);
      else if (number % 10 === 0) await pause(1);
    }
    await Promise.all(waiting);
  })();
  return {
    acknowledged,
    stop: () => {
      stopped = true;
      return writing;
    },
  };
}

/** Nothing lost, nothing twice, nothing out of order: the log holds exactly what was acknowledged, where it was acknowledged, in the order of the calls. */
async function expectExactly(log: EventLogConnection, topic: string, acknowledged: ReadonlyMap<string, number>): Promise<void> {
  const found = await readAll(log, topic);
  expect(found.map((record) => record.value.toString()).sort()).toEqual([...acknowledged.keys()].sort());
  for (const record of found) expect(acknowledged.get(record.value.toString())).toBe(record.offset);
  expectInOrder(found);
}

function expectInOrder(records: readonly LogRecord[]): void {
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const numbers = records.filter((record) => record.partition === partition).map((record) => Number(record.value.toString().replace('.', '')));
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  }
}

/** As above, but for records that stand there twice, the second one behind the first: readers drop those by their marks. */
async function expectAtLeast(log: EventLogConnection, topic: string, acknowledged: ReadonlyMap<string, number>): Promise<void> {
  const found = await readAll(log, topic);
  const first = new Map<string, LogRecord>();
  for (const record of found) if (!first.has(record.value.toString())) first.set(record.value.toString(), record);
  expect([...first.keys()].sort()).toEqual([...acknowledged.keys()].sort());
  expectInOrder([...first.values()]);
}

describe('one broker', () => {
  let kafka: KafkaCluster;
  let log: EventLogConnection;
  beforeAll(async () => {
    kafka = await startKafka();
    const connection = { brokers: kafka.brokers, clientId: 'faults' };
    await ensureTopics(connection, { topicPrefix: '', topics, partitions: PARTITIONS, replicationFactor: 1, minInsyncReplicas: 1, allowSingleCopy: true });
    log = await openKafkaLog({ ...connection, topicPrefix: '', topics });
  });
  afterAll(async () => {
    await log?.close(1_000);
    await kafka?.stop();
  });

  it('loses, repeats and reorders nothing when the broker is killed while it is written to', async () => {
    const writer = appendUntil(log, 'killed');
    for (let round = 0; round < 3; round++) {
      const before = writer.acknowledged.size;
      while (writer.acknowledged.size < before + 400) await pause(20);
      await kafka.kill9(0);
      await kafka.restart(0);
    }
    await pause(500);
    await writer.stop();
    expect(writer.acknowledged.size).toBeGreaterThan(1_000);
    await expectExactly(log, 'killed', writer.acknowledged);
  });

  it('heals by itself after the broker was away for ten seconds: says so, keeps what waits, and goes on reading', async () => {
    const read: string[] = [];
    const subscription = log.subscribe({
      group: 'away',
      topics: ['away'],
      mode: 'share',
      assigned: (partitions) => Promise.resolve(partitions.map(() => 'committed' as const)),
      revoked: () => Promise.resolve(),
      handle: (batch) => Promise.resolve(void read.push(...batch.records.map((record) => record.value.toString()))),
      failed: () => undefined,
    });
    await subscription.started;
    const append = (value: string): Promise<unknown> => log.append([{ topic: 'away', partition: 0, key: null, value: Buffer.from(value) }]);
    await append('before');
    await kafka.kill9(0);
    const during = append('during');
    await pause(10_000);
    expect(log.health().ready).toBe(false);
    await kafka.restart(0);
    await during;
    await append('after');
    while (!read.includes('after')) await pause(20);
    expect(read.filter((value, index) => read.indexOf(value) === index)).toEqual(['before', 'during', 'after']);
    while (!log.health().ready) await pause(20);
    await subscription.close();
  });
});

describe('three brokers', () => {
  let kafka: KafkaCluster;
  let log: EventLogConnection;
  beforeAll(async () => {
    kafka = await startKafka({ nodes: 3 });
    const connection = { brokers: kafka.brokers, clientId: 'leaders' };
    await ensureTopics(connection, { topicPrefix: '', topics, partitions: PARTITIONS, replicationFactor: 3, minInsyncReplicas: 2, allowSingleCopy: false });
    log = await openKafkaLog({ ...connection, topicPrefix: '', topics });
  });
  afterAll(async () => {
    await log?.close(1_000);
    await kafka?.stop();
  });

  it('loses, repeats and reorders nothing when partitions move to another leader', async () => {
    const admin = new Kafka({ brokers: [...kafka.brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const leaders = async (): Promise<number[]> => (await admin.fetchTopicMetadata({ topics: ['led'] })).topics[0]?.partitions.map(({ leader }) => leader) ?? [];
    const before = await leaders();
    expect(new Set(before).size).toBe(3);
    const writer = appendUntil(log, 'led');
    await pause(500);
    await kafka.kill9(1);
    await pause(4_000);
    expect(await leaders()).not.toEqual(before);
    await kafka.restart(1);
    await pause(500);
    await kafka.freeze(2);
    await pause(3_000);
    await kafka.thaw(2);
    await pause(1_000);
    await writer.stop();
    await admin.disconnect();
    await expectExactly(log, 'led', writer.acknowledged);
  });
});

describe('three brokers behind proxies, which accept a connection and close it when the broker is away', () => {
  let kafka: KafkaCluster;
  let log: EventLogConnection;
  const said: KafkaLogEntry[] = [];
  beforeAll(async () => {
    kafka = await startKafka({ nodes: 3, proxied: true });
    const connection = { brokers: kafka.brokers, clientId: 'outvoted' };
    await ensureTopics(connection, { topicPrefix: '', topics, partitions: PARTITIONS, replicationFactor: 3, minInsyncReplicas: 2, allowSingleCopy: false });
    log = await openKafkaLog({ ...connection, topicPrefix: '', topics, onLog: (entry) => void said.push(entry) });
  });
  afterAll(async () => {
    await log?.close(1_000);
    await kafka?.stop();
  });

  it('loses and reorders nothing when two of three are killed and come back, round after round', async () => {
    const writer = appendUntil(log, 'outvoted');
    for (const [one, other] of [[0, 1], [1, 2], [2, 0]] as const) {
      const before = writer.acknowledged.size;
      while (writer.acknowledged.size < before + 400) await pause(20);
      await Promise.all([kafka.kill9(one), kafka.kill9(other)]);
      await pause(OUTVOTED_MS);
      await Promise.all([kafka.restart(one), kafka.restart(other)]);
      await kafka.inSync();
      // kafkajs asks who leads every nine seconds at the latest, so whatever is right by then comes back within them.
      await eventuallyPasses(() => expect(log.health()).toEqual({ ready: true, reason: '' }), 60_000);
    }
    await writer.stop();
    expect(said.filter(({ message }) => message.includes('is replaced'))).toEqual([]);
    // Where no majority is left on a busy machine, kafkajs has been seen to write a batch again under another producer id: then it stands there twice.
    await expectAtLeast(log, 'outvoted', writer.acknowledged);
  });
});
