import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { must } from '../platform/client.js';
import { modes } from '../platform/modes.js';
import type { Platform } from '../platform/platform.js';
import { repositoryRoot } from '../platform/repository.js';
import { buildLanebench, drain, startPublishing, startSink, type Publishing, type Sink } from './lanebench.js';

/** What disturbs the healthy hooks (promise 4). */
interface Disturbance {
  readonly name: 'hanging' | 'failing' | 'flood';
  /** Hooks in the sink: from, to. */
  readonly hooks: readonly [number, number];
  readonly behaviour: string;
  readonly tenants: readonly string[];
  /** How many event types its events have; its hooks share them evenly. */
  readonly types: number;
  readonly eventsPerSecond: number;
  /** Whether the most that the healthy hooks can do is compared too. A flood takes its share of the machine, and is meant to. */
  readonly compareMost: boolean;
}

interface Row {
  readonly mode: string;
  readonly disturbance: string;
  readonly p50_ms_alone: number;
  readonly p50_ms: number;
  readonly p99_ms_alone: number;
  readonly p99_ms: number;
  readonly p99_factor: number;
  readonly per_s_alone: number;
  readonly per_s: number;
  readonly per_s_share: number;
  readonly most_per_s_alone: number | null;
  readonly most_per_s: number | null;
  readonly most_share: number | null;
  readonly disturbing_per_s: number;
  readonly lost: number;
  readonly overtaken: number;
  readonly repeated: number;
  readonly met: boolean;
}

const P99_FACTOR = 2;
const LEAST_SHARE = 0.8;
const HEALTHY_TENANTS = ['north', 'east', 'south', 'west'];
const HEALTHY_HOOKS = 40;
const HEALTHY = `0-${HEALTHY_HOOKS - 1}`;
const PAYLOAD_BYTES = 1024;
const FLOOD_FACTOR = 10;
const WARM_UP_SECONDS = 5;
/** Until hanging hooks hang and failing hooks fail: then their lanes are known to be slow. */
const SETTLE_MS = 8_000;
const SEQUENCES_APART = 10_000_000;

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    rate: { type: 'string', default: '200' },
    mode: { type: 'string', default: 'both' },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const rate = Number(options.rate);
const seconds = Number(options.seconds);

const disturbances: readonly Disturbance[] = [
  { name: 'hanging', hooks: [1000, 1999], behaviour: 'hang=60s', tenants: ['troubled'], types: 10, eventsPerSecond: 1, compareMost: true },
  { name: 'failing', hooks: [2000, 1999 + HEALTHY_HOOKS / 10], behaviour: 'status=500', tenants: HEALTHY_TENANTS, types: HEALTHY_HOOKS / 10, eventsPerSecond: rate / 10, compareMost: true },
  { name: 'flood', hooks: [3000, 3009], behaviour: 'ok', tenants: ['flood'], types: 10, eventsPerSecond: (rate / HEALTHY_TENANTS.length) * FLOOD_FACTOR, compareMost: false },
];

if (options.help) {
  process.stdout.write(
    'npm run bench:isolation -- [--mode both|embedded|distributed] [--seconds 20] [--rate 200] [--only hanging,failing,flood]\n' +
      `Publishes to ${HEALTHY_HOOKS} healthy hooks of ${HEALTHY_TENANTS.length} tenants, alone and beside hooks that hang (1,000), fail (10 %) or a tenant that floods (${FLOOD_FACTOR} times each other).\n` +
      `Prints a table, writes .hooklane/bench/isolation.json, and fails if the healthy hooks' p99 grows by more than a factor of ${P99_FACTOR} or they get less than ${LEAST_SHARE * 100} % of what they got alone.\n`,
  );
} else {
  process.exitCode = await main();
}

async function main(): Promise<number> {
  const outDir = join(repositoryRoot, '.hooklane', 'bench');
  mkdirSync(outDir, { recursive: true });
  const binary = buildLanebench(outDir);
  const chosen = options.only?.split(',') ?? disturbances.map(({ name }) => name as string);
  const rows: Row[] = [];
  for (const { mode, start } of modes.filter((each) => options.mode === 'both' || each.mode === options.mode)) {
    for (const disturbance of disturbances.filter(({ name }) => chosen.includes(name))) {
      const platform = await start({ env: { HOOKLANE_LOG_LEVEL: 'warn' } });
      const sink = await startSink(binary, outDir, ['--keys', String(HEALTHY_HOOKS), '--behave', behaviourOf(disturbance)]);
      try {
        const row = await compare(mode, platform, sink, disturbance, { binary, outDir });
        rows.push(row);
        process.stdout.write(`${JSON.stringify(row)}\n`);
      } finally {
        await sink.stop();
        await platform.stop();
      }
    }
  }
  writeFileSync(join(outDir, 'isolation.json'), `${JSON.stringify({ at: new Date().toISOString(), node: process.version, rate, seconds, rows }, null, 2)}\n`);
  console.table(rows);
  for (const { mode, disturbance } of rows.filter(({ met }) => !met)) process.stderr.write(`${mode}, ${disturbance}: missed.\n`);
  return rows.every(({ met }) => met) ? 0 : 1;
}

interface Bench {
  readonly binary: string;
  readonly outDir: string;
}

interface Figures {
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
  readonly lost: number;
  readonly overtaken: number;
  readonly repeated: number;
}

