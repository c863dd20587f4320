import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { must } from '../platform/client.js';
import { startEmbeddedPlatform } from '../platform/embedded-platform.js';
import type { Platform } from '../platform/platform.js';
import { repositoryRoot } from '../platform/repository.js';
import { startSplitPlatform } from '../platform/split-platform.js';
import { buildLanebench, startSink, type Sink } from './lanebench.js';

/** How fast a fifo hook gets what waited for it in Postgres, compared with what it gets at once. */
const { values: options } = parseArgs({
  options: {
    waiting: { type: 'string', default: '20000' },
    mode: { type: 'string', default: 'embedded' },
    'node-args': { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const PAYLOAD_BYTES = 1024;
const WARM_UP_S = 6;
const LIVE_S = 6;
const BATCH = 500;
/** Fits into the memory of a lane (4,000 records, 4 MiB) and is sent before it is old enough to be parked (5 s). */
const BURST = 2_000;
const HELD_MS = 2_500;
const STALLED_MS = 60_000;
const run = promisify(execFile);

if (options.help) {
  process.stdout.write(
    'node apps/system-tests/dist/load/drain-bench.js [--waiting 20000] [--mode embedded|distributed] [--node-args=--cpu-prof]\n' +
      'One fifo hook on 127.0.0.1: what it gets a second of events that were just accepted, and of events that waited in Postgres while it was down;\n' +
      'and both at the same moment, beside a second hook whose events wait in memory (a busy machine does the same to both).\n',
  );
} else {
  await main(Number(options.waiting));
}

async function main(waiting: number): Promise<void> {
  const outDir = join(repositoryRoot, '.hooklane', 'bench');
  mkdirSync(outDir, { recursive: true });
  const binary = buildLanebench(outDir);
  const settings = { env: { HOOKLANE_LOG_LEVEL: 'warn' }, ...(options['node-args'] ? { nodeArgs: options['node-args'].split(' ') } : {}) };
  const platform = options.mode === 'distributed' ? await startSplitPlatform(settings) : await startEmbeddedPlatform(settings);
  const sink = await startSink(binary, outDir, []);
  const publish = (type: string, first: number, args: readonly string[]): Promise<unknown> => run(binary, publishArgs(platform, outDir, type, first, args), { maxBuffer: 1 << 26 });
  try {
    await must(platform, 'PUT', '/v1/tenants/bench', { name: 'Bench' });
    const hookOf = (n: number): Promise<{ id: string }> =>
      must(platform, 'POST', '/v1/tenants/bench/hooks', { name: `hook ${n}`, url: `${sink.url}/h/${n}`, eventTypes: [`bench.${n}`], retry: { unavailableDelaysMs: [1_000] }, disablePolicy: { limit: 0 } });
    const { id } = await hookOf(0);
    await hookOf(1);
    // Warms the code up; what is published in batches costs least, so the lane is as fast as it can be.
    const streamed = publish('bench.0', 100_000, ['--rate', 'max', '--duration', `${WARM_UP_S + LIVE_S + 1}s`, '--conns', '1', '--batch', '100']);
    await pause(WARM_UP_S * 1_000);
    const at = { unique: await uniqueOf(sink, 0), ms: performance.now() };
    await pause(LIVE_S * 1_000);
    const live = ((await uniqueOf(sink, 0)) - at.unique) / ((performance.now() - at.ms) / 1_000);
    await streamed;
    await untilUnique(sink, 0, ackedOf(outDir, 'bench.0'));

    await behave(sink, '0:status=503');
    await sink.reset();
    const memoryBefore = residentMib(platform);
    await publish('bench.0', 1_000_000, ['--count', String(waiting), '--conns', '1', '--batch', String(BATCH)]);
    await untilParked(platform, id, waiting);
    const memoryParked = residentMib(platform);
    // The other hook's first request takes so long that a burst waits in its lane's memory by then: both lanes go on at the same moment.
    await behave(sink, `1:delay=${HELD_MS}ms`);
    const startedMs = performance.now();
    await publish('bench.1', 3_000_000, ['--count', String(BURST), '--conns', '1', '--batch', String(BATCH)]);
    const heldMs = performance.now() - startedMs;
    await behave(sink, '0:ok,1:ok');
    let memoryMost = 0;
    const both = await samples(sink, 0, waiting, () => (memoryMost = Math.max(memoryMost, residentMib(platform))));
    const drain = rateOf(both, waiting);
    const together = both.filter(({ other }) => other >= BURST * 0.1 && other <= BURST * 0.9);
    const [first, last] = [together[0], together.at(-1)];
    const atOnce = first && last && last.other > first.other ? (last.unique - first.unique) / (last.other - first.other) : Number.NaN;
    const stats = await statsOf(sink, 0);
    const report = {
      mode: platform.mode, waiting,
      live_per_s: Math.round(live), drain_per_s: Math.round(drain), drain_of_live: Math.round((drain / live) * 100) / 100,
      drain_of_live_side_by_side: Math.round(atOnce * 100) / 100, burst_held_ms: Math.round(heldMs),
      rss_mib_before: memoryBefore, rss_mib_parked: memoryParked, rss_mib_draining: memoryMost,
      inverted: stats.inverted_first, repeated: stats.duplicates, most_at_once: stats.max_concurrent,
    };
    console.table([report]);
    process.stdout.write(`${JSON.stringify(report)}\n`);
    writeFileSync(join(outDir, 'drain.json'), `${JSON.stringify({ at: new Date().toISOString(), node: process.version, ...report }, null, 2)}\n`);
    if (stats.inverted_first > 0 || stats.max_concurrent > 1) process.exitCode = 1;
  } finally {
    await sink.stop();
    await platform.stop();
  }
}

async function behave(sink: Sink, spec: string): Promise<void> {
  await fetch(`${sink.url}/__behave`, { method: 'POST', body: spec });
}

function publishArgs(platform: Platform, outDir: string, type: string, first: number, args: readonly string[]): string[] {
  const batch = args.includes('--batch');
  return [
    'publish', '--url', `${platform.urlOf('event-ingest')}/v1/tenants/bench/events${batch ? ':batch' : ''}`,
    '--header', `Authorization: Bearer ${platform.adminKey}`, '--header', 'Content-Type: application/json',
    '--body', `{"type":"${type}","data":{"seq":{seq},"t":{t},"pad":"{pad}"}}`, ...(batch ? ['--batch-wrap', '{"events":[{items}]}'] : []),
    '--payload-bytes', String(PAYLOAD_BYTES), '--first', String(first), '--out', join(outDir, `drain-${type}.json`), ...args,
  ];
}

function ackedOf(outDir: string, type: string): number {
  return (JSON.parse(readFileSync(join(outDir, `drain-${type}.json`), 'utf8')) as { acked: number }).acked;
}

interface HookCounts {
  readonly unique: number;
  readonly duplicates: number;
  readonly inverted_first: number;
  readonly max_concurrent: number;
}

async function statsOf(sink: Sink, hook: number): Promise<HookCounts> {
  const { hooks } = (await (await fetch(`${sink.url}/__stats`)).json()) as { hooks?: Record<string, HookCounts> };
  return hooks?.[hook] ?? { unique: 0, duplicates: 0, inverted_first: 0, max_concurrent: 0 };
}

async function uniqueOf(sink: Sink, hook: number): Promise<number> {
  return (await statsOf(sink, hook)).unique;
}

async function uniques(sink: Sink): Promise<Readonly<Record<number, number>>> {
  const { hooks } = (await (await fetch(`${sink.url}/__stats`)).json()) as { hooks?: Record<string, HookCounts> };
  return Object.fromEntries(Object.entries(hooks ?? {}).map(([hook, { unique }]) => [hook, unique]));
}

async function untilUnique(sink: Sink, hook: number, count: number): Promise<void> {
  await samples(sink, hook, count);
}

interface Sample {
  readonly atMs: number;
  readonly unique: number;
  /** What the second hook got by then. */
  readonly other: number;
}

/** Deliveries a second between the first and the last tenth. */
function rateOf(taken: readonly Sample[], count: number): number {
  const inside = taken.filter(({ unique }) => unique >= count * 0.1 && unique <= count * 0.9);
  const [first, last] = [inside[0], inside.at(-1)];
  if (!first || !last || first === last) return Number.NaN;
  return (last.unique - first.unique) / ((last.atMs - first.atMs) / 1_000);
}

async function samples(sink: Sink, hook: number, until: number, eachTime: () => void = () => undefined): Promise<Sample[]> {
  const taken: Sample[] = [];
  for (let changedMs = performance.now(); ; ) {
    const { [hook]: unique = 0, 1: other = 0 } = await uniques(sink);
    if (unique !== taken.at(-1)?.unique) changedMs = performance.now();
    taken.push({ atMs: performance.now(), unique, other });
    eachTime();
    if (unique >= until) return taken;
    if (performance.now() - changedMs > STALLED_MS) throw new Error(`hook ${hook} got ${unique} of ${until} and no more`);
    await pause(50);
  }
}

async function untilParked(platform: Platform, hookId: string, count: number): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const { backlog } = await must<{ backlog: { count: number } }>(platform, 'GET', `/v1/tenants/bench/hooks/${hookId}/lane`);
    if (backlog.count >= count) return;
    if (tries > 1_200) throw new Error(`${backlog.count} of ${count} wait`);
    await pause(500);
  }
}

/** Of the platform's own processes, Postgres' left out: its share is a cache of fixed size. */
function residentMib(platform: Platform): number {
  const pages = platform.processes().filter(({ name }) => !name.includes('postgres')).map(({ pid }) => Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]));
  return Math.round((pages.reduce((sum, count) => sum + count, 0) * 4096) / (1024 * 1024));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
