export type {
  AppendOptions,
  AppendRecord,
  CommittedPosition,
  EventLog,
  EventLogConnection,
  LogRecord,
  Offset,
  PartitionFailure,
  RecordBatch,
  StartPosition,
  SubscribeOptions,
  Subscription,
  TopicPartition,
} from './event-log.js';
export type { CommitWish, DeadLetter, HandedBatch, HandlerResult, TopicConsumer } from './topic-consumer.js';
export type { ConsumerProblem, ConsumerRunnerOptions } from './consumer-runner.js';
export { ConsumerRunner } from './consumer-runner.js';
export { partitionOf } from './partition-of.js';
