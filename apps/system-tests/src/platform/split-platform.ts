import { execFile } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startEmbeddedPostgres } from '@hooklane/embedded-postgres';
import { freePort, freePorts, startFaultProxy, startKafka, type FaultProxy, type KafkaCluster } from '@hooklane/testkit';
import { startChild, untilReady, type Child } from './child.js';
import type { Platform } from './platform.js';
import { serviceEntry } from './repository.js';
import { makeRunDirectory } from './run-directory.js';
import { startReverseProxy } from './reverse-proxy.js';
import { readServiceTable, serviceOfGrpc, type ServiceTable } from './service-table.js';
import { splitSecretsOf } from './split-secrets.js';
import { throughProxy } from './through-proxy.js';

const run = promisify(execFile);

export interface SplitPlatformOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Default: free ports. With it, those of the service table and this one for the proxy. */
  readonly proxyPort?: number;
  /** Where data, keys and logs stay. Default: a directory made for this run and removed by `stop`. */
  readonly directory?: string;
  readonly partitions?: number;
  /** Default 1. Three keep three copies of everything, of which two must exist before an append is acknowledged. */
  readonly brokers?: 1 | 3;
  /** Puts a fault proxy before Postgres and each broker. */
  readonly proxied?: boolean;
  /** For the Node of each service, before the program. */
  readonly nodeArgs?: readonly string[];
}

interface Service {
  readonly name: string;
  readonly httpPort: number;
  readonly grpcPort: number;
}

