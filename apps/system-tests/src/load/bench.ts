import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startEmbeddedPlatform } from '../platform/embedded-platform.js';
import { startSplitPlatform } from '../platform/split-platform.js';
import type { Platform } from '../platform/platform.js';
import { must } from '../platform/client.js';
import { repositoryRoot } from '../platform/repository.js';
import { databaseWork, type DatabaseWork } from './database-work.js';
import { buildLanebench, measure, startSink, type Measured, type Sink } from './lanebench.js';

/** What a scenario publishes and who receives it. */
interface Scenario {
  readonly name: string;
  readonly hooks: number;
  /** Hooks that get each event. */
  readonly fanOut: number;
  readonly publish: readonly string[];
}

interface Row {
  readonly scenario: string;
  readonly mode: string;
  readonly published: number;
  readonly publish_per_s: number;
  readonly ack_p50_ms: number;
  readonly ack_p99_ms: number;
  readonly deliveries_per_s: number;
  readonly e2e_p50_ms: number;
  readonly e2e_p99_ms: number;
  readonly cpu_us_per_delivery: number;
  readonly cpu_us_by_process: Readonly<Record<string, number>>;
  readonly commits_per_delivery: number;
  readonly rows_per_delivery: number;
  readonly lost: number;
  readonly inverted: number;
  readonly repeated: number;
  readonly failed_publishes: number;
  readonly machine_others_s: number;
}

const PAYLOAD_BYTES = 1024;
const CONNECTIONS = 32;

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '15' },
    only: { type: 'string' },
    mode: { type: 'string', default: 'embedded' },
    'node-args': { type: 'string' },
    env: { type: 'string', multiple: true, default: [] },
    help: { type: 'boolean', default: false },
  },
});

const scenarios: readonly Scenario[] = [
  { name: 'fan-out-1', hooks: 50, fanOut: 1, publish: ['--rate', 'max', '--conns', String(CONNECTIONS), '--duration', `${options.seconds}s`] },
  { name: 'fan-out-10', hooks: 10, fanOut: 10, publish: ['--rate', 'max', '--conns', String(CONNECTIONS), '--duration', `${options.seconds}s`] },
  { name: 'latency-200', hooks: 50, fanOut: 1, publish: ['--rate', '200', '--conns', String(CONNECTIONS), '--duration', `${options.seconds}s`] },
];

if (options.help) {
  process.stdout.write(
    'npm run bench -- [--seconds 15] [--only fan-out-1,fan-out-10,latency-200] [--mode embedded|distributed] [--node-args=--cpu-prof] [--env HOOKLANE_PARTITIONS=1]…\n' +
      'Publishes to a platform of its own on 127.0.0.1, checks that nothing was lost or out of order, prints a table and writes .hooklane/bench/result.json.\n',
  );
} else {
  process.exitCode = await main();
}

async function main(): Promise<number> {
  const outDir = join(repositoryRoot, '.hooklane', 'bench');
  mkdirSync(outDir, { recursive: true });
  const binary = buildLanebench(outDir);
  const chosen = options.only ? options.only.split(',') : scenarios.map(({ name }) => name);
  const rows: Row[] = [];
  for (const scenario of scenarios.filter(({ name }) => chosen.includes(name))) rows.push(await runScenario(scenario, binary, outDir));
  writeFileSync(join(outDir, 'result.json'), `${JSON.stringify({ at: new Date().toISOString(), node: process.version, rows }, null, 2)}\n`);
  console.table(rows.map(({ cpu_us_by_process: by, ...row }) => ({ ...row, cpu_split: Object.entries(by).map(([name, us]) => `${name} ${us}`).join(', ') })));
  process.stdout.write(`${JSON.stringify(rows)}\n`);
  const broken = rows.filter((row) => row.lost > 0 || row.inverted > 0 || row.failed_publishes > 0);
  for (const row of broken) process.stderr.write(`${row.scenario}: the ledger does not agree (lost ${row.lost}, inverted ${row.inverted}, refused ${row.failed_publishes}).\n`);
  return broken.length === 0 ? 0 : 1;
}

