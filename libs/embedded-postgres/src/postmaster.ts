import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/** What the running server says of itself in `postmaster.pid` (Postgres, `miscadmin.h`: the lines LOCK_FILE_LINE_*). */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  /** Where its Unix socket lies; empty when it has none. */
  readonly socketDir: string;
  readonly status: 'starting' | 'ready' | 'stopping' | 'unknown';
}

const PID_LINE = 0;
const PORT_LINE = 3;
const SOCKET_DIR_LINE = 4;
const STATUS_LINE = 7;

/** @returns the server that owns `pgData` and lives, or null; a file left behind by a dead one counts as none. */
export function livePostmaster(pgData: string): Postmaster | null {
  const written = readPidFile(pgData);
  return written !== null && isAlive(written.pid) && isServerOf(written.pid, pgData) ? written : null;
}

export function readPidFile(pgData: string): Postmaster | null {
  let lines: string[];
  try {
    lines = readFileSync(join(pgData, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return null;
  }
  const pid = Number(lines[PID_LINE]);
  if (!Number.isInteger(pid) || pid <= 0) return null;
  return { pid, port: Number(lines[PORT_LINE] ?? 0), socketDir: lines[SOCKET_DIR_LINE] ?? '', status: statusOf(lines[STATUS_LINE]) };
}

function statusOf(line: string | undefined): Postmaster['status'] {
  const word = (line ?? '').trim();
  return word === 'starting' || word === 'ready' || word === 'stopping' ? word : 'unknown';
}

/** A zombie (dead, but its parent has not asked for its fate) answers to signal 0, so on Linux its state is read as well. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch (error) {
    return process.platform !== 'linux' || (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

/** Process numbers are used again, so a living one proves nothing: every Postgres process has its data directory as working directory. */
function isServerOf(pid: number, pgData: string): boolean {
  if (process.platform === 'linux') return workingDirectory(pid) === realpathSync(pgData);
  if (process.platform === 'win32') return true;
  return spawnSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' }).stdout.includes(pgData);
}

/** Whether any process works in `pgData`, such as a backend whose postmaster was killed: it still writes to the shared memory. */
export function hasProcessesOf(pgData: string): boolean {
  if (process.platform !== 'linux') return false;
  const home = realpathSync(pgData);
  return readdirSync('/proc').some((name) => /^\d+$/.test(name) && workingDirectory(Number(name)) === home && isAlive(Number(name)));
}

function workingDirectory(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null; // Gone, or of a user whose processes we may not look into: then it is none of ours.
  }
}
