#!/usr/bin/env node
// How fast the log on Kafka appends and hands over. On demand, after a build: node bench/append.bench.js [--seconds 3] [--bytes 1024] [--only append|consume|path]
// Against a broker of its own, or the one KAFKA_BROKERS names (a topic prefix of its own; the topics stay).
import { readFileSync, readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startKafka } from '@hooklane/testkit';
import { ensureTopics, openKafkaLog } from '../dist/index.js';

const { values: options } = parseArgs({ options: { seconds: { type: 'string', default: '3' }, bytes: { type: 'string', default: '1024' }, only: { type: 'string', default: '' } } });
const seconds = Number(options.seconds);
const value = Buffer.alloc(Number(options.bytes), 'x');
const PARTITIONS = 8;
const topics = ['events', 'requests', 'outcomes'].map((name) => ({ name, shape: 'stream', retentionMs: 3_600_000 }));
const topicPrefix = `bench-${process.pid}.`;

const given = process.env['KAFKA_BROKERS'];
const kafka = given ? { brokers: given.split(','), stop: async () => undefined } : await startKafka();
const connection = { brokers: kafka.brokers, clientId: 'bench', onLog: ({ level, message, fields }) => level === 'error' && console.error(message, fields) };
await ensureTopics(connection, { topicPrefix, topics, partitions: PARTITIONS, replicationFactor: 1, minInsyncReplicas: 1, allowSingleCopy: true });
const log = await openKafkaLog({ ...connection, topicPrefix, topics });
const broker = given ? 0 : javaChild();

const wanted = (what) => options.only === '' || options.only === what;
await waiting(64, 1);
if (wanted('append')) {
  console.log(`appends of one record of ${value.length} bytes, ${PARTITIONS} partitions, n waiting at a time`);
  console.log('waiting    rec/s   µs node  µs broker   p50 ms   p99 ms');
  for (const count of [1, 16, 64, 256, 2_000]) print(count, await waiting(count, seconds));
}
if (wanted('consume')) {
  console.log('\nhanding over what is in the log');
  console.log('          rec/s   µs node  µs broker   p50 ms   p99 ms');
  print('', await consume());
}
if (wanted('path')) {
  console.log('\nthree dependent appends driven by subscriptions (append → handler → append → handler → append → handler), n events under way or a given rate');
  console.log('under way  ev/s   µs node  µs broker   p50 ms   p99 ms');
  for (const count of [1, 64, 256]) print(count, await path(count, 0, seconds));
  for (const rate of [200, 1_000]) print(`${rate}/s`, await path(0, rate, seconds));
}
await log.close(5_000);
await kafka.stop();

function print(first, { done, elapsedS, nodeS, brokerS, times }) {
  times.sort((a, b) => a - b);
  const at = (q) => (times[Math.floor(times.length * q)] ?? NaN).toFixed(2);
  const per = (s) => ((s * 1e6) / done).toFixed(1);
  console.log(`${String(first).padStart(7)} ${(done / elapsedS).toFixed(0).padStart(8)} ${per(nodeS).padStart(9)} ${per(brokerS).padStart(10)} ${at(0.5).padStart(8)} ${at(0.99).padStart(8)}`);
}

async function measured(run) {
  const times = [];
  const [wall, cpu, java] = [performance.now(), process.cpuUsage(), brokerSeconds()];
  const done = await run(times);
  const used = process.cpuUsage(cpu);
  return { done, times, elapsedS: (performance.now() - wall) / 1_000, nodeS: (used.user + used.system) / 1e6, brokerS: brokerSeconds() - java };
}

function waiting(count, forS) {
  return measured(async (times) => {
    const until = performance.now() + forS * 1_000;
    let done = 0;
    const one = async (index) => {
      for (let round = index; performance.now() < until; round += 1) {
        const start = performance.now();
        await log.append([{ topic: 'events', partition: round % PARTITIONS, key: 'tenant', headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }, value }]);
        times.push(performance.now() - start);
        done += 1;
      }
    };
    await Promise.all(Array.from({ length: count }, (_, index) => one(index)));
    return done;
  });
}

