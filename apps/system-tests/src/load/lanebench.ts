import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '@hooklane/testkit';
import { repositoryRoot } from '../platform/repository.js';

const sourceDir = join(repositoryRoot, 'apps', 'system-tests', 'load', 'lanebench');
const run = promisify(execFile);

/** Builds the load generator. @returns the path of its binary. @throws with a sentence when Go is not installed. */
export function buildLanebench(outDir: string): string {
  mkdirSync(outDir, { recursive: true });
  const binary = join(outDir, 'lanebench');
  const built = spawnSync('go', ['build', '-o', binary, '.'], { cwd: sourceDir, encoding: 'utf8' });
  if (built.error) throw new Error('The bench needs Go 1.26 or newer (https://go.dev/dl): its load generator must cost less than what it measures.');
  if (built.status !== 0) throw new Error(`go build failed: ${built.stderr}`);
  return binary;
}

export interface Latency {
  readonly n: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface PublishReport {
  readonly acked: number;
  readonly failed: number;
  readonly acked_per_s: number;
  readonly status: Readonly<Record<string, number>>;
  readonly samples?: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly ack_ms: Latency;
}

export interface DrainReport {
  readonly expected: number;
  readonly unique: number;
  readonly missing: number;
  readonly duplicates: number;
  readonly inverted_first: number;
  readonly key_inverted: number;
  readonly progress: { readonly steady_per_s: number; readonly per_second: number };
  readonly latency_ms: Readonly<Record<string, Latency>>;
}

export interface CpuReport {
  readonly groups: Readonly<Record<string, { readonly cpu_s: number; readonly rss_peak_mib: number; readonly pss_after_mib: number }>>;
  readonly machine: { readonly others_s: number; readonly busy_s: number };
  readonly elapsed_s: number;
}

export interface Sink {
  readonly url: string;
  readonly pid: number;
  /** Milliseconds from due to arrived, of a range of hooks such as `0-39`, since the last reset. */
  latencyOf(hooks: string): Promise<Latency>;
  /** Deliveries of all hooks since the last reset, without repeats. */
  delivered(): Promise<number>;
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the receiver of all hooks: hook i is `<url>/h/<i>`. */
export async function startSink(binary: string, outDir: string, args: readonly string[]): Promise<Sink> {
  const port = await freePort();
  const child: ChildProcess = spawn(binary, ['sink', '--addr', `127.0.0.1:${port}`, '--out', join(outDir, 'sink.json'), ...args], { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    const up = await fetch(`${url}/__stats?brief=1`).then((response) => response.ok, () => false);
    if (up) break;
    if (tries === 100) throw new Error('the sink did not start');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    url,
    pid: child.pid as number,
    async latencyOf(hooks) {
      const found = ((await (await fetch(`${url}/__latency?groups=${hooks}`)).json()) as Record<string, Latency>)[hooks];
      if (found === undefined) throw new Error(`the sink has no latency of ${hooks}`);
      return found;
    },
    async delivered() {
      return ((await (await fetch(`${url}/__stats?brief=1`)).json()) as { unique: number }).unique;
    },
    async reset() {
      await fetch(`${url}/__reset`, { method: 'POST' });
    },
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

export interface Publishing {
  /** Resolves with its report when it has come to its end. @throws when it ended otherwise */
  readonly ended: Promise<PublishReport>;
  /** Ends it before its time. */
  stop(): Promise<void>;
}

/** Publishes without waiting for it. @param name of its report in `outDir` */
export function startPublishing(binary: string, outDir: string, name: string, args: readonly string[]): Publishing {
  const file = join(outDir, `${name}.json`);
  const child = spawn(binary, ['publish', ...args, '--out', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  let words = '';
  child.stderr.on('data', (bytes) => (words += String(bytes)));
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  const ended = once(child, 'exit').then(([status]: unknown[]) => {
    process.removeListener('exit', killAtExit);
    if (status !== 0) throw new Error(`lanebench publish ended with ${String(status)}: ${words}`);
    return JSON.parse(readFileSync(file, 'utf8')) as PublishReport;
  });
  // Whoever stops it does not want to hear of it.
  ended.catch(() => undefined);
  return {
    ended,
    async stop() {
      child.kill('SIGTERM');
      await ended.catch(() => undefined);
    },
  };
}

/** Waits until everything that the publish report `name` calls acked has arrived. */
export async function drain(binary: string, outDir: string, name: string, args: readonly string[]): Promise<DrainReport> {
  const file = join(outDir, `${name}-drain.json`);
  // One that misses events ends with status 3: its report says so, and the caller judges it.
  await run(binary, ['drain', ...args, '--report', join(outDir, `${name}.json`), '--out', file], { maxBuffer: 1 << 26 }).catch((error: { code?: number }) => {
    if (error.code !== 3) throw error;
  });
  return JSON.parse(readFileSync(file, 'utf8')) as DrainReport;
}

export interface Measured {
  readonly publish: PublishReport;
  readonly drain: DrainReport;
  readonly cpu: CpuReport;
}

/** Publishes, waits until everything acked has arrived, and counts the CPU time of `processes` meanwhile. */
export async function measure(
  binary: string,
  outDir: string,
  processes: readonly { readonly name: string; readonly pid: number }[],
  publishArgs: readonly string[],
  drainArgs: readonly string[],
): Promise<Measured> {
  const file = (name: string): string => join(outDir, `${name}.json`);
  const quote = (words: readonly string[]): string => words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const publish = quote([binary, 'publish', ...publishArgs, '--out', file('publish')]);
  const drain = quote([binary, 'drain', ...drainArgs, '--report', file('publish'), '--out', file('drain')]);
  const pids = processes.map(({ name, pid }) => `${name}=${pid}`).join(',');
  // A drain that misses events ends with status 3: its report says so, and the caller judges it.
  await run(binary, ['cpu', '--pids', pids, '--out', file('cpu'), '--', 'sh', '-c', `${publish} && ${drain}; exit 0`], { maxBuffer: 1 << 26 });
  const read = <T>(name: string): T => JSON.parse(readFileSync(file(name), 'utf8')) as T;
  return { publish: read('publish'), drain: read('drain'), cpu: read('cpu') };
}
