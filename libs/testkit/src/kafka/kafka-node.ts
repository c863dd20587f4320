import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, openSync, closeSync } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KafkaJars } from './kafka-jars.js';
import { askMetadata, type KafkaMetadata } from './kafka-metadata.js';

/** Where one broker of a cluster lives. */
export interface KafkaNodePlan {
  readonly nodeId: number;
  readonly port: number;
  readonly controllerPort: number;
  readonly directory: string;
  /** A broker that was silent for so long is taken for dead. */
  readonly sessionMs: number;
  /** Clients are told of `advertisedPort`; the other brokers take `internalPort`, past whatever stands between. */
  readonly proxied?: { readonly advertisedPort: number; readonly internalPort: number };
  /** A second listener with TLS and SASL PLAIN. */
  readonly secure?: SecureListener;
}

export interface SecureListener {
  readonly port: number;
  readonly username: string;
  readonly password: string;
  /** PKCS12, with the password `changeit`. */
  readonly keystore: string;
}

const CLUSTER_ID = 'aG9va2xhbmUtdGVzdHMtMQ';
const READY_WITHIN_MS = 60_000;

/** One broker process (also a controller), kept by its pid. */
export class KafkaNode {
  private child: ChildProcess | null = null;
  private readonly killAtExit = (): void => void this.child?.kill('SIGKILL');

  constructor(
    readonly plan: KafkaNodePlan,
    private readonly cluster: readonly KafkaNodePlan[],
    private readonly jars: KafkaJars,
  ) {}

  /** Null while it is not running. */
  get pid(): number | null {
    return this.child?.pid ?? null;
  }

  /** Where clients find it. */
  get address(): string {
    return `127.0.0.1:${this.plan.proxied?.advertisedPort ?? this.plan.port}`;
  }

  /** Formats the data directory when it is new, and starts the process. Ready when `whenReady` says so. */
  async launch(): Promise<void> {
    const { directory, nodeId } = this.plan;
    const data = join(directory, 'data');
    await mkdir(data, { recursive: true });
    await writeFile(join(directory, 'server.properties'), this.properties(data));
    await writeFile(join(directory, 'log4j2.xml'), LOG4J);
    if (!existsSync(join(data, 'meta.properties'))) {
      await copyFile(this.jars.bootstrapCheckpoint, join(data, 'bootstrap.checkpoint'));
      await writeFile(join(data, 'meta.properties'), `version=1\ncluster.id=${CLUSTER_ID}\nnode.id=${nodeId}\n`);
    }
    const log = openSync(join(directory, 'broker.log'), 'a');
    const child = spawn('java', this.arguments(), { stdio: ['ignore', log, log], env: { PATH: process.env['PATH'], JAVA_HOME: process.env['JAVA_HOME'] } });
    closeSync(log);
    this.child = child;
    await new Promise<void>((started, failed) => {
      child.once('spawn', started);
      child.once('error', failed);
    });
    process.once('exit', this.killAtExit);
    child.once('exit', () => {
      process.removeListener('exit', this.killAtExit);
      if (this.child === child) this.child = null;
    });
  }

  /** Resolves once the broker knows every broker of the cluster that it should. @throws when it died or was not ready within a minute. */
  async whenReady(brokers: number): Promise<void> {
    const deadline = performance.now() + READY_WITHIN_MS;
    while (performance.now() < deadline) {
      if (this.child === null) break;
      if (((await this.metadata('none'))?.nodeIds.length ?? 0) >= brokers) return;
      await new Promise((next) => setTimeout(next, 50));
    }
    const log = await readFile(join(this.plan.directory, 'broker.log'), 'utf8');
    throw new Error(`Kafka broker ${this.plan.nodeId} did not become ready:\n${log.slice(-3000)}`);
  }

  /** What it says of the cluster, asked past any proxy; null while it does not answer. */
  metadata(topics: 'all' | 'none'): Promise<KafkaMetadata | null> {
    return askMetadata(this.plan.port, topics);
  }

