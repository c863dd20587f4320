import { readFileSync } from 'node:fs';
import type { Platform } from './platform.js';

const KIB = 1024;

/** Resident memory of a platform's own Node processes in MiB, without Postgres and Kafka. Linux only: 0 elsewhere. */
export function residentMib(platform: Platform): number {
  const own = platform.processes().filter(({ name }) => name !== 'postgres' && name !== 'kafka');
  return own.reduce((sum, { pid }) => sum + residentKib(pid), 0) / KIB;
}

function residentKib(pid: number): number {
  if (process.platform !== 'linux') return 0;
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
}