/** Both halves on one platform, one right after the other: a machine that is busy with other things disturbs both. */
async function compare(mode: string, platform: Platform, sink: Sink, disturbance: Disturbance, bench: Bench): Promise<Row> {
  await prepare(platform, sink, disturbance);
  let part = 0;
  const healthy = (howMany: string, duration: number): Promise<Figures> => measureHealthy(platform, sink, bench, howMany, duration, ++part * SEQUENCES_APART);
  await healthy('max', WARM_UP_SECONDS);
  const mostAlone = disturbance.compareMost ? await healthy('max', seconds / 2) : null;
  const alone = await healthy(String(rate), seconds);
  const noise = disturb(platform, disturbance, bench);
  await pause(SETTLE_MS);
  const beside = await healthy(String(rate), seconds);
  const most = disturbance.compareMost ? await healthy('max', seconds / 2) : null;
  await noise.stop();
  const ratio = (one: number, other: number): number => Math.round((one / other) * 100) / 100;
  const figures = {
    p99_factor: ratio(beside.p99, alone.p99),
    per_s_share: ratio(beside.perSecond, alone.perSecond),
    most_share: most === null || mostAlone === null ? null : ratio(most.perSecond, mostAlone.perSecond),
    lost: alone.lost + beside.lost,
    overtaken: alone.overtaken + beside.overtaken,
    repeated: alone.repeated + beside.repeated,
  };
  const whole = (value: number | undefined): number | null => (value === undefined ? null : Math.round(value));
  return {
    mode,
    disturbance: disturbance.name,
    p50_ms_alone: alone.p50,
    p50_ms: beside.p50,
    p99_ms_alone: alone.p99,
    p99_ms: beside.p99,
    per_s_alone: Math.round(alone.perSecond),
    per_s: Math.round(beside.perSecond),
    most_per_s_alone: whole(mostAlone?.perSecond),
    most_per_s: whole(most?.perSecond),
    disturbing_per_s: disturbance.eventsPerSecond,
    ...figures,
    met: figures.p99_factor <= P99_FACTOR && figures.per_s_share >= LEAST_SHARE && (figures.most_share ?? 1) >= LEAST_SHARE && figures.lost + figures.overtaken + figures.repeated === 0,
  };
}

function behaviourOf({ hooks: [from, to], behaviour }: Disturbance): string {
  return `${from}-${to}:${behaviour}`;
}

async function prepare(platform: Platform, sink: Sink, { hooks: [from, to], tenants, types }: Disturbance): Promise<void> {
  for (const tenant of new Set([...HEALTHY_TENANTS, ...tenants])) await must(platform, 'PUT', `/v1/tenants/${tenant}`, { name: tenant });
  const hook = (tenant: string, index: number, eventType: string, more: object = {}): Promise<unknown> =>
    must(platform, 'POST', `/v1/tenants/${tenant}/hooks`, { name: `hook ${index}`, url: `${sink.url}/h/${index}`, eventTypes: [eventType], ...more });
  for (let index = 0; index < HEALTHY_HOOKS; index++) await hook(HEALTHY_TENANTS[index % HEALTHY_TENANTS.length] as string, index, `bench.${index}`);
  for (let index = from; index <= to; index++) {
    const nth = index - from;
    await hook(tenants[nth % tenants.length] as string, index, `noise.${nth % types}`, { retry: { unavailableDelaysMs: [1_000] }, disablePolicy: { limit: 0 } });
  }
}

/** Connection c publishes the keys k ≡ c to its own address, so that hook k's tenant gets its events in order. */
function publishArgs(platform: Platform, tenants: readonly string[], type: string, keys: number, first: number): string[] {
  return [
    ...tenants.flatMap((tenant) => ['--url', `${platform.urlOf('event-ingest')}/v1/tenants/${tenant}/events`]),
    '--header', `Authorization: Bearer ${platform.adminKey}`,
    '--header', 'Content-Type: application/json',
    '--body', `{"type":"${type}.{key}","orderingKey":"{key}","data":{"seq":{seq},"t":{t},"pad":"{pad}"}}`,
    '--payload-bytes', String(PAYLOAD_BYTES), '--keys', String(keys), '--conns', String(keys), '--pin', '--first', String(first),
  ];
}

function disturb(platform: Platform, { tenants, types, eventsPerSecond }: Disturbance, { binary, outDir }: Bench): Publishing {
  return startPublishing(binary, outDir, 'isolation-noise', [...publishArgs(platform, tenants, 'noise', types, 900 * SEQUENCES_APART), '--rate', String(eventsPerSecond), '--duration', '1h']);
}

async function measureHealthy(platform: Platform, sink: Sink, { binary, outDir }: Bench, howMany: string, duration: number, first: number): Promise<Figures> {
  await sink.reset();
  const args = [...publishArgs(platform, HEALTHY_TENANTS, 'bench', HEALTHY_HOOKS, first), '--rate', howMany, '--duration', `${duration}s`];
  const report = await startPublishing(binary, outDir, 'isolation', args).ended;
  // What arrived while it was published: what comes later was held up.
  const inTime = await sink.latencyOf(HEALTHY);
  const drained = await drain(binary, outDir, 'isolation', ['--sink', sink.url, '--hooks', HEALTHY, '--any', '--idle', '30s', '--timeout', '180s']);
  const { p50, p99 } = await sink.latencyOf(HEALTHY);
  return { p50, p99, perSecond: inTime.n / duration, lost: drained.missing + report.failed, overtaken: drained.inverted_first, repeated: drained.duplicates };
}