function follow(topic, start, handle) {
  return log.subscribe({ group: `bench.${topic}.${start}`, topics: [topic], mode: 'share', assigned: async (ps) => ps.map(() => start), revoked: async () => undefined, handle, failed: console.error });
}

async function consume() {
  const total = (await log.bounds('events')).reduce((sum, { first, next }) => sum + next - first, 0);
  let subscription;
  const result = await measured(async () => {
    let done = 0;
    await new Promise((resolve) => {
      subscription = follow('events', 'beginning', async ({ records }) => {
        done += records.length;
        if (done >= total) resolve();
      });
    });
    return done;
  });
  await subscription.close();
  return result;
}

async function path(underWay, rate, forS) {
  // As the ConsumerRunner does: at most one commit in 100 ms.
  const positions = new Map();
  const commit = (subscription, { topic, partition, records }) => positions.set(`${topic}/${partition}`, { subscription, position: { topic, partition, offset: records[records.length - 1].offset + 1, metadata: '' } });
  const committing = setInterval(() => {
    for (const one of all) void one.commit([...positions.values()].filter(({ subscription }) => subscription === one).map(({ position }) => position));
    positions.clear();
  }, 100);
  let finished = () => undefined;
  const events = follow('events', 'end', async (batch) => {
    await log.append(batch.records.map((record) => ({ topic: 'requests', partition: record.partition, key: null, value: record.value.subarray(0, 200), attachment: record })));
    commit(events, batch);
  });
  const requests = follow('requests', 'end', async (batch) => {
    await Promise.all(batch.records.map((record) => log.append([{ topic: 'outcomes', partition: record.partition, key: null, value: record.attachment.subarray(0, 400) }])));
    commit(requests, batch);
  });
  const outcomes = follow('outcomes', 'end', async (batch) => {
    finished(batch.records.length, batch.partition);
    commit(outcomes, batch);
  });
  const all = [events, requests, outcomes];
  await Promise.all(all.map((subscription) => subscription.started));
  const result = await measured(async (times) => {
    const begun = performance.now();
    const until = begun + forS * 1_000;
    let [done, sent] = [0, 0];
    const starts = Array.from({ length: PARTITIONS }, () => []);
    const publish = () => {
      const partition = sent % PARTITIONS;
      sent += 1;
      starts[partition].push(performance.now());
      void log.append([{ topic: 'events', partition, key: 'tenant', value }]);
    };
    await new Promise((resolve) => {
      const timer = setInterval(() => {
        for (let due = Math.floor(((Math.min(performance.now(), until) - begun) / 1_000) * rate); sent < due; ) publish();
      }, 1);
      finished = (count, partition) => {
        done += count;
        for (const start of starts[partition].splice(0, count)) times.push(performance.now() - start);
        if (performance.now() < until) for (let left = rate > 0 ? 0 : count; left > 0; left -= 1) publish();
        else if (done === sent) resolve(clearInterval(timer));
      };
      for (let index = 0; index < underWay; index += 1) publish();
    });
    return done;
  });
  clearInterval(committing);
  await Promise.all(all.map((subscription) => subscription.close()));
  return result;
}

/** CPU of the broker so far; Linux only, else 0. */
function brokerSeconds() {
  if (broker === 0) return 0;
  const fields = statOf(broker);
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function javaChild() {
  if (process.platform !== 'linux') return 0;
  const own = readdirSync('/proc').find((entry) => /^\d+$/.test(entry) && parentOf(entry) === process.pid);
  return Number(own ?? 0);
}

function parentOf(pid) {
  try {
    return Number(statOf(pid)[1]);
  } catch {
    return 0;
  }
}

function statOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
