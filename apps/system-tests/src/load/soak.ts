import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { must } from '../platform/client.js';
import { measurableMemory, memoryOf } from '../platform/memory.js';
import { modes } from '../platform/modes.js';
import type { Platform } from '../platform/platform.js';
import { repositoryRoot } from '../platform/repository.js';
import { makeRunDirectory } from '../platform/run-directory.js';
import { buildLanebench, drain, startPublishing, startSink, type Sink } from './lanebench.js';
import { trendOf, type Reading, type Trend } from './trend.js';

/** What is read again and again, and by how much its slope may grow over the whole run before it counts as growth. */
const SERIES = {
  kept_mib: { slack: 16, what: 'memory after garbage collection, all Node processes' },
  resident_mib: { slack: 64, what: 'resident memory of them' },
  handles: { slack: 20, what: 'open files and sockets of them' },
  working_rows: { slack: 200, what: 'rows of Postgres tables that hold only what is under way' },
  waiting: { slack: 500, what: 'records not yet consumed, all groups' },
} as const;
type SeriesName = keyof typeof SERIES;

/** Tables that hold a history grow as they should: by rows a delivery, which is told. All others may not. */
const HISTORY = /^(event_log\.(records_|table_records|segment)|log_query\.|registry\.events)/;
const HOOKS = 50;
const CALIBRATE_SECONDS = 15;
const PAYLOAD_BYTES = 1024;
const MIB = 1024 * 1024;

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    rate: { type: 'string' },
    mode: { type: 'string', default: 'embedded' },
    'sample-seconds': { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const runMs = Number(options.minutes) * 60_000;
/** A hundred readings or so; the garbage collection that each asks for is not to become the load. */
const sampleMs = options['sample-seconds'] === undefined ? Math.min(20_000, Math.max(2_000, runMs / 100)) : Number(options['sample-seconds']) * 1_000;

if (options.help) {
  process.stdout.write(
    'npm run bench:soak -- [--minutes 30] [--rate events per second] [--mode embedded|distributed] [--sample-seconds 18]\n' +
      'Publishes at half of the rate that the platform reaches (measured first, or --rate), reads memory, handles, rows and lag, and fails if one of them grows,\n' +
      'or if anything was lost, overtaken or repeated. Prints a table and writes .hooklane/bench/soak.json with all readings.\n',
  );
} else {
  process.exitCode = await main();
}

async function main(): Promise<number> {
  const outDir = join(repositoryRoot, '.hooklane', 'bench');
  mkdirSync(outDir, { recursive: true });
  const binary = buildLanebench(outDir);
  const chosen = modes.find(({ mode }) => mode === options.mode);
  if (chosen === undefined) throw new Error(`There is no mode ${options.mode}.`);
  const memoryDirectory = makeRunDirectory();
  const platform = await chosen.start({ env: { HOOKLANE_LOG_LEVEL: 'warn', ...measurableMemory(memoryDirectory, '') } });
  const sink = await startSink(binary, outDir, ['--keys', String(HOOKS)]);
  try {
    await prepare(platform, sink);
    return await soak(platform, sink, { binary, outDir, memoryDirectory });
  } finally {
    await sink.stop();
    await platform.stop();
    rmSync(memoryDirectory, { recursive: true, force: true });
  }
}

async function prepare(platform: Platform, sink: Sink): Promise<void> {
  await must(platform, 'PUT', '/v1/tenants/soak', { name: 'Soak' });
  for (let hook = 0; hook < HOOKS; hook++) await must(platform, 'POST', '/v1/tenants/soak/hooks', { name: `hook ${hook}`, url: `${sink.url}/h/${hook}`, eventTypes: [`soak.${hook}`] });
}

async function soak(platform: Platform, sink: Sink, { binary, outDir, memoryDirectory }: { binary: string; outDir: string; memoryDirectory: string }): Promise<number> {
  const publish = (rate: string, ms: number, first: number): string[] => [
    '--url', `${platform.urlOf('event-ingest')}/v1/tenants/soak/events`,
    '--header', `Authorization: Bearer ${platform.adminKey}`,
    '--header', 'Content-Type: application/json',
    '--body', '{"type":"soak.{key}","orderingKey":"{key}","data":{"seq":{seq},"t":{t},"pad":"{pad}"}}',
    '--payload-bytes', String(PAYLOAD_BYTES), '--keys', String(HOOKS), '--conns', '32', '--pin', '--first', String(first), '--rate', rate, '--duration', `${Math.ceil(ms / 1_000)}s`,
  ];
  const drained = ['--sink', sink.url, '--hooks', `0-${HOOKS - 1}`, '--any', '--idle', '60s', '--timeout', '300s'];
  await startPublishing(binary, outDir, 'soak', publish('max', CALIBRATE_SECONDS * 1_000, 0)).ended;
  const most = (await drain(binary, outDir, 'soak', drained)).progress.steady_per_s;
  const rate = Number(options.rate ?? Math.floor(most / 2));
  await sink.reset();
  process.stdout.write(`${platform.mode}: at most ${Math.round(most)} deliveries a second; ${rate} a second for ${options.minutes} minutes.\n`);

  const before = await rowsOf(platform);
  const publishing = startPublishing(binary, outDir, 'soak', publish(String(rate), runMs, 100_000_000));
  const readings: Record<SeriesName, Reading[]> = { kept_mib: [], resident_mib: [], handles: [], working_rows: [], waiting: [] };
  const until = Date.now() + runMs;
  for (let next = Date.now() + sampleMs; next < until; next += sampleMs) {
    await pause(Math.max(0, next - Date.now()));
    const atMs = Date.now();
    for (const [name, value] of Object.entries(await sample(platform, memoryDirectory)) as [SeriesName, number][]) readings[name].push({ atMs, value });
  }
  const report = await publishing.ended;
  const end = await drain(binary, outDir, 'soak', drained);
  const after = await rowsOf(platform);
  const trends = Object.fromEntries(Object.entries(SERIES).map(([name, { slack }]) => [name, trendOf(readings[name as SeriesName], slack)])) as Record<SeriesName, Trend>;
  const result = {
    mode: platform.mode,
    most_per_s: Math.round(most),
    rate,
    minutes: Number(options.minutes),
    acked: report.acked,
    refused: report.failed,
    delivered: end.unique,
    lost: end.missing,
    overtaken: end.key_inverted,
    repeated: end.duplicates,
    e2e_p99_ms: end.latency_ms['all']?.p99 ?? null,
    history_rows_per_delivery: Math.round(((after.history - before.history) / Math.max(1, end.unique)) * 100) / 100,
    trends,
  };
  writeFileSync(join(outDir, 'soak.json'), `${JSON.stringify({ at: new Date().toISOString(), node: process.version, ...result, readings }, null, 2)}\n`);
  const rounded = (value: number): number => Math.round(value * 10) / 10;
  console.table(Object.fromEntries(Object.entries(trends).map(([name, { median, first, last, growth, flat }]) => [name, { median: rounded(median), first: rounded(first), last: rounded(last), growth: rounded(growth), flat, what: SERIES[name as SeriesName].what }])));
  process.stdout.write(`${JSON.stringify(result)}\n`);
  const grown = Object.entries(trends).filter(([, { flat }]) => !flat).map(([name]) => name);
  for (const name of grown) process.stderr.write(`${name} grows.\n`);
  const wrong = result.lost + result.overtaken + result.repeated + result.refused;
  if (wrong > 0) process.stderr.write(`The ledger does not agree: lost ${result.lost}, overtaken ${result.overtaken}, repeated ${result.repeated}, refused ${result.refused}.\n`);
  return grown.length + wrong === 0 ? 0 : 1;
}

async function sample(platform: Platform, memoryDirectory: string): Promise<Record<SeriesName, number>> {
  const own = platform.processes().filter(({ name }) => name !== 'postgres' && name !== 'kafka');
  const [memory, rows, waiting] = await Promise.all([memoryOf(platform, memoryDirectory), rowsOf(platform), waitingOf(platform, own.map(({ name }) => name))]);
  return {
    kept_mib: memory.kept,
    resident_mib: own.reduce((sum, { pid }) => sum + residentOf(pid), 0) / MIB,
    handles: own.reduce((sum, { pid }) => sum + readdirSync(`/proc/${pid}/fd`).length, 0),
    working_rows: rows.working,
    waiting,
  };
}

/** In bytes. */
function residentOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
}

