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
export { partitionOf } from './partition-of.js';
