import { connect } from 'node:net';
import { kafkaVersion, run } from './kafka-jars.js';

const READY_WITHIN_MS = 120_000;

/** One broker in a container, for machines without Java. It cannot be killed or frozen, so fault specs want `startKafka`. */
export async function startKafkaInDocker(port: number): Promise<{ readonly brokers: readonly string[]; stop(): Promise<void> }> {
  const settings = {
    KAFKA_PROCESS_ROLES: 'broker,controller',
    KAFKA_NODE_ID: '1',
    KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:19093',
    KAFKA_LISTENERS: `PLAINTEXT://:${port},CONTROLLER://:19093`,
    KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${port}`,
    KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
    KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
    KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
    KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS: '1000',
    KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '4',
    KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
    KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
    KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
  };
  const environment = Object.entries(settings).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  const container = (await run('docker', ['run', '--rm', '-d', '-p', `127.0.0.1:${port}:${port}`, ...environment, `apache/kafka:${kafkaVersion}`])).trim();
  const stop = async (): Promise<void> => void (await run('docker', ['stop', '-t', '5', container]));
  const deadline = performance.now() + READY_WITHIN_MS;
  while (!(await answers(port))) {
    if (performance.now() > deadline) {
      await stop();
      throw new Error('The Kafka container did not become ready within two minutes.');
    }
    await new Promise((next) => setTimeout(next, 200));
  }
  return { brokers: [`127.0.0.1:${port}`], stop };
}

/** An ApiVersions request answered: docker's proxy accepts connections long before the broker does. */
function answers(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host: '127.0.0.1', port });
    const finish = (answer: boolean): void => {
      socket.destroy();
      done(answer);
    };
    socket.setTimeout(1000, () => finish(false));
    socket.once('error', () => finish(false));
    socket.once('close', () => done(false));
    socket.once('connect', () => socket.write(Buffer.from('0000000a' + '0012' + '0000' + '00000001' + 'ffff', 'hex')));
    socket.once('data', () => finish(true));
  });
}