/** Counted, where it is few; as Postgres estimates, where it is a history of millions. */
async function rowsOf(platform: Platform): Promise<{ working: number; history: number }> {
  const client = new pg.Client({ connectionString: platform.databaseUrl() });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string; live: string }>("SELECT schemaname || '.' || relname AS name, n_live_tup AS live FROM pg_stat_user_tables");
    const history = rows.filter(({ name }) => HISTORY.test(name)).reduce((sum, { live }) => sum + Number(live), 0);
    let working = 0;
    for (const { name } of rows.filter((row) => !HISTORY.test(row.name))) {
      const counted = await client.query<{ count: string }>(`SELECT count(*) FROM ${name.split('.').map((part) => pg.escapeIdentifier(part)).join('.')}`);
      working += Number(counted.rows[0]?.count ?? 0);
    }
    return { working, history };
  } finally {
    await client.end();
  }
}

async function waitingOf(platform: Platform, processes: readonly string[]): Promise<number> {
  const urls = new Set(processes.map((name) => platform.urlOf(name)));
  const texts = await Promise.all([...urls].map(async (url) => (await fetch(`${url}/metrics`)).text()));
  return texts.flatMap((text) => [...text.matchAll(/^hooklane_consumer_lag\{[^}]*\} (\d+)/gm)]).reduce((sum, [, lag]) => sum + Number(lag), 0);
}
