import { setTimeout as sleep } from 'node:timers/promises';
import { findBinaries } from './binaries.js';
import { clusterMajor, createCluster, DATABASE_USER, passwordOf, pgDataIn, prepareDirectory } from './data-directory.js';
import { isAlive } from './postmaster.js';
import { serverUser } from './run-as.js';
import { runServer, stopServer, type ServerSettings } from './server.js';
import { overSocket } from './socket.js';

export interface EmbeddedPostgresSettings {
  /** Holds the cluster (`data/`), its password and `server.log`. Made if it is not there; belongs to this server alone. */
  readonly dataDir: string;
  /** On 127.0.0.1. Default: a free one, another at each start. */
  readonly port?: number;
  /** Default 200; five modules hold about 60. */
  readonly maxConnections?: number;
  /** Write-ahead log laid out when the cluster is made, in bytes. Default 192 MiB. */
  readonly walBytes?: number;
  /** Further server parameters, as in `postgresql.conf`; these win over ours. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Told in one sentence when the server died and when it is back. */
  readonly onTrouble?: (sentence: string) => void;
}

export interface EmbeddedPostgres {
  /** `postgres://user:password@127.0.0.1:port/postgres`; holds for the life of this object, also when the server had to be started again. */
  readonly url: string;
  /**
   * The same server by its Unix socket, with the directory as host; the same as `url` where there is none (Windows, a path of more than 103 bytes).
   * A statement of 8 KB costs this process 64 µs instead of 102, the server 140 instead of 180, and takes 0.3 ms instead of 0.5 (measured on two busy cores).
   */
  readonly socketUrl: string;
  /** Whether a server that a killed process had left was taken over. */
  readonly adopted: boolean;
  readonly version: number;
  /** The server's process, for tests that kill it. */
  pid(): number;
  /** Ends the server and waits for it. May be called twice. */
  stop(): Promise<void>;
}

const DEFAULT_WAL_BYTES = 192 * 1024 * 1024;
const WATCH_EVERY_MS = 250;
const RESTART_PAUSE_MAX_MS = 5_000;

/**
 * Starts a Postgres of our own on `dataDir`, without anything installed: the binaries come from npm. It listens on 127.0.0.1 and on a socket in its
 * own folder, and asks for a password, because other users of the machine reach that address too. A server that dies is started again on the same port.
 * @throws AppError `unsupported-platform`, `unusable-data-directory`, `disk-full`, `database-init-failed`, `database-version-mismatch`,
 * `database-start-failed`, `port-in-use`; the message is one sentence for the person at the terminal.
 */
export async function startEmbeddedPostgres(settings: EmbeddedPostgresSettings): Promise<EmbeddedPostgres> {
  const { dataDir, port = null, maxConnections = 200, walBytes = DEFAULT_WAL_BYTES, parameters = {}, onTrouble = () => undefined } = settings;
  const runAs = serverUser();
  prepareDirectory(dataDir, runAs);
  const binaries = findBinaries(dataDir, runAs, clusterMajor(dataDir));
  if (clusterMajor(dataDir) === null) await createCluster(dataDir, binaries, runAs, { walBytes, sync: parameters['fsync'] !== 'off' });
  const server: ServerSettings = { dataDir, binaries, runAs, port, maxConnections, parameters };
  const { postmaster, adopted } = await runServer(server);

  const watch = watchServer({ ...server, port: postmaster.port }, postmaster.pid, onTrouble);
  let stopped: Promise<void> | undefined;
  const url = `postgres://${DATABASE_USER}:${passwordOf(dataDir)}@127.0.0.1:${postmaster.port}/postgres`;
  return {
    url,
    socketUrl: overSocket(url, postmaster),
    adopted,
    version: binaries.major,
    pid: watch.pid,
    stop: () => (stopped ??= watch.end().then(() => stopServer(pgDataIn(dataDir), watch.pid(), binaries))),
  };
}

/** Looks whether the server lives (an adopted one is not our child, so nobody tells us) and starts it again, for as long as it takes. */
function watchServer(server: ServerSettings, firstPid: number, onTrouble: (sentence: string) => void): { pid: () => number; end: () => Promise<void> } {
  let pid = firstPid;
  const ending = new AbortController();
  const loop = async (): Promise<void> => {
    for (let pauseMs = WATCH_EVERY_MS; !ending.signal.aborted; ) {
      // Unreferenced: a process that has nothing else to do may end and leave the server to the next start.
      await sleep(pauseMs, undefined, { ref: false, signal: ending.signal }).catch(() => undefined);
      if (ending.signal.aborted || isAlive(pid)) continue;
      onTrouble(`Postgres (process ${pid}) ended unexpectedly; starting it again.`);
      try {
        ({ pid } = (await runServer(server)).postmaster);
        onTrouble(`Postgres is back (process ${pid}).`);
        pauseMs = WATCH_EVERY_MS;
      } catch (error) {
        onTrouble(`Postgres could not be started again: ${(error as Error).message}`);
        pauseMs = Math.min(pauseMs * 2, RESTART_PAUSE_MAX_MS);
      }
    }
  };
  const done = loop();
  return {
    pid: () => pid,
    end: () => {
      ending.abort();
      return done;
    },
  };
}
