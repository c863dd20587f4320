#!/usr/bin/env node
// How fast the log on Kafka appends and hands over. On demand, after a build: node bench/append.bench.js [--seconds 3] [--bytes 1024] [--only append|consume|path]
// Against a broker of its own, or the one KAFKA_BROKERS names (a topic prefix of its own; the topics stay).
import { benchSettings, LogBench } from '@hooklane/event-log/bench';
import { startKafka } from '@hooklane/testkit';
import { ensureTopics, openKafkaLog } from '../dist/index.js';

const { seconds, value, wants } = benchSettings();
const PARTITIONS = 8;
const topics = ['events', 'requests', 'outcomes'].map((name) => ({ name, shape: 'stream', retentionMs: 3_600_000 }));
const topicPrefix = `bench-${process.pid}.`;

const given = process.env['KAFKA_BROKERS'];
const kafka = given ? { brokers: given.split(','), pids: () => [], stop: async () => undefined } : await startKafka();
const connection = { brokers: kafka.brokers, clientId: 'bench', onLog: ({ level, message, fields }) => level === 'error' && console.error(message, fields) };
await ensureTopics(connection, { topicPrefix, topics, partitions: PARTITIONS, replicationFactor: 1, minInsyncReplicas: 1, allowSingleCopy: true });
const log = await openKafkaLog({ ...connection, topicPrefix, topics });
const bench = new LogBench({ log, value, print: console.log, server: { name: 'broker', pid: kafka.pids()[0] ?? null } });

await bench.appends(64, 1);
if (wants('append')) {
  bench.heading(`appends of one record of ${value.length} bytes, ${PARTITIONS} partitions, n waiting at a time`, 'waiting', 'rec');
  for (const count of [1, 16, 64, 256, 2_000]) bench.print(count, await bench.appends(count, seconds));
}
if (wants('consume')) {
  bench.heading('handing over what is in the log', '', 'rec');
  bench.print('', await consume());
}
if (wants('path')) {
  bench.heading('three dependent appends driven by subscriptions (append → handler → append → handler → append → handler), n events under way or a given rate', 'under way', 'ev');
  for (const count of [1, 64, 256]) bench.print(count, await bench.path(count, 0, seconds));
  for (const rate of [200, 1_000]) bench.print(`${rate}/s`, await bench.path(0, rate, seconds));
}
await log.close(5_000);
await kafka.stop();

async function consume() {
  const total = (await log.bounds('events')).reduce((sum, { first, next }) => sum + next - first, 0);
  let subscription;
  const result = await bench.measured(async () => {
    let done = 0;
    await new Promise((resolve) => {
      subscription = bench.follow('events', 'beginning', async ({ records }) => {
        done += records.length;
        if (done >= total) resolve();
      });
    });
    return done;
  });
  await subscription.close();
  return result;
}
