import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startEmbeddedPostgres } from '@hooklane/embedded-postgres';
import { startKafka, type KafkaCluster } from '@hooklane/testkit';
import { startChild, untilReady, type Child } from './child.js';
import { freePorts } from './free-ports.js';
import type { Platform } from './platform.js';
import { jobEntry, serviceEntry } from './repository.js';
import { startReverseProxy } from './reverse-proxy.js';
import { readServiceTable, type ServiceTable } from './service-table.js';

const run = promisify(execFile);

export interface SplitPlatformOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Default: free ports. With it, those of the service table and this one for the proxy. */
  readonly proxyPort?: number;
  /** Where data and logs stay. Default: a directory made for this run and removed by `stop`. */
  readonly directory?: string;
  readonly partitions?: number;
}

interface Service {
  readonly name: string;
  readonly httpPort: number;
  readonly grpcPort: number;
}

/** The five services as processes of their own, on Kafka and a Postgres, behind one address: docker-compose.yml without docker, from the same service table. */
export async function startSplitPlatform(options: SplitPlatformOptions = {}): Promise<Platform & { readonly kafka: KafkaCluster | null }> {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'hooklane-split-'));
  mkdirSync(join(directory, 'postgres'), { recursive: true });
  const table = readServiceTable();
  const undo: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of undo.splice(0).reverse()) await close();
    if (!options.directory) rmSync(directory, { recursive: true, force: true });
  };
  try {
    const postgres = await startEmbeddedPostgres({ dataDir: join(directory, 'postgres') });
    undo.push(() => postgres.stop());
    const kafka = process.env['KAFKA_BROKERS'] ? null : await startKafka();
    if (kafka) undo.push(() => kafka.stop());
    const adminKey = `system-tests-${randomBytes(16).toString('hex')}`;
    const env = {
      DATABASE_URL: postgres.url,
      HOOKLANE_DATABASE_TLS: 'disable',
      KAFKA_BROKERS: kafka ? kafka.brokers.join(',') : (process.env['KAFKA_BROKERS'] as string),
      // Clusters are shared between runs; topics are not.
      HOOKLANE_TOPIC_PREFIX: `t${randomBytes(4).toString('hex')}.`,
      HOOKLANE_MASTER_KEY: randomBytes(32).toString('base64'),
      HOOKLANE_ADMIN_KEY: adminKey,
      HOOKLANE_PARTITIONS: String(options.partitions ?? 8),
      HOOKLANE_REPLICATION_FACTOR: '1',
      HOOKLANE_MIN_INSYNC_REPLICAS: '1',
      HOOKLANE_ALLOW_SINGLE_COPY: 'true',
      HOOKLANE_ALLOWED_TARGETS: '127.0.0.0/8,::1/128,localhost',
      ...options.env,
    };
    await runJob('migrate', env);
    await runJob('topics', env);
    const services = await servicesOf(table, options.proxyPort === undefined);
    const children = new Map<string, Child>();
    undo.push(() => Promise.all([...children.values()].map((child) => child.stop())));
    const start = async (service: Service): Promise<void> => {
      const logFile = join(directory, `${service.name}.log`);
      const child = startChild({ entry: serviceEntry(service.name), env: { ...env, HOOKLANE_PORT: String(service.httpPort), HOOKLANE_GRPC_PORT: String(service.grpcPort), HOOKLANE_HOST: '127.0.0.1' }, logFile });
      children.set(service.name, child);
      await untilReady(`http://127.0.0.1:${service.httpPort}/readyz`, child, logFile);
    };
    await Promise.all(services.map(start));
    const serviceOf = (name: string): Service => {
      const found = services.find((service) => service.name === name);
      if (!found) throw new Error(`there is no service ${name}`);
      return found;
    };
    const proxyPort = options.proxyPort ?? ((await freePorts(1)) as [number])[0];
    const proxy = await startReverseProxy(table, proxyPort, (name) => serviceOf(name).httpPort);
    undo.push(() => proxy.close());
    return {
      mode: 'distributed',
      url: `http://127.0.0.1:${proxyPort}`,
      adminKey,
      kafka,
      databaseUrl: () => postgres.url,
      grpcAddress: (service) => `127.0.0.1:${serviceOf(table.grpc.find(({ names }) => names.some((name) => service.startsWith(name)))?.service ?? 'registry').grpcPort}`,
      processes: () => [
        ...[...children].map(([name, child]) => ({ name, pid: child.pid })),
        { name: 'postgres', pid: postgres.pid() },
        ...(kafka ? kafka.pids().map((pid) => ({ name: 'kafka', pid })) : []),
      ],
      async kill(name) {
        if (name === 'postgres') process.kill(postgres.pid(), 'SIGKILL');
        else await children.get(name)?.kill();
      },
      async restart(name) {
        // The launcher brings its Postgres back by itself.
        if (name !== 'postgres') await start(serviceOf(name));
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function servicesOf(table: ServiceTable, anyPorts: boolean): Promise<Service[]> {
  if (!anyPorts) return [...table.services];
  const ports = await freePorts(table.services.length * 2);
  return table.services.map(({ name }, index) => ({ name, httpPort: ports[index * 2] as number, grpcPort: ports[index * 2 + 1] as number }));
}

async function runJob(job: 'migrate' | 'topics', env: Readonly<Record<string, string>>): Promise<void> {
  await run(process.execPath, [jobEntry(job)], { env: { ...process.env, ...env } });
}
