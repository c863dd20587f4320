import { AppError } from '@hooklane/kernel';
import type { KafkaTopic } from '../settings.js';
import { TopicNames } from '../topic-names.js';

export interface TopicPlanSettings {
  readonly topicPrefix: string;
  readonly topics: readonly KafkaTopic[];
  /** Of every stream, for its whole life. Default of the platform: 48. */
  readonly partitions: number;
  /** Copies of every record, at least 2 unless `allowSingleCopy`. */
  readonly replicationFactor: number;
  /** Copies that must exist before an append is acknowledged, at least 2 unless `allowSingleCopy`. */
  readonly minInsyncReplicas: number;
  /** For one broker on a developer's machine: acknowledged records are lost with its disk. */
  readonly allowSingleCopy: boolean;
}

export interface PlannedTopic {
  /** Without the prefix. */
  readonly name: string;
  readonly physicalName: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly config: Readonly<Record<string, string>>;
}

/** One call of `append` is one batch of the broker, whatever its size; batches that form by themselves stay below 512 KiB. */
const MAX_MESSAGE_BYTES = 10 * 1024 * 1024;
const TABLE_SEGMENT_BYTES = 64 * 1024 * 1024;
const DAY_MS = 86_400_000;

/** @throws AppError unsafe-replication: what is acknowledged must survive a broker */
export function planTopics(settings: TopicPlanSettings): readonly PlannedTopic[] {
  const { topicPrefix, topics, partitions, replicationFactor, minInsyncReplicas, allowSingleCopy } = settings;
  if (!allowSingleCopy && (replicationFactor < 2 || minInsyncReplicas < 2)) {
    throw new AppError('unsafe-replication', `A replication factor of ${replicationFactor} with min.insync.replicas=${minInsyncReplicas} loses acknowledged events with one broker. Use 3 and 2, or allow a single copy explicitly.`);
  }
  if (minInsyncReplicas > replicationFactor) {
    throw new AppError('unsafe-replication', `min.insync.replicas=${minInsyncReplicas} can never be met by a replication factor of ${replicationFactor}.`);
  }
  const names = new TopicNames(topicPrefix);
  return topics.map((topic) => ({
    name: topic.name,
    physicalName: names.physical(topic.name),
    partitions: topic.shape === 'table' ? 1 : partitions,
    replicationFactor,
    config: {
      'min.insync.replicas': String(minInsyncReplicas),
      'unclean.leader.election.enable': 'false',
      'max.message.bytes': String(MAX_MESSAGE_BYTES),
      // The time at which the log took a record, by the clock that retention goes by.
      'message.timestamp.type': 'LogAppendTime',
      ...(topic.shape === 'table'
        ? { 'cleanup.policy': 'compact', 'segment.bytes': String(TABLE_SEGMENT_BYTES), 'segment.ms': String(DAY_MS) }
        : { 'cleanup.policy': 'delete', 'retention.ms': String(topic.retentionMs ?? -1), 'retention.bytes': '-1' }),
    },
  }));
}

/** The commands that make the topics, for a cluster where we may not. */
export function printTopics(settings: TopicPlanSettings): string {
  return planTopics(settings)
    .map(({ physicalName, partitions, replicationFactor, config }) => {
      const configs = Object.entries(config).map(([key, value]) => ` --config ${key}=${value}`);
      return `kafka-topics.sh --bootstrap-server "$KAFKA_BROKERS" --create --topic ${physicalName} --partitions ${partitions} --replication-factor ${replicationFactor}${configs.join('')}\n`;
    })
    .join('');
}
