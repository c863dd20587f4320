import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.js';
import { startFaultProxy, type FaultProxy } from './fault-proxy.js';
import { freePort, freePorts } from './free-ports.js';
import { startKafkaInDocker } from './kafka/kafka-docker.js';
import { makeCertificate } from './kafka/kafka-certificate.js';
import { isInstalled, kafkaJars } from './kafka/kafka-jars.js';
import type { KafkaMetadata } from './kafka/kafka-metadata.js';
import { KafkaNode, type KafkaNodePlan } from './kafka/kafka-node.js';

export interface KafkaOptions {
  /** Brokers; each is also a controller, so of three one may die. Default 1. */
  readonly nodes?: 1 | 3;
  /** Where the data stays. Default: a temporary directory that `stop()` removes. */
  readonly directory?: string;
  /** Of the first broker; broker i listens on `port + 2 i`, its controller one above. Default: free ones. */
  readonly port?: number;
  /** Adds a listener with TLS and SASL PLAIN for this user (letters and digits). For one broker only. */
  readonly secure?: { readonly username: string; readonly password: string };
  /** Puts a fault proxy before each broker: clients find and are told only that one, brokers reach each other directly. */
  readonly proxied?: boolean;
  /** How long a broker may be silent before the others take it for dead, and how long a killed one is refused. Default 2,000; more keeps a busy machine from moving leaders. */
  readonly sessionMs?: number;
}

const DEFAULT_SESSION_MS = 2_000;

/** A real Apache Kafka cluster on 127.0.0.1. Brokers are numbered from 0. */
export interface KafkaCluster {
  /** `host:port` of each broker. */
  readonly brokers: readonly string[];
  /** With `proxied`: what stands before each broker. */
  readonly proxies: readonly FaultProxy[];
  /** With `secure`: where TLS and SASL are spoken, and the certificate (PEM) to trust there. */
  readonly secure?: { readonly brokers: readonly string[]; readonly ca: string };
  stop(): Promise<void>;
  /** Ends a broker at once, as a power cut would. */
  kill9(broker: number): Promise<void>;
  /** Asks a broker to stop and waits until it has: it hands what it leads over to others first. */
  terminate(broker: number): Promise<void>;
  /** Starts a broker that was ended; resolves when it serves again. */
  restart(broker: number): Promise<void>;
  /** The broker that leads a partition now, of the topic whose name ends so; null while none does. */
  leaderOf(topicEnd: string, partition: number): Promise<number | null>;
  /** Waits until every partition has a leader and all its copies are in sync: before it has, another death may cost more than a copy. */
  inSync(): Promise<void>;
  /** The process ids of the brokers that run, for counting their CPU time. */
  pids(): readonly number[];
  /** SIGSTOP: connections stay open and nothing answers. */
  freeze(broker: number): Promise<void>;
  thaw(broker: number): Promise<void>;
}

/** Starts a single broker by whatever means this machine has: the installed Java, else docker. */
export async function startAnyKafka(): Promise<Pick<KafkaCluster, 'brokers' | 'stop'>> {
  if (await isInstalled('java', ['-version'])) return startKafka();
  if (await isInstalled('docker', ['info'])) return startKafkaInDocker(await freePort());
  throw new Error('Kafka specs need a broker: install a JDK 17 or newer with Maven (mvn), or docker, or set KAFKA_BROKERS to host:port of a Kafka 4.1 broker.');
}

/** Starts brokers with the installed Java (3 s each). What it started ends with this process at the latest. */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaCluster> {
  if (!(await isInstalled('java', ['-version']))) throw new Error('A Kafka broker of our own needs a JDK 17 or newer, and Maven (mvn) to fetch its jars once.');
  const jars = await kafkaJars();
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'hooklane-kafka-')));
  const certificate = options.secure === undefined ? undefined : await makeCertificate(directory);
  const securePort = await freePort();
  const bare = (await planNodes(directory, options.nodes ?? 1, options.port, options.sessionMs ?? DEFAULT_SESSION_MS)).map((plan): KafkaNodePlan =>
    options.secure === undefined || certificate === undefined ? plan : { ...plan, secure: { ...options.secure, port: securePort, keystore: certificate.keystore } },
  );
  const proxies = options.proxied === true ? await Promise.all(bare.map(({ port }) => startFaultProxy({ port }))) : [];
  const internalPorts = await freePorts(proxies.length);
  const plans = bare.map((plan, index): KafkaNodePlan => {
    const [proxy, internalPort] = [proxies[index], internalPorts[index]];
    return proxy === undefined || internalPort === undefined ? plan : { ...plan, proxied: { advertisedPort: proxy.port, internalPort } };
  });
  const nodes = plans.map((plan) => new KafkaNode(plan, plans, jars));
  const stop = async (): Promise<void> => {
    await Promise.all(proxies.map((proxy) => proxy.stop()));
    if (options.directory !== undefined) return void (await Promise.all(nodes.map((node) => node.stop())));
    // Nothing of it is kept, so nothing needs to be put in order.
    await Promise.all(nodes.map((node) => node.signal('SIGKILL')));
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await Promise.all(nodes.map((node) => node.launch()));
    await Promise.all(nodes.map((node) => node.whenReady(nodes.length)));
  } catch (error) {
    await stop();
    throw error;
  }
  const node = (index: number): KafkaNode => {
    const found = nodes[index];
    if (found === undefined) throw new Error(`There is no broker ${index}.`);
    return found;
  };
  return {
    brokers: nodes.map(({ address }) => address),
    proxies,
    ...(certificate === undefined ? {} : { secure: { brokers: [`127.0.0.1:${securePort}`], ca: certificate.pem } }),
    stop,
    kill9: (broker) => node(broker).signal('SIGKILL'),
    terminate: (broker) => node(broker).stop(),
    restart: async (broker) => {
      await node(broker).launch();
      await node(broker).whenReady(1);
    },
    leaderOf: async (topicEnd, partition) => {
      const topics = [...((await knownMetadata(nodes))?.topics ?? [])];
      const leader = topics.find(([name]) => name.endsWith(topicEnd))?.[1][partition]?.leader ?? -1;
      // Nodes are numbered from 1.
      return leader > 0 ? leader - 1 : null;
    },
    inSync: () => eventually(async () => isInSync(await knownMetadata(nodes)), 'all copies of all partitions to be in sync').then(() => undefined),
    pids: () => nodes.flatMap(({ pid }) => (pid === null ? [] : [pid])),
    freeze: (broker) => node(broker).signal('SIGSTOP'),
    thaw: (broker) => node(broker).signal('SIGCONT'),
  };
}

/** As the first broker that answers knows it. */
async function knownMetadata(nodes: readonly KafkaNode[]): Promise<KafkaMetadata | null> {
  for (const node of nodes) {
    const metadata = node.pid === null ? null : await node.metadata('all');
    if (metadata !== null) return metadata;
  }
  return null;
}

function isInSync(metadata: KafkaMetadata | null): boolean {
  return metadata !== null && [...metadata.topics.values()].flat().every(({ leader, replicas, inSync }) => leader > 0 && inSync.length === replicas.length);
}

async function planNodes(directory: string, count: number, firstPort: number | undefined, sessionMs: number): Promise<KafkaNodePlan[]> {
  const ports = firstPort === undefined ? await freePorts(2 * count) : Array.from({ length: 2 * count }, (_, index) => firstPort + index);
  return Array.from({ length: count }, (_, index) => ({
    nodeId: index + 1,
    port: ports[2 * index] as number,
    controllerPort: ports[2 * index + 1] as number,
    directory: join(directory, `broker-${index + 1}`),
    sessionMs,
  }));
}
