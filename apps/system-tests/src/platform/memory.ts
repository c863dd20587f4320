import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { eventually } from '@hooklane/testkit';
import type { Platform } from './platform.js';
import { repositoryRoot } from './repository.js';

const BYTES_PER_MIB = 1024 * 1024;
const PROBE = join(repositoryRoot, 'apps/system-tests/dist/platform/memory-probe.js');

/** Of all of a platform's own Node processes together, in MiB. */
export interface MemoryMib {
  /** What they keep after garbage collection: V8's heap and the buffers beside it. */
  readonly kept: number;
  /** What the system counts, with everything that V8 and the allocator hold in reserve. */
  readonly resident: number;
}

/** The environment of a platform whose memory is to be measured. `directory` is made if it is not there. */
export function measurableMemory(directory: string, nodeOptions: string): Record<string, string> {
  mkdirSync(directory, { recursive: true });
  return { HOOKLANE_MEMORY_PROBE: directory, NODE_OPTIONS: `${nodeOptions} --import=${pathToFileURL(PROBE).href}` };
}

/** Collects the garbage of a platform that was started with `measurableMemory(directory)` and counts what is left, without Postgres and Kafka. */
export async function memoryOf(platform: Platform, directory: string): Promise<MemoryMib> {
  const own = platform.processes().filter(({ name }) => name !== 'postgres' && name !== 'kafka');
  const all = await Promise.all(own.map(({ pid }) => probe(pid, join(directory, `${pid}.json`))));
  const sum = (of: (usage: NodeJS.MemoryUsage) => number): number => all.reduce((total, usage) => total + of(usage), 0) / BYTES_PER_MIB;
  return { kept: sum(({ heapUsed, external }) => heapUsed + external), resident: sum(({ rss }) => rss) };
}

async function probe(pid: number, file: string): Promise<NodeJS.MemoryUsage> {
  rmSync(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  await eventually(() => existsSync(file), `process ${pid} to say what it keeps in memory`);
  return JSON.parse(readFileSync(file, 'utf8')) as NodeJS.MemoryUsage;
}
