import type { EventLogConnection } from '@hooklane/event-log';
import { AppError } from '@hooklane/kernel';
import { ProducerPool } from './append/producer-pool.js';
import { ClusterAccess } from './cluster/cluster-access.js';
import { kafkaClient } from './cluster/kafka-client.js';
import { errorSentence } from './cluster/kafka-error.js';
import { pause } from './cluster/pause.js';
import { KafkaLog } from './kafka-log.js';
import type { KafkaLogSettings } from './settings.js';
import { TopicNames } from './topic-names.js';

const AGAIN_AFTER_MS = 1_000;

/**
 * Opens the log on Kafka. Waits for the brokers and for the topics as long as it takes (`onWaiting` hears why), because a start without
 * them is usual: they are started, or made, at the same time.
 * @throws AppError not-ready when `signal` is aborted; `internal` when a topic has the wrong partitions, which no waiting mends
 */
export async function openKafkaLog(settings: KafkaLogSettings): Promise<EventLogConnection> {
  const names = new TopicNames(settings.topicPrefix);
  const cluster = new ClusterAccess(
    () => kafkaClient(settings),
    settings.topics.map(({ name }) => names.physical(name)),
  );
  const producers = new ProducerPool(() => kafkaClient(settings));
  const signal = settings.signal ?? new AbortController().signal;
  for (;;) {
    try {
      await cluster.connect();
      await producers.connect();
      break;
    } catch (error) {
      settings.onWaiting?.(errorSentence(error));
      await pause(AGAIN_AFTER_MS, signal);
      if (!signal.aborted) continue;
      await Promise.all([cluster.close(), producers.close()]);
      throw new AppError('not-ready', `the log was not opened: ${errorSentence(error)}`, { retryable: true, cause: error });
    }
  }
  const wrong = wrongPartitions(settings, (topic) => cluster.partitionsOf(names.physical(topic)).length);
  if (wrong !== null) {
    await Promise.all([cluster.close(), producers.close()]);
    throw new AppError('internal', wrong);
  }
  return new KafkaLog(settings, names, cluster, producers);
}

/** Outcomes go to the partition number of their request, and tables are read to the end of one partition: counts are part of the contract. */
function wrongPartitions({ topics }: KafkaLogSettings, countOf: (topic: string) => number): string | null {
  const table = topics.find(({ name, shape }) => shape === 'table' && countOf(name) !== 1);
  if (table !== undefined) return `The topic ${table.name} is a table and must have one partition; it has ${countOf(table.name)}.`;
  const streams = topics.filter(({ shape }) => shape === 'stream');
  const [first] = streams;
  const odd = streams.find(({ name }) => first !== undefined && countOf(name) !== countOf(first.name));
  if (first === undefined || odd === undefined) return null;
  return `All streams must have equally many partitions: ${first.name} has ${countOf(first.name)}, ${odd.name} has ${countOf(odd.name)}.`;
}
