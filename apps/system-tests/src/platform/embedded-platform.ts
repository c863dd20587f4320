import { execFile } from 'node:child_process';
import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts } from '@hooklane/testkit';
import { startChild, untilReady, type Child } from './child.js';
import type { Platform } from './platform.js';
import { serviceEntry } from './repository.js';
import { makeRunDirectory } from './run-directory.js';

const run = promisify(execFile);

/** Entries beside `main.js` that do what is a job of a service where services run apart. */
const JOBS: Readonly<Record<string, string>> = { 'log-query rebuild': 'rebuild-log.js' };

export interface EmbeddedPlatformOptions {
  /** Default: a directory made for this run and removed by `stop`. */
  readonly dataDir?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** For Node, before the program. */
  readonly nodeArgs?: readonly string[];
}

/** The whole platform in one process, on its own embedded Postgres: what `npm start` runs. */
export async function startEmbeddedPlatform(options: EmbeddedPlatformOptions = {}): Promise<Platform> {
  const directory = options.dataDir ?? enterableDirectory();
  const dataDir = join(directory, 'data');
  const logFile = join(directory, 'all-in-one.log');
  const [httpPort, grpcPort] = (await freePorts(2)) as [number, number];
  const adminKey = `system-tests-${randomBytes(16).toString('hex')}`;
  const env = {
    HOOKLANE_PORT: String(httpPort),
    HOOKLANE_GRPC_PORT: String(grpcPort),
    HOOKLANE_DATA_DIR: dataDir,
    HOOKLANE_ADMIN_KEY: adminKey,
    ...options.env,
  };
  const url = `http://127.0.0.1:${httpPort}`;
  const start = async (): Promise<Child> => {
    const child = startChild({ entry: serviceEntry('all-in-one'), env, logFile, nodeArgs: options.nodeArgs ?? [] });
    await untilReady(`${url}/readyz`, child, logFile);
    return child;
  };
  let child = await start();
  const processes = (): { name: string; pid: number }[] => [
    { name: 'all-in-one', pid: child.pid },
    { name: 'postgres', pid: postmasterPid(dataDir) },
  ];
  return {
    mode: 'embedded',
    url,
    urlOf: () => url,
    grpcAddress: () => `127.0.0.1:${grpcPort}`,
    adminKey,
    databaseUrl: () => embeddedDatabaseUrl(dataDir),
    processes,
    another: () => Promise.resolve(url),
    async kill(name) {
      if (name === 'all-in-one') return child.kill();
      process.kill(postmasterPid(dataDir), 'SIGKILL');
    },
    async job(service, job) {
      const entry = JOBS[`${service} ${job}`];
      if (entry === undefined) throw new Error(`all-in-one has no job ${job} of ${service}`);
      return (await run(process.execPath, [serviceEntry('all-in-one').replace(/main\.js$/, entry)], { env: { ...process.env, ...env } })).stdout;
    },
    async terminate(name) {
      if (name === 'all-in-one') await child.stop();
    },
    async restart(name) {
      if (name === 'all-in-one') child = await start();
    },
    async stop() {
      await child.stop();
      // HOOKLANE_SYSTEM_KEEP=1 leaves logs and data for whoever looks for a fault.
      if (!options.dataDir && !process.env['HOOKLANE_SYSTEM_KEEP']) rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Started as root, Postgres runs as somebody else, who must be able to pass through; what is in it has its own rights. */
export function enterableDirectory(): string {
  const directory = makeRunDirectory();
  chmodSync(directory, 0o711);
  return directory;
}

/** Where the launcher keeps the cluster below the data directory. */
function cluster(dataDir: string): string {
  return join(dataDir, 'postgres', 'data');
}

function postmasterLine(dataDir: string, line: number): string {
  return readFileSync(join(cluster(dataDir), 'postmaster.pid'), 'utf8').split('\n')[line] ?? '';
}

/** First line of postmaster.pid is its process, the fourth its port. */
function postmasterPid(dataDir: string): number {
  const pid = Number(postmasterLine(dataDir, 0));
  // A file that is being written; and to signal 0 would be to signal ourselves.
  if (!(pid > 1)) throw new Error('Postgres is not there at the moment');
  return pid;
}

function embeddedDatabaseUrl(dataDir: string): string {
  const password = readFileSync(join(cluster(dataDir), 'hooklane.password'), 'utf8');
  return `postgres://hooklane:${password}@127.0.0.1:${postmasterLine(dataDir, 3)}/postgres`;
}
