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
    saturate: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const PAYLOAD_BYTES = 1024;
/** Fits into the memory of a lane (4,000 records, 4 MiB), so that nothing of it goes through Postgres. */
const LIVE = 2_500;
const LIVE_ROUNDS = 3;
const FIRST_MS = 3_000;
const BATCH = 500;
const STALLED_MS = 60_000;
const run = promisify(execFile);

if (options.help) {
  process.stdout.write(
    'node apps/system-tests/dist/load/drain-bench.js [--waiting 20000] [--mode embedded|distributed] [--saturate] [--node-args=--cpu-prof]\n' +
      'One fifo hook on 127.0.0.1: what it gets a second of events that were just accepted, and of events that waited in Postgres while it was down.\n' +
      '--saturate: another hook gets events from 8 connections as fast as they are accepted while the backlog drains.\n',
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
    const bursts: number[] = [];
    // The first rounds warm the code up.
    for (let round = 0; round < LIVE_ROUNDS + 2; round += 1) {
      await sink.reset();
      // Its first request takes so long that all the others wait in memory by then, and publishing them costs nothing any more.
      await behave(sink, `0:delay=${FIRST_MS}ms`);
      const published = publish('bench.0', round * LIVE, ['--count', String(LIVE), '--conns', '1', '--batch', String(BATCH)]);
      await new Promise((resolve) => setTimeout(resolve, FIRST_MS / 2));
      await behave(sink, '0:ok');
      await published;
      await untilUnique(sink, 0, LIVE);
      const rate = await steadyOf(sink, LIVE);
      if (round >= 2) bursts.push(rate);
    }
    await sink.reset();
    const streamed = publish('bench.0', 100_000, ['--rate', 'max', '--duration', '8s', '--conns', '8']);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const at = await uniqueOf(sink, 0);
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    const stream = ((await uniqueOf(sink, 0)) - at) / 5;
    await streamed;
    await untilUnique(sink, 0, ackedOf(outDir, 'bench.0'));

    await behave(sink, '0:status=503');
    await sink.reset();
    const memoryBefore = residentMib(platform);
    await publish('bench.0', 1_000_000, ['--count', String(waiting), '--conns', '1', '--batch', String(BATCH)]);
    await untilParked(platform, id, waiting);
    const memoryParked = residentMib(platform);
    const saturating = options.saturate ? publish('bench.1', 5_000_000, ['--rate', 'max', '--duration', `${Math.ceil(waiting / 100)}s`, '--conns', '8']) : null;
    const othersBefore = await uniqueOf(sink, 1);
    const startedMs = performance.now();
    await behave(sink, '0:ok');
    let memoryMost = 0;
    const drain = await rateOf(sink, waiting, () => (memoryMost = Math.max(memoryMost, residentMib(platform))));
    const others = ((await uniqueOf(sink, 1)) - othersBefore) / ((performance.now() - startedMs) / 1_000);
    await Promise.race([saturating, Promise.resolve()]);
    const burst = bursts.sort((one, other) => one - other)[Math.floor(bursts.length / 2)] as number;
    const stats = await statsOf(sink, 0);
    const report = {
      mode: platform.mode, waiting, saturated: options.saturate,
      live_burst_per_s: Math.round(burst), live_stream_per_s: Math.round(stream), drain_per_s: Math.round(drain), others_per_s: Math.round(others),
      drain_of_burst: ratio(drain, burst), drain_of_stream: ratio(drain, stream),
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

async function untilUnique(sink: Sink, hook: number, count: number): Promise<void> {
  await samples(sink, hook, count);
}

/** Deliveries a second to the hook between the first and the last tenth. */
async function rateOf(sink: Sink, count: number, eachTime: () => void): Promise<number> {
  const all = await samples(sink, 0, count, eachTime);
  const inside = all.filter(({ unique }) => unique >= count * 0.1 && unique <= count * 0.9);
  const [first, last] = [inside[0], inside.at(-1)];
  if (!first || !last || first === last) return Number.NaN;
  return (last.unique - first.unique) / ((last.atMs - first.atMs) / 1_000);
}

/** The same by the receiver's own ledger, exact also for short runs: of all hooks together. */
async function steadyOf(sink: Sink, count: number): Promise<number> {
  const { progress } = (await (await fetch(`${sink.url}/__stats?brief=1&expect=${count}`)).json()) as { progress: { steady_per_s: number } };
  return progress.steady_per_s;
}

async function samples(sink: Sink, hook: number, until: number, eachTime: () => void = () => undefined): Promise<{ readonly atMs: number; readonly unique: number }[]> {
  const taken: { atMs: number; unique: number }[] = [];
  for (let changedMs = performance.now(); ; ) {
    const unique = await uniqueOf(sink, hook);
    if (unique !== taken.at(-1)?.unique) changedMs = performance.now();
    taken.push({ atMs: performance.now(), unique });
    eachTime();
    if (unique >= until) return taken;
    if (performance.now() - changedMs > STALLED_MS) throw new Error(`hook ${hook} got ${unique} of ${until} and no more`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function untilParked(platform: Platform, hookId: string, count: number): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const { backlog } = await must<{ backlog: { count: number } }>(platform, 'GET', `/v1/tenants/bench/hooks/${hookId}/lane`);
    if (backlog.count >= count) return;
    if (tries > 1_200) throw new Error(`${backlog.count} of ${count} wait`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** Of the platform's own processes, Postgres' left out: its share is a cache of fixed size. */
function residentMib(platform: Platform): number {
  const pages = platform.processes().filter(({ name }) => !name.includes('postgres')).map(({ pid }) => Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]));
  return Math.round((pages.reduce((sum, count) => sum + count, 0) * 4096) / (1024 * 1024));
}

function ratio(one: number, other: number): number {
  return Math.round((one / other) * 100) / 100;
}
