import { readdirSync, readFileSync } from 'node:fs';
import type { Platform } from '../platform/platform.js';

/** Sends a signal to every process of a platform that has this name, and to their children: Postgres serves each connection by one. */
export function signalAll(platform: Platform, name: string, signal: NodeJS.Signals): void {
  const pids = platform.processes().filter((one) => one.name === name).flatMap(({ pid }) => familyOf(pid));
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // Some may have ended meanwhile.
    }
  }
}

function familyOf(pid: number): number[] {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(name) === pid);
  return [pid, ...children.map(Number)];
}

function parentOf(pid: string): number {
  try {
    return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]);
  } catch {
    return 0;
  }
}