/** What the five services stand on, and what their environment says of it. */
interface Ground {
  /** Past the proxy. */
  readonly databaseUrl: string;
  readonly postgresPid: () => number;
  readonly kafka: KafkaCluster | null;
  readonly database: FaultProxy | null;
  readonly adminKey: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Three brokers and what they serve share two cores with whoever else is there: less, and leaders move by themselves. */
const BROKER_SESSION_MS = 6_000;

/** Closes what was opened, the last first. */
type Undo = (() => Promise<unknown>)[];

/** The five services as processes of their own, on Kafka and a Postgres, behind one address: docker-compose.yml without docker, from the same service table. */
export async function startSplitPlatform(options: SplitPlatformOptions = {}): Promise<Platform> {
  const directory = options.directory ?? makeRunDirectory();
  const undo: Undo = [];
  const stop = async (): Promise<void> => {
    for (const close of undo.splice(0).reverse()) await close();
    if (!options.directory && !process.env['HOOKLANE_SYSTEM_KEEP']) rmSync(directory, { recursive: true, force: true });
  };
  try {
    const ground = await prepareGround(directory, options, undo);
    return { ...(await startServices(directory, options, ground, undo)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function prepareGround(directory: string, options: SplitPlatformOptions, undo: Undo): Promise<Ground> {
  const dataDir = join(directory, 'postgres');
  mkdirSync(dataDir, { recursive: true });
  const { adminKey, masterKey, topicPrefix } = splitSecretsOf(directory);
  const { brokers = 1, proxied = false } = options;
  // What is to be hurt must be our own.
  const external = brokers === 1 && !proxied ? process.env['KAFKA_BROKERS'] : undefined;
  const opened = await Promise.allSettled([
    startEmbeddedPostgres({ dataDir }).then((postgres) => (undo.push(() => postgres.stop()), postgres)),
    external ? null : startKafka({ nodes: brokers, proxied, ...(brokers === 1 ? {} : { sessionMs: BROKER_SESSION_MS }), ...(options.directory ? { directory: join(directory, 'kafka') } : {}) }).then((kafka) => (undo.push(() => kafka.stop()), kafka)),
  ] as const);
  const [postgres, kafka] = [valueOf(opened[0]), valueOf(opened[1])];
  const database = proxied ? await startFaultProxy({ port: Number(new URL(postgres.url).port) }) : null;
  if (database !== null) undo.push(() => database.stop());
  const env = {
    DATABASE_URL: database === null ? postgres.url : throughProxy(postgres.url, database),
    HOOKLANE_DATABASE_TLS: 'disable',
    KAFKA_BROKERS: external ? external : (kafka?.brokers ?? []).join(','),
    KAFKA_TOPIC_PREFIX: topicPrefix,
    HOOKLANE_MASTER_KEY: masterKey,
    HOOKLANE_ADMIN_KEY: adminKey,
    HOOKLANE_HOST: '127.0.0.1',
    // The registry's job shows that jobs do it; one for each of the others would be four more processes to start, a second of CPU each.
    HOOKLANE_MIGRATE_AT_START: 'true',
    HOOKLANE_PARTITIONS: String(options.partitions ?? 8),
    HOOKLANE_REPLICATION_FACTOR: String(brokers),
    HOOKLANE_MIN_INSYNC_REPLICAS: brokers === 1 ? '1' : '2',
    HOOKLANE_ALLOW_SINGLE_COPY: String(brokers === 1),
    HOOKLANE_ALLOWED_TARGETS: '127.0.0.0/8,::1/128,localhost',
    ...options.env,
  };
  return { databaseUrl: postgres.url, postgresPid: () => postgres.pid(), kafka, database, adminKey: env.HOOKLANE_ADMIN_KEY, env };
}

/** Whom the registry asks for tests and for the log views of the dialects' APIs. */
function peersOf(services: readonly Service[]): Record<string, string> {
  const addressOf = (name: string): string => `127.0.0.1:${services.find((service) => service.name === name)?.grpcPort ?? missing(name)}`;
  return { HOOKLANE_DELIVERY_GRPC: addressOf('delivery'), HOOKLANE_LOG_QUERY_GRPC: addressOf('log-query') };
}

function valueOf<Value>(result: PromiseSettledResult<Value>): Value {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

async function startServices(directory: string, options: SplitPlatformOptions, ground: Ground, undo: Undo): Promise<Omit<Platform, 'stop'>> {
  const { env, kafka, adminKey } = ground;
  const table = readServiceTable();
  const services = await servicesOf(table, options.proxyPort === undefined);
  await Promise.all([runJob('registry', 'migrate', env), runJob('registry', 'topics', env)]);
  const peers = peersOf(services);
  const children = new Map<string, Child>();
  undo.push(() => Promise.all([...children.values()].map((child) => child.stop())));
  const start = async ({ name, httpPort, grpcPort }: Service, as = name): Promise<void> => {
    const logFile = join(directory, `${as}.log`);
    const ports = { HOOKLANE_PORT: String(httpPort), HOOKLANE_GRPC_PORT: String(grpcPort) };
    const child = startChild({ entry: serviceEntry(name), env: { ...peers, ...env, ...ports }, nodeArgs: options.nodeArgs ?? [], logFile });
    children.set(as, child);
    await untilReady(`http://127.0.0.1:${httpPort}/readyz`, child, logFile);
    // The registry makes the first key once it is ready; whoever asks the others later finds it in the log.
    if (name === 'registry') await untilReady(`http://127.0.0.1:${httpPort}/v1/tenants`, child, logFile, { authorization: `Bearer ${adminKey}` });
  };
  await Promise.all(services.map((service) => start(service)));
  const serviceOf = (name: string): Service => services.find((service) => service.name === name) ?? missing(name);
  const url = (port: number): string => `http://127.0.0.1:${port}`;
  const proxyPort = options.proxyPort ?? (await freePort());
  const proxy = await startReverseProxy(table, proxyPort, (name) => serviceOf(name).httpPort);
  undo.push(() => proxy.close());
  return {
    mode: 'distributed',
    url: url(proxyPort),
    urlOf: (name) => url(serviceOf(name).httpPort),
    adminKey,
    ground: { kafka, database: ground.database },
    databaseUrl: () => ground.databaseUrl,
    grpcAddress: (service) => `127.0.0.1:${serviceOf(serviceOfGrpc(table, service)).grpcPort}`,
    processes: () => [
      ...[...children].map(([name, child]) => ({ name, pid: child.pid })),
      { name: 'postgres', pid: ground.postgresPid() },
      ...(kafka?.pids() ?? []).map((pid) => ({ name: 'kafka', pid })),
    ],
    async another(name) {
      const [httpPort, grpcPort] = (await freePorts(2)) as [number, number];
      await start({ name, httpPort, grpcPort }, `${name}-${children.size}`);
      return url(httpPort);
    },
    job: (service, job) => runJob(service, job, env),
    async kill(name) {
      if (name === 'postgres') process.kill(ground.postgresPid(), 'SIGKILL');
      else if (name === 'kafka') await kafka?.kill9(0);
      else await (children.get(name) ?? missing(name)).kill();
    },
    terminate: (name) => (children.get(name) ?? missing(name)).stop(),
    async restart(name) {
      if (name === 'kafka') await kafka?.restart(0);
      // The launcher brings its Postgres back by itself.
      else if (name !== 'postgres') await start(serviceOf(name));
    },
  };
}

async function servicesOf(table: ServiceTable, anyPorts: boolean): Promise<Service[]> {
  if (!anyPorts) return [...table.services];
  const ports = await freePorts(table.services.length * 2);
  return table.services.map(({ name }, index) => ({ name, httpPort: ports[index * 2] as number, grpcPort: ports[index * 2 + 1] as number }));
}

/** The one-off jobs of the distributed mode: `migrate` brings a service's schema up to date, `topics` makes the topics; others are a service's own. */
async function runJob(service: string, job: string, env: Readonly<Record<string, string>>): Promise<string> {
  return (await run(process.execPath, [serviceEntry(service), job], { env: { ...process.env, ...env } })).stdout;
}

function missing(name: string): never {
  throw new Error(`there is no service ${name}`);
}
