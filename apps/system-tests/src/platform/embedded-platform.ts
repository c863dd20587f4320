import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild, untilReady, type Child } from './child.js';
import { freePorts } from './free-ports.js';
import type { Platform } from './platform.js';
import { serviceEntry } from './repository.js';

export interface EmbeddedPlatformOptions {
  /** Default: a directory made for this run and removed by `stop`. */
  readonly dataDir?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeArgs?: string;
}

/** The whole platform in one process, on its own embedded Postgres: what `npm start` runs. */
export async function startEmbeddedPlatform(options: EmbeddedPlatformOptions = {}): Promise<Platform> {
  const directory = options.dataDir ?? mkdtempSync(join(tmpdir(), 'hooklane-'));
  const dataDir = join(directory, 'data');
  const logFile = join(directory, 'all-in-one.log');
  const [httpPort, grpcPort] = (await freePorts(2)) as [number, number];
  const adminKey = `system-tests-${randomBytes(16).toString('hex')}`;
  const env = {
    HOOKLANE_PORT: String(httpPort),
    HOOKLANE_GRPC_PORT: String(grpcPort),
    HOOKLANE_DATA_DIR: dataDir,
    HOOKLANE_ADMIN_KEY: adminKey,
    ...(options.nodeArgs ? { NODE_OPTIONS: options.nodeArgs } : {}),
    ...options.env,
  };
  const url = `http://127.0.0.1:${httpPort}`;
  const start = async (): Promise<Child> => {
    const child = startChild({ entry: serviceEntry('all-in-one'), env, logFile });
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
    grpcAddress: () => `127.0.0.1:${grpcPort}`,
    adminKey,
    processes,
    async kill(name) {
      if (name === 'all-in-one') return child.kill();
      process.kill(postmasterPid(dataDir), 'SIGKILL');
    },
    async restart(name) {
      if (name === 'all-in-one') child = await start();
    },
    async stop() {
      await child.stop();
      if (!options.dataDir) rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** First line of postmaster.pid, wherever the launcher keeps the cluster below the data directory. */
export function postmasterPid(dataDir: string): number {
  return Number(readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
}
