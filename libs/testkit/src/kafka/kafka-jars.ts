import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** The broker that the tests run against; the README of event-log-kafka names the same. */
export const kafkaVersion = '4.1.2';

const LOG4J_VERSION = '2.25.3';
const COPY_DEPENDENCIES = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

/** What a broker process needs: its class path and the metadata snapshot a formatted data directory begins with. */
export interface KafkaJars {
  readonly classPath: string;
  readonly bootstrapCheckpoint: string;
}

/**
 * The broker's jars, fetched once by Maven (43 MB) into `node_modules/.cache/hooklane`, so that a clean clone works by itself.
 * Several test workers may ask at once: each fills a directory of its own and the first rename wins.
 * @throws when neither the cache nor Maven is there, saying what to install.
 */
export async function kafkaJars(): Promise<KafkaJars> {
  const cache = resolve(import.meta.dirname, '../../../../node_modules/.cache/hooklane');
  const home = join(cache, `kafka-${kafkaVersion}`);
  const jars = { classPath: join(home, 'lib', '*'), bootstrapCheckpoint: join(home, 'bootstrap.checkpoint') };
  if (existsSync(home)) return jars;
  if (!(await isInstalled('mvn', ['-v']))) {
    throw new Error('The Kafka broker for tests needs Maven (mvn) to fetch its jars once. Install maven and a JDK 17 or newer, or docker, or set KAFKA_BROKERS to a Kafka 4.1 broker.');
  }
  const fresh = `${home}.${process.pid}`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(join(fresh, 'lib'), { recursive: true });
  await writeFile(join(fresh, 'pom.xml'), pom());
  await run('mvn', ['-B', '-q', '-f', join(fresh, 'pom.xml'), COPY_DEPENDENCIES, '-DincludeScope=runtime', `-DoutputDirectory=${join(fresh, 'lib')}`]);
  await makeCheckpoint(fresh);
  await rename(fresh, home).catch(async (error: unknown) => {
    await rm(fresh, { recursive: true, force: true });
    if (!existsSync(home)) throw error;
  });
  return jars;
}

/** Formats a data directory once and keeps the snapshot: later ones are formatted by a copy, without the two seconds of another JVM. */
async function makeCheckpoint(home: string): Promise<void> {
  const data = join(home, 'format');
  const properties = join(home, 'format.properties');
  await writeFile(
    properties,
    [
      'process.roles=broker,controller',
      'node.id=1',
      'controller.quorum.voters=1@127.0.0.1:19093',
      'listeners=PLAINTEXT://127.0.0.1:19092,CONTROLLER://127.0.0.1:19093',
      'controller.listener.names=CONTROLLER',
      `log.dirs=${data}`,
      '',
    ].join('\n'),
  );
  const arguments_ = ['-XX:TieredStopAtLevel=1', '-cp', join(home, 'lib', '*'), 'kafka.tools.StorageTool', 'format', '-t', 'aG9va2xhbmUtdGVzdHMtMQ', '-c', properties];
  await run('java', arguments_);
  await copyFile(join(data, 'bootstrap.checkpoint'), join(home, 'bootstrap.checkpoint'));
  await rm(data, { recursive: true });
}

/** Whether a program is there and answers. */
export async function isInstalled(command: string, arguments_: readonly string[]): Promise<boolean> {
  return run(command, arguments_).then(
    () => true,
    () => false,
  );
}

/** Runs a program to its end. @throws with what it printed when it fails or is not there. */
export function run(command: string, arguments_: readonly string[]): Promise<string> {
  return new Promise((done, fail) => {
    const child = spawn(command, arguments_, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', fail);
    child.once('close', (code) => {
      if (code === 0) done(output);
      else fail(new Error(`${command} ended with ${String(code)}: ${output.slice(-2000)}`));
    });
  });
}

function pom(): string {
  const dependency = (group: string, artifact: string, version: string): string =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
  return `<project><modelVersion>4.0.0</modelVersion><groupId>local</groupId><artifactId>kafka-broker-libs</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>${dependency('org.apache.kafka', 'kafka_2.13', kafkaVersion)}${dependency('org.apache.logging.log4j', 'log4j-slf4j-impl', LOG4J_VERSION)}</dependencies></project>
`;
}
