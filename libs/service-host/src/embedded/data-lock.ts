import { AppError } from '@hooklane/kernel';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Holder {
  readonly pid: number;
  /** Since boot, as the kernel counts; empty where it cannot be known. Tells a process from a later one with the same id. */
  readonly started: string;
}

const TRIES = 5;

/**
 * Takes the data directory for this process. A lock that a killed process left is recognised (its process is gone) and taken over.
 * @returns gives it back
 * @throws AppError `data-directory-in-use`
 */
export function lockDataDirectory(dataDir: string): () => void {
  const path = join(dataDir, 'lock');
  const mine = join(dataDir, `lock.${process.pid}`);
  const me: Holder = { pid: process.pid, started: startOf(process.pid) };
  writeFileSync(mine, JSON.stringify(me), { mode: 0o600 });
  try {
    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      if (tryLink(mine, path)) return () => release(path);
      const holder = holderOf(path);
      if (holder && isRunning(holder)) {
        throw new AppError('data-directory-in-use', `Hooklane is already running on ${dataDir} (process ${holder.pid}): stop that one, or give this one another directory with HOOKLANE_DATA_DIR.`);
      }
      rmSync(path, { force: true });
    }
    throw new AppError('data-directory-in-use', `The lock ${path} is being taken by several processes at once: start one Hooklane on this directory.`);
  } finally {
    rmSync(mine, { force: true });
  }
}

/** A hard link either makes the file whole or fails because it is there: no other start sees an empty lock. */
function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function release(path: string): void {
  if (holderOf(path)?.pid === process.pid) rmSync(path, { force: true });
}

function holderOf(path: string): Holder | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return null;
  }
}

function isRunning({ pid, started }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return started === '' || startOf(pid) === started;
}

/** Field 22 of /proc/<pid>/stat, counted behind the command name, which may hold anything. A zombie has no start. */
function startOf(pid: number): string {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
    return fields[0] === 'Z' ? 'zombie' : (fields[19] ?? '');
  } catch {
    return '';
  }
}