  /** Sends a signal and, for those that end it, waits until the process is gone: reaped, so its port is free. */
  async signal(signal: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    const child = this.child;
    if (child === null) return;
    const gone = new Promise<void>((done) => child.once('exit', () => done()));
    child.kill(signal);
    if (signal === 'SIGTERM' || signal === 'SIGKILL') await gone;
  }

  /** Asks it to stop, and ends it if it has not after 10 s: one of three waits for a quorum that is stopping as well. */
  async stop(): Promise<void> {
    const end = setTimeout(() => void this.signal('SIGKILL'), 10_000);
    await this.signal('SIGTERM');
    clearTimeout(end);
  }

  private arguments(): string[] {
    const { directory } = this.plan;
    return [
      ...['-Xms128m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData'],
      `-Dlog4j2.configurationFile=${join(directory, 'log4j2.xml')}`,
      ...['-cp', this.jars.classPath, 'kafka.Kafka', join(directory, 'server.properties')],
    ];
  }

  private properties(data: string): string {
    const { nodeId, port, controllerPort, secure, proxied, sessionMs } = this.plan;
    const more = [...(secure === undefined ? [] : [`SECURE://127.0.0.1:${secure.port}`]), ...(proxied === undefined ? [] : [`INTERNAL://127.0.0.1:${proxied.internalPort}`])];
    const listeners = (clientPort: number, ...others: string[]): string => [`PLAINTEXT://127.0.0.1:${clientPort}`, ...others, ...more].join(',');
    const replicas = Math.min(3, this.cluster.length);
    const inSync = replicas === 1 ? 1 : 2;
    return Object.entries({
      'process.roles': 'broker,controller',
      'node.id': nodeId,
      'controller.quorum.voters': this.cluster.map((node) => `${node.nodeId}@127.0.0.1:${node.controllerPort}`).join(','),
      listeners: listeners(port, `CONTROLLER://127.0.0.1:${controllerPort}`),
      'advertised.listeners': listeners(proxied?.advertisedPort ?? port),
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,INTERNAL:PLAINTEXT,SECURE:SASL_SSL',
      'inter.broker.listener.name': proxied === undefined ? 'PLAINTEXT' : 'INTERNAL',
      ...(secure === undefined ? {} : secureProperties(secure)),
      'controller.listener.names': 'CONTROLLER',
      'log.dirs': data,
      'auto.create.topics.enable': false,
      'group.initial.rebalance.delay.ms': 0,
      'group.min.session.timeout.ms': 1000,
      'offsets.topic.num.partitions': 4,
      'offsets.topic.replication.factor': replicas,
      'transaction.state.log.replication.factor': replicas,
      'transaction.state.log.min.isr': inSync,
      'share.coordinator.state.topic.replication.factor': replicas,
      'share.coordinator.state.topic.min.isr': inSync,
      'default.replication.factor': replicas,
      'min.insync.replicas': inSync,
      'num.network.threads': 2,
      'num.io.threads': 4,
      'log.cleaner.backoff.ms': 1000,
      'log.cleaner.dedupe.buffer.size': 16_777_216,
      // A broker that is back leads again what it led before: one more move of leaders, which the default makes after five minutes.
      'leader.imbalance.check.interval.seconds': 3,
      // With the default of 9 s a broker that was killed is refused for 11 s: its registration still lives.
      'broker.session.timeout.ms': sessionMs,
      'broker.heartbeat.interval.ms': sessionMs / 4,
    })
      .map(([key, value]) => `${key}=${value}\n`)
      .join('');
  }
}

function secureProperties({ username, password, keystore }: SecureListener): Record<string, string> {
  return {
    'sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.secure.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required user_${username}="${password}";`,
    'ssl.keystore.location': keystore,
    'ssl.keystore.password': 'changeit',
    'ssl.keystore.type': 'PKCS12',
  };
}

const LOG4J = `<Configuration status="WARN"><Appenders><Console name="out"><PatternLayout pattern="%d %p %m (%c)%n"/></Console></Appenders>
<Loggers><Root level="WARN"><AppenderRef ref="out"/></Root></Loggers></Configuration>
`;
