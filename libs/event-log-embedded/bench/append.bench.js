#!/usr/bin/env node
// How fast the embedded log appends. On demand, after a build: node bench/append.bench.js [--seconds 3] [--bytes 1024]
// Against a server of its own with real fsync, or the one HOOKLANE_BENCH_POSTGRES_URL names (it makes a database there and drops it).
import { mkdtempSync, chmodSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '@hooklane/kernel';
import { migrate, openDatabase } from '@hooklane/postgres';
import { startEmbeddedPostgres } from '@hooklane/embedded-postgres';
import { eventLogMigrations, openEmbeddedLog } from '../dist/index.js';

const { values: options } = parseArgs({ options: { seconds: { type: 'string', default: '3' }, bytes: { type: 'string', default: '1024' }, only: { type: 'string', default: '' } } });
const seconds = Number(options.seconds);
const value = Buffer.alloc(Number(options.bytes), 'x');
const PARTITIONS = 8;
const topics = ['events', 'requests', 'outcomes'].map((name) => ({ name, partitions: PARTITIONS, compacted: false, retentionMs: 86_400_000 }));

const server = await postgres();
const name = `bench_${process.pid}`;
const admin = openDatabase({ url: server.url, tls: 'disable' });
await admin.pool('admin', 1).query(`CREATE DATABASE ${name}`);
const url = new URL(server.url);
url.pathname = `/${name}`;
const settings = { url: url.href, tls: 'disable' };
await migrate(settings, [eventLogMigrations]);
const database = openDatabase(settings);
const log = await openEmbeddedLog({ database, clock: systemClock, report: (...line) => console.error(...line), topics });
const { rows } = await admin.pool('admin', 1).query('SELECT pg_backend_pid() AS pid');
const postmaster = parentOf(rows[0].pid);

const wanted = (what) => options.only === '' || options.only === what;
if (wanted('append')) {
  await waiting(64, 1);
  console.log(`appends of one record of ${value.length} bytes, ${PARTITIONS} partitions`);
  console.log('waiting   rec/s   µs node   µs Postgres   p50 ms   p99 ms');
  for (const count of [1, 16, 64, 256]) print(count, await waiting(count, seconds));
}
if (wanted('dependent')) {
  console.log('\nthree dependent appends (event, request that refers to it, outcome), each after the commit of the one before, at a given rate');
  console.log(' rate/s   done/s   µs node   µs Postgres   p50 ms   p99 ms');
  for (const rate of [200, 1_000]) print(rate, await dependent(rate, seconds));
}
if (wanted('path')) {
  console.log('\nthe same three, driven by subscriptions (append → handler → append → handler → append → handler), n events under way');
  console.log('under way  ev/s   µs node   µs Postgres   p50 ms   p99 ms');
  for (const count of [1, 64, 256]) print(count, await path(count, seconds));
}
await log.close(5_000);
await database.close();
await admin.pool('admin', 1).query(`DROP DATABASE ${name} WITH (FORCE)`);
await admin.close();
await server.stop();

function print(first, { done, elapsedS, nodeS, postgresS, times }) {
  times.sort((a, b) => a - b);
  const at = (q) => (times[Math.floor(times.length * q)] ?? NaN).toFixed(2);
  const per = (s) => ((s * 1e6) / done).toFixed(1);
  console.log(`${String(first).padStart(7)} ${(done / elapsedS).toFixed(0).padStart(8)} ${per(nodeS).padStart(9)} ${per(postgresS).padStart(13)} ${at(0.5).padStart(8)} ${at(0.99).padStart(8)}`);
}

async function measured(run) {
  const times = [];
  const [wall, cpu, pg] = [performance.now(), process.cpuUsage(), postgresSeconds()];
  const done = await run(times);
  const used = process.cpuUsage(cpu);
  return { done, times, elapsedS: (performance.now() - wall) / 1_000, nodeS: (used.user + used.system) / 1e6, postgresS: postgresSeconds() - pg };
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

async function threeAppends(index) {
  const partition = index % PARTITIONS;
  const [offset] = await log.append([{ topic: 'events', partition, key: 'tenant', value }]);
  await log.append([{ topic: 'requests', partition, key: null, value: value.subarray(0, 200), attachment: { topic: 'events', partition, offset, value } }]);
  await log.append([{ topic: 'outcomes', partition, key: null, value: value.subarray(0, 400) }]);
}

function dependent(rate, forS) {
  return measured(async (times) => {
    const total = rate * forS;
    const begun = performance.now();
    let started = 0;
    let ended = 0;
    await new Promise((resolve) => {
      const timer = setInterval(() => {
        const due = Math.min(total, Math.floor(((performance.now() - begun) / 1_000) * rate));
        for (; started < due; started += 1) {
          const start = performance.now();
          void threeAppends(started).then(() => {
            times.push(performance.now() - start);
            ended += 1;
            if (ended === total) resolve(clearInterval(timer));
          });
        }
      }, 1);
    });
    return total;
  });
}

async function path(underWay, forS) {
  const follow = (topic, handle) =>
    log.subscribe({ group: `bench.${topic}`, topics: [topic], mode: 'share', assigned: async (ps) => ps.map(() => 'end'), revoked: async () => undefined, handle, failed: console.error });
  const commit = (subscription, { topic, partition, records }) => void subscription.commit([{ topic, partition, offset: records[records.length - 1].offset + 1, metadata: '' }]);
  let finished = () => undefined;
  const events = follow('events', async (batch) => {
    await log.append(batch.records.map((record) => ({ topic: 'requests', partition: record.partition, key: null, value: record.value.subarray(0, 200), attachment: record })));
    commit(events, batch);
  });
  const requests = follow('requests', async (batch) => {
    await Promise.all(batch.records.map((record) => log.append([{ topic: 'outcomes', partition: record.partition, key: null, value: record.attachment.subarray(0, 400) }])));
    commit(requests, batch);
  });
  const outcomes = follow('outcomes', async (batch) => {
    finished(batch.records.length, batch.partition);
    commit(outcomes, batch);
  });
  const all = [events, requests, outcomes];
  await Promise.all(all.map((subscription) => subscription.started));
  const result = await measured(async (times) => {
    const until = performance.now() + forS * 1_000;
    let [done, sent] = [0, 0];
    const starts = Array.from({ length: PARTITIONS }, () => []);
    const publish = () => {
      const partition = sent % PARTITIONS;
      sent += 1;
      starts[partition].push(performance.now());
      void log.append([{ topic: 'events', partition, key: 'tenant', value }]);
    };
    await new Promise((resolve) => {
      finished = (count, partition) => {
        done += count;
        for (const start of starts[partition].splice(0, count)) times.push(performance.now() - start);
        if (performance.now() < until) for (let left = count; left > 0; left -= 1) publish();
        else if (done === sent) resolve();
      };
      for (let index = 0; index < underWay; index += 1) publish();
    });
    return done;
  });
  await Promise.all(all.map((subscription) => subscription.close()));
  return result;
}

async function postgres() {
  const given = process.env['HOOKLANE_BENCH_POSTGRES_URL'];
  if (given) return { url: given, stop: async () => undefined };
  const home = mkdtempSync(join(tmpdir(), 'hooklane-bench-'));
  chmodSync(home, 0o711);
  const started = await startEmbeddedPostgres({ dataDir: join(home, 'postgres') });
  return {
    url: started.url,
    stop: async () => {
      await started.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** CPU of the server and all its processes so far; Linux only, else 0. */
function postgresSeconds() {
  if (process.platform !== 'linux' || postmaster === 0) return 0;
  let ticks = 0;
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const fields = statOf(entry);
      if (Number(entry) === postmaster || Number(fields[1]) === postmaster) ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // It has just ended.
    }
  }
  return ticks / 100;
}

function parentOf(pid) {
  return process.platform === 'linux' ? Number(statOf(pid)[1]) : 0;
}

function statOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
