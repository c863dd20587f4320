import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AppError } from '@hooklane/kernel';
import type { Binaries } from './binaries.js';
import { isAlive } from './postmaster.js';
import { firstClosedDirectory, giveTo, type RunAs } from './run-as.js';

export const DATABASE_USER = 'hooklane';
const PASSWORD_FILE = 'hooklane.password';
const UNFINISHED = /^init-(\d+)$/;
const WAL_SEGMENT_BYTES = 16 * 1024 * 1024;
const MIB = 1024 * 1024;
/** A cluster takes 40 MiB without its log segments. */
const FRESH_CLUSTER_BYTES = 64 * MIB;
/** Less than this and Postgres may fail at its first segment. */
const LEAST_FREE_BYTES = 48 * MIB;

export function pgDataIn(dataDir: string): string {
  return join(dataDir, 'data');
}

/** Makes `dataDir` and checks that the server's user can work in it. */
export function prepareDirectory(dataDir: string, runAs: RunAs): void {
  try {
    mkdirSync(dataDir, { recursive: true });
    chmodSync(dataDir, 0o700);
  } catch (error) {
    throw new AppError('unusable-data-directory', `The directory ${dataDir} cannot be made or written (${(error as NodeJS.ErrnoException).code}).`, { cause: error });
  }
  giveTo(dataDir, runAs);
  const closed = firstClosedDirectory(dataDir, runAs);
  if (closed !== null) {
    throw new AppError(
      'unusable-data-directory',
      `Only root can enter ${closed}, and Postgres refuses to run as root: put the data where user ${runAs?.uid} can reach it, for example HOOKLANE_DATA_DIR=/var/lib/hooklane, or move the checkout, or start as an ordinary user.`,
    );
  }
  requireSpace(dataDir, LEAST_FREE_BYTES);
}

/** @returns the major version that made the cluster, or null when there is none yet. */
export function clusterMajor(dataDir: string): number | null {
  const file = join(pgDataIn(dataDir), 'PG_VERSION');
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : null;
}

export function passwordOf(dataDir: string): string {
  try {
    return readFileSync(join(pgDataIn(dataDir), PASSWORD_FILE), 'utf8');
  } catch (error) {
    throw new AppError('unusable-data-directory', `The database's password file ${join(pgDataIn(dataDir), PASSWORD_FILE)} cannot be read (${(error as NodeJS.ErrnoException).code}).`, { cause: error });
  }
}

/**
 * Makes a new cluster. It is made under a name of this process and renamed when it is whole, so that a process
 * killed meanwhile leaves nothing that looks like a cluster.
 * `walBytes` says how much of the write-ahead log is laid out at once: a commit that has to make a new segment waits some 45 ms for it.
 * `sync` says whether the cluster must survive a power cut from the first moment.
 */
export async function createCluster(dataDir: string, binaries: Binaries, runAs: RunAs, { walBytes, sync }: { walBytes: number; sync: boolean }): Promise<void> {
  removeUnfinished(dataDir);
  requireSpace(dataDir, FRESH_CLUSTER_BYTES + walBytes);
  const unfinished = join(dataDir, `init-${process.pid}`);
  const passwordFile = join(dataDir, `init-password-${process.pid}`);
  try {
    mkdirSync(unfinished, { mode: 0o700 });
    giveTo(unfinished, runAs);
    const password = randomBytes(24).toString('base64url');
    writeFileSync(passwordFile, password, { mode: 0o600 });
    giveTo(passwordFile, runAs);
    await runInitdb([...(sync ? [] : ['--no-sync']), '-D', unfinished, `--pwfile=${passwordFile}`], binaries, runAs);
    writeFileSync(join(unfinished, PASSWORD_FILE), password, { mode: 0o600 });
    giveTo(join(unfinished, PASSWORD_FILE), runAs);
    await layOutWal(join(unfinished, 'pg_wal'), walBytes, runAs);
    renameSync(unfinished, pgDataIn(dataDir));
  } catch (error) {
    throw asDiskFull(error, dataDir);
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(unfinished, { recursive: true, force: true });
  }
}

function removeUnfinished(dataDir: string): void {
  for (const name of readdirSync(dataDir)) {
    const pid = UNFINISHED.exec(name)?.[1];
    if (pid === undefined || (Number(pid) !== process.pid && isAlive(Number(pid)))) continue;
    try {
      rmSync(join(dataDir, name), { recursive: true, force: true });
    } catch {
      // An initdb whose parent was killed still writes there; the next start removes it.
    }
  }
}

async function runInitdb(where: string[], binaries: Binaries, runAs: RunAs): Promise<void> {
  // From 17 on Postgres brings the locale itself, so that no system has to have it and no system update changes how text sorts.
  const locale = binaries.major >= 17 ? ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : ['--locale=C.UTF-8'];
  const args = [...where, '-E', 'UTF8', ...locale, '-U', DATABASE_USER, '--auth=scram-sha-256'];
  const child = spawn(binaries.initdb, args, { cwd: '/', stdio: ['ignore', 'pipe', 'pipe'], env: serverEnvironment(), detached: true, windowsHide: true, ...runAs });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const status = await new Promise<number | string>((done) => {
    child.once('error', (error) => done(error.message));
    child.once('close', (code, signal) => done(code ?? signal ?? 'unknown'));
  });
  if (status === 0) return;
  if (/No space left on device/i.test(output)) throw Object.assign(new Error(output), { code: 'ENOSPC' });
  throw new AppError('database-init-failed', `initdb failed (${status}): ${lastLines(output, 6)}`);
}

/** The server finds segments that are there and uses them. The first is initdb's own; names count in units of 16 MiB, hexadecimal, on timeline 1. */
async function layOutWal(walDir: string, walBytes: number, runAs: RunAs): Promise<void> {
  const zeros = Buffer.alloc(WAL_SEGMENT_BYTES);
  for (let segment = 2; segment <= Math.floor(walBytes / WAL_SEGMENT_BYTES); segment++) {
    const path = join(walDir, `0000000100000000${segment.toString(16).toUpperCase().padStart(8, '0')}`);
    const file = await open(path, 'wx', 0o600);
    try {
      await file.write(zeros);
      await file.sync();
    } finally {
      await file.close();
    }
    giveTo(path, runAs);
  }
}

/** Nothing of our environment reaches the server but what a program needs to start: `PG…` variables would change what initdb makes. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: '/usr/bin:/bin', LANG: 'C', LC_ALL: 'C', TZ: 'UTC', ...(process.platform === 'win32' ? { SystemRoot: 'C:\\Windows' } : {}) };
}

function requireSpace(dataDir: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(dataDir);
  if (bavail * bsize >= bytes) return;
  throw new AppError('disk-full', `The disk of ${resolve(dataDir)} has ${Math.floor((bavail * bsize) / MIB)} MiB left, and the database needs ${Math.ceil(bytes / MIB)} MiB to start.`);
}

function asDiskFull(error: unknown, dataDir: string): unknown {
  if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') return error;
  return new AppError('disk-full', `The disk of ${resolve(dataDir)} is full: the database could not be made.`, { cause: error });
}

export function lastLines(text: string, count: number): string {
  return text.trim().split('\n').slice(-count).join('\n');
}
