import { Kafka, logLevel } from 'kafkajs';
import type { EventLogConnection } from '@hooklane/event-log';
import { contractTopics, eventLogContract } from '@hooklane/event-log/testing';
import { startKafka } from '@hooklane/testkit';
import { openKafkaLog } from './open-kafka-log.js';
import type { KafkaLogSettings, KafkaTopic } from './settings.js';
import { ensureTopics } from './topics/manage-topics.js';

eventLogContract('kafka', async () => {
  const kafka = await startKafka();
  const connection = { brokers: kafka.brokers, clientId: 'contract' };
  const topics = contractTopics.map(({ name, compacted }): KafkaTopic => ({ name, shape: compacted ? 'table' : 'stream', retentionMs: compacted ? null : 3_600_000 }));
  await ensureTopics(connection, { topicPrefix: 'test.', topics, partitions: 3, replicationFactor: 1, minInsyncReplicas: 1, allowSingleCopy: true });
  const settings: KafkaLogSettings = { ...connection, topicPrefix: 'test.', topics, sessionTimeoutMs: 6_000, heartbeatIntervalMs: 200 };
  let log: EventLogConnection = await openKafkaLog(settings);
  return {
    get log() {
      return log;
    },
    async reopen() {
      await log.close(5_000);
      log = await openKafkaLog(settings);
      return log;
    },
    async interrupt() {
      await kafka.kill9(0);
      return { restore: () => kafka.restart(0) };
    },
    async truncate(topic, partition, offset) {
      const admin = new Kafka({ brokers: [...kafka.brokers], logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      await admin.fetchTopicMetadata({ topics: [`test.${topic}`] });
      await admin.deleteTopicRecords({ topic: `test.${topic}`, partitions: [{ partition, offset: String(offset) }] });
      await admin.disconnect();
    },
    async dispose() {
      await log.close(5_000);
      await kafka.stop();
    },
  };
});
