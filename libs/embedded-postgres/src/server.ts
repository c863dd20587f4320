import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@hooklane/kernel';
import type { Binaries } from './binaries.js';
import { lastLines, pgDataIn, serverEnvironment } from './data-directory.js';
import { hasProcessesOf, isAlive, livePostmaster, readPidFile, type Postmaster } from './postmaster.js';
import type { RunAs } from './run-as.js';
import { socketDirectory } from './socket.js';

export interface ServerSettings {
  readonly dataDir: string;
  readonly binaries: Binaries;
  readonly runAs: RunAs;
  /** null: any free one. */
  readonly port: number | null;
  readonly maxConnections: number;
  readonly parameters: Readonly<Record<string, string>>;
}

const POLL_MS = 10;
/** A server that is shutting down, or whose backends outlive it, is gone within this. */
const BUSY_LIMIT_MS = 15_000;
/** A port that was asked for may be held for a moment by our own server ending. */
const PORT_LIMIT_MS = 2_000;
/** Crash recovery replays at most `max_wal_size` of log; a slow disk reads 2 GB in less. */
const READY_LIMIT_MS = 120_000;
const FAST_STOP_LIMIT_MS = 20_000;
const LOG_BYTES_KEPT = 16 * 1024 * 1024;

/** Starts a server on the cluster, or takes over the one that runs on it already. */
export async function runServer(settings: ServerSettings): Promise<{ postmaster: Postmaster; adopted: boolean }> {
  const pgData = pgDataIn(settings.dataDir);
  const began = performance.now();
  const waitedLongerThan = (limitMs: number): boolean => performance.now() - began > limitMs;
  for (;;) {
    const running = livePostmaster(pgData);
    if (running !== null && running.status !== 'stopping') {
      const ready = await untilReady(pgData, running.pid);
      if (ready !== null) return { postmaster: ready, adopted: true };
    } else if (running === null) {
      const outcome = await launch(settings, pgData);
      if (outcome.kind === 'ready') return { postmaster: outcome.postmaster, adopted: false };
      if (!isPassing(outcome.log) || waitedLongerThan(isPortTaken(outcome.log) && settings.port !== null ? PORT_LIMIT_MS : BUSY_LIMIT_MS)) throw startFailure(settings, outcome.log);
    }
    if (waitedLongerThan(BUSY_LIMIT_MS)) throw new AppError('database-start-failed', `A Postgres server still works on ${settings.dataDir} (process ${running?.pid ?? 'unknown'}) and does not end.`);
    await sleep(POLL_MS * 5);
  }
}

type Launched = { kind: 'ready'; postmaster: Postmaster } | { kind: 'failed'; log: string };

async function launch(settings: ServerSettings, pgData: string): Promise<Launched> {
  removeStalePidFile(pgData);
  removeStaleSockets(pgData);
  const logFile = join(settings.dataDir, 'server.log');
  if (existsSync(logFile) && statSync(logFile).size > LOG_BYTES_KEPT) renameSync(logFile, `${logFile}.1`);
  // A file and not a pipe: the server outlives us when we are killed, and must not die of a broken pipe then.
  const log = openSync(logFile, 'a', 0o600);
  const logStart = statSync(logFile).size;
  const port = settings.port ?? (await freePort());
  // Detached: Ctrl-C goes to the whole foreground group, and the server has to end last.
  const child = spawn(settings.binaries.postgres, serverArguments(settings, pgData, port), {
    cwd: '/', stdio: ['ignore', log, log], env: serverEnvironment(), detached: true, windowsHide: true, ...settings.runAs,
  });
  closeSync(log);
  child.unref();
  const failed = new Promise<null>((done) => {
    child.once('error', () => done(null));
    child.once('exit', () => done(null));
  });
  const ready = child.pid === undefined ? null : await Promise.race([untilReady(pgData, child.pid), failed]);
  return ready === null ? { kind: 'failed', log: readFileSync(logFile).subarray(logStart).toString() } : { kind: 'ready', postmaster: ready };
}

function serverArguments({ parameters, maxConnections }: ServerSettings, pgData: string, port: number): string[] {
  const all: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: socketDirectory(pgData),
    max_connections: String(maxConnections),
    shared_buffers: '128MB',
    synchronous_commit: 'on',
    // Segments are kept and used again rather than made anew, see `createCluster`.
    min_wal_size: '512MB',
    max_wal_size: '2GB',
    // Our statements are short; compiling one costs more than running it.
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    lc_messages: 'C',
    log_checkpoints: 'off',
    ...parameters,
  };
  return ['-D', pgData, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

async function untilReady(pgData: string, pid: number): Promise<Postmaster | null> {
  const deadline = performance.now() + READY_LIMIT_MS;
  while (performance.now() < deadline && isAlive(pid)) {
    const written = readPidFile(pgData);
    if (written?.pid === pid && written.status === 'ready') return written;
    await sleep(POLL_MS);
  }
  return null;
}

/**
 * A pid file left by a killed server may name a process number that somebody else has meanwhile (always so in a restarted container), and the
 * server then refuses to start. It goes only when nothing works in the directory: with a backend left, the file is what guards the shared memory.
 */
function removeStalePidFile(pgData: string): void {
  const written = readPidFile(pgData);
  if (written === null || !isAlive(written.pid) || livePostmaster(pgData) !== null || hasProcessesOf(pgData)) return;
  rmSync(join(pgData, 'postmaster.pid'), { force: true });
}

/** Left by killed servers, each under the port it had. Nothing listens on them, but a lock among them may name a process number that somebody else has meanwhile. */
function removeStaleSockets(pgData: string): void {
  if (livePostmaster(pgData) !== null) return;
  for (const name of readdirSync(pgData)) if (name.startsWith('.s.PGSQL.')) rmSync(join(pgData, name), { force: true });
}

/** What goes away by itself: another server ending, its backends ending, a port that somebody took since we looked. */
function isPassing(log: string): boolean {
  return /lock file "postmaster\.pid" already exists|pre-existing shared memory block/i.test(log) || isPortTaken(log);
}

function isPortTaken(log: string): boolean {
  return /Address already in use/i.test(log);
}

function startFailure({ dataDir, port }: ServerSettings, log: string): AppError {
  if (/No space left on device/i.test(log)) return new AppError('disk-full', `The disk of ${dataDir} is full: the database cannot start.`);
  if (port !== null && isPortTaken(log)) return new AppError('port-in-use', `Port ${port} on 127.0.0.1 is in use: the database cannot listen there.`);
  return new AppError('database-start-failed', `Postgres did not start on ${dataDir}: ${lastLines(log, 6)}`);
}

/** Ends the server: clients are cut off, a checkpoint is written. One that does not end within 20 s is stopped hard and recovers at its next start. */
export async function stopServer(pgData: string, pid: number, binaries: Binaries): Promise<void> {
  if (!isAlive(pid)) return;
  if (process.platform === 'win32') {
    spawnSync(binaries.pgCtl, ['stop', '-D', pgData, '-m', 'fast', '-w'], { env: serverEnvironment(), windowsHide: true });
    return;
  }
  if (await endsAfter(pid, 'SIGINT')) return;
  await endsAfter(pid, 'SIGQUIT');
}

async function endsAfter(pid: number, signal: NodeJS.Signals): Promise<boolean> {
  try {
    process.kill(pid, signal);
  } catch {
    return true;
  }
  const deadline = performance.now() + FAST_STOP_LIMIT_MS;
  while (isAlive(pid)) {
    if (performance.now() > deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}
