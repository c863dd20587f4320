#!/usr/bin/env node
// How fast the embedded log appends. On demand, after a build: node bench/append.bench.js [--seconds 3] [--bytes 1024] [--only append|dependent|path]
// Against a server of its own with real fsync, or the one HOOKLANE_BENCH_POSTGRES_URL names (it makes a database there and drops it).
import { mkdtempSync, chmodSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchSettings, LogBench, parentOf } from '@hooklane/event-log/bench';
import { systemClock } from '@hooklane/kernel';
import { migrate, openDatabase } from '@hooklane/postgres';
import { startEmbeddedPostgres } from '@hooklane/embedded-postgres';
import { eventLogMigrations, openEmbeddedLog } from '../dist/index.js';

const { seconds, value, wants } = benchSettings();
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
const bench = new LogBench({ log, value, print: console.log, server: { name: 'Postgres', pid: parentOf(rows[0].pid) } });

await bench.appends(64, 1);
if (wants('append')) {
  bench.heading(`appends of one record of ${value.length} bytes, ${PARTITIONS} partitions, n waiting at a time`, 'waiting', 'rec');
  for (const count of [1, 16, 64, 256]) bench.print(count, await bench.appends(count, seconds));
}
if (wants('dependent')) {
  bench.heading('three dependent appends (event, request that refers to it, outcome), each after the commit of the one before, at a given rate', 'rate/s', 'ev');
  for (const rate of [200, 1_000]) bench.print(rate, await dependent(rate));
}
if (wants('path')) {
  bench.heading('the same three, driven by subscriptions (append → handler → append → handler → append → handler), n events under way', 'under way', 'ev');
  for (const count of [1, 64, 256]) bench.print(count, await bench.path(count, 0, seconds));
}
await log.close(5_000);
await database.close();
await admin.pool('admin', 1).query(`DROP DATABASE ${name} WITH (FORCE)`);
await admin.close();
await server.stop();

async function threeAppends(index) {
  const partition = index % PARTITIONS;
  const [offset] = await log.append([{ topic: 'events', partition, key: 'tenant', value }]);
  await log.append([{ topic: 'requests', partition, key: null, value: value.subarray(0, 200), attachment: { topic: 'events', partition, offset, value } }]);
  await log.append([{ topic: 'outcomes', partition, key: null, value: value.subarray(0, 400) }]);
}

function dependent(rate) {
  return bench.measured(async (timesMs) => {
    const total = rate * seconds;
    const begun = performance.now();
    let started = 0;
    await new Promise((resolve) => {
      const timer = setInterval(() => {
        const due = Math.min(total, Math.floor(((performance.now() - begun) / 1_000) * rate));
        for (; started < due; started += 1) {
          const start = performance.now();
          void threeAppends(started).then(() => {
            timesMs.push(performance.now() - start);
            if (timesMs.length === total) resolve(clearInterval(timer));
          });
        }
      }, 1);
    });
    return total;
  });
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