async function runScenario(scenario: Scenario, binary: string, outDir: string): Promise<Row> {
  const platform = await startPlatform();
  const sink = await startSink(binary, outDir, ['--keys', '50']);
  try {
    await prepare(platform, sink, scenario);
    // Warms up the code and the cluster's files; its ledger is thrown away.
    await measureOnce(platform, sink, scenario, binary, outDir, ['--rate', 'max', '--conns', String(CONNECTIONS), '--duration', '4s'], 0);
    await sink.reset();
    const before = await databaseWork(platform);
    const measured = await measureOnce(platform, sink, scenario, binary, outDir, scenario.publish, 10_000_000);
    return toRow(scenario, platform, measured, before, await databaseWork(platform));
  } finally {
    await sink.stop();
    await platform.stop();
  }
}

/** `--env NAME=value`, as often as wanted: to measure a setting against its default. */
function chosenEnvironment(): Record<string, string> {
  return Object.fromEntries(options.env.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
}

async function startPlatform(): Promise<Platform> {
  const settings = { env: { HOOKLANE_LOG_LEVEL: 'warn', ...chosenEnvironment() }, ...(options['node-args'] ? { nodeArgs: options['node-args'].split(' ') } : {}) };
  return options.mode === 'distributed' ? startSplitPlatform(settings) : startEmbeddedPlatform(settings);
}

async function prepare(platform: Platform, sink: Sink, { hooks, fanOut }: Scenario): Promise<void> {
  await must(platform, 'PUT', '/v1/tenants/bench', { name: 'Bench' });
  for (let hook = 0; hook < hooks; hook++) {
    const eventTypes = fanOut === 1 ? [`bench.${hook}`] : ['bench.*'];
    await must(platform, 'POST', '/v1/tenants/bench/hooks', { name: `hook ${hook}`, url: `${sink.url}/h/${hook}`, eventTypes });
  }
}

function measureOnce(platform: Platform, sink: Sink, { hooks, fanOut }: Scenario, binary: string, outDir: string, rate: readonly string[], first: number): Promise<Measured> {
  const body = '{"type":"bench.{key}","orderingKey":"{key}","data":{"seq":{seq},"t":{t},"pad":"{pad}"}}';
  const publish = [
    '--url', `${platform.urlOf('event-ingest')}/v1/tenants/bench/events`,
    '--header', `Authorization: Bearer ${platform.adminKey}`,
    '--header', 'Content-Type: application/json',
    '--body', body, '--payload-bytes', String(PAYLOAD_BYTES), '--keys', '50', '--pin', '--first', String(first),
    ...rate,
  ];
  const drain = ['--sink', sink.url, '--hooks', `0-${hooks - 1}`, ...(fanOut === 1 ? ['--any'] : []), '--idle', '20s', '--timeout', '120s'];
  return measure(binary, outDir, platform.processes(), publish, drain);
}

function toRow(scenario: Scenario, platform: Platform, { publish, drain, cpu }: Measured, before: DatabaseWork, after: DatabaseWork): Row {
  const deliveries = Math.max(drain.unique, 1);
  const perDelivery = (seconds: number): number => Math.round((seconds * 1e6) / deliveries);
  const seconds = Object.values(cpu.groups).reduce((sum, group) => sum + group.cpu_s, 0);
  const latency = drain.latency_ms['all'];
  const round = (value: number): number => Math.round(value * 100) / 100;
  return {
    scenario: scenario.name,
    mode: platform.mode,
    published: publish.acked,
    publish_per_s: Math.round(publish.acked_per_s),
    ack_p50_ms: publish.ack_ms.p50,
    ack_p99_ms: publish.ack_ms.p99,
    deliveries_per_s: Math.round(drain.progress.steady_per_s),
    e2e_p50_ms: latency?.p50 ?? Number.NaN,
    e2e_p99_ms: latency?.p99 ?? Number.NaN,
    cpu_us_per_delivery: perDelivery(seconds),
    cpu_us_by_process: Object.fromEntries(Object.entries(cpu.groups).map(([name, group]) => [name, perDelivery(group.cpu_s)])),
    commits_per_delivery: round((after.commits - before.commits) / deliveries),
    rows_per_delivery: round((after.rowsWritten - before.rowsWritten) / deliveries),
    lost: drain.missing,
    inverted: drain.key_inverted,
    repeated: drain.duplicates,
    failed_publishes: publish.failed,
    machine_others_s: cpu.machine.others_s,
  };
}
