import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@hooklane/embedded-postgres';
import { freePorts, startFaultProxy, type FaultProxy } from '@hooklane/testkit';
import { startChild, untilReady, type Child } from './child.js';
import type { Platform } from './platform.js';
import { serviceEntry } from './repository.js';
import { makeRunDirectory } from './run-directory.js';
import { throughProxy } from './through-proxy.js';

const run = promisify(execFile);

/** Entries beside `main.js` that do what is a job of a service where services run apart. */
const JOBS: Readonly<Record<string, string>> = { 'log-query rebuild': 'rebuild-log.js' };

export interface EmbeddedPlatformOptions {
  /** Default: a directory made for this run and removed by `stop`. */
  readonly dataDir?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Gives it a Postgres that is not its child, with a fault proxy between them. */
  readonly proxied?: boolean;
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
  const elsewhere = options.proxied === true ? await startElsewhere(join(directory, 'elsewhere')) : null;
  const env = {
    ...(elsewhere === null ? {} : { DATABASE_URL: elsewhere.url }),
    HOOKLANE_PORT: String(httpPort),
    HOOKLANE_GRPC_PORT: String(grpcPort),
    HOOKLANE_DATA_DIR: dataDir,
    HOOKLANE_ADMIN_KEY: adminKey,
    ...options.env,
  };
  const url = `http://127.0.0.1:${httpPort}`;
  const start = async (): Promise<Child> => {
    const child = startChild({ entry: serviceEntry('all-in-one'), env, logFile, nodeArgs: options.nodeArgs ?? [] });
    try {
      await untilReady(`${url}/readyz`, child, logFile);
    } catch (error) {
      // Killed at the end of this process it would leave its Postgres behind.
      await child.stop();
      throw error;
    }
    return child;
  };
  let child = await start().catch(async (error: unknown) => {
    await elsewhere?.stop();
    throw error;
  });
  const postgresPid = (): number => elsewhere?.postgres.pid() ?? postmasterPid(dataDir);
  const processes = (): { name: string; pid: number }[] => [
    { name: 'all-in-one', pid: child.pid },
    { name: 'postgres', pid: postgresPid() },
  ];
  return {
    mode: 'embedded',
    url,
    urlOf: () => url,
    grpcAddress: () => `127.0.0.1:${grpcPort}`,
    adminKey,
    ground: { kafka: null, database: elsewhere?.proxy ?? null },
    databaseUrl: () => elsewhere?.postgres.url ?? embeddedDatabaseUrl(dataDir),
    processes,
    another: () => Promise.resolve(url),
    async kill(name) {
      if (name === 'all-in-one') return child.kill();
      process.kill(postgresPid(), 'SIGKILL');
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
      await elsewhere?.stop();
      // HOOKLANE_SYSTEM_KEEP=1 leaves logs and data for whoever looks for a fault.
      if (!options.dataDir && !process.env['HOOKLANE_SYSTEM_KEEP']) rmSync(directory, { recursive: true, force: true });
    },
  };
}

interface Elsewhere {
  readonly postgres: EmbeddedPostgres;
  readonly proxy: FaultProxy;
  /** Of Postgres, through the proxy. */
  readonly url: string;
  stop(): Promise<void>;
}

async function startElsewhere(dataDir: string): Promise<Elsewhere> {
  mkdirSync(dataDir, { recursive: true });
  const postgres = await startEmbeddedPostgres({ dataDir });
  const proxy = await startFaultProxy({ port: Number(new URL(postgres.url).port) });
  const stop = async (): Promise<void> => {
    await proxy.stop();
    await postgres.stop();
  };
  return { postgres, proxy, url: throughProxy(postgres.url, proxy), stop };
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
