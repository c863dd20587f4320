import type { CommittedPosition, EventLog, LogRecord, PartitionFailure, RecordBatch, StartPosition, SubscribeOptions, Subscription, TopicPartition } from '../event-log.js';

/** A subscriber that writes down everything it is told. */
export interface Member {
  readonly subscription: Subscription;
  readonly records: LogRecord[];
  readonly batches: RecordBatch[];
  readonly committed: (CommittedPosition | null)[];
  readonly failures: PartitionFailure[];
  /** The partitions it owns now, ascending. */
  owned(): readonly number[];
  values(partition?: number): readonly string[];
}

export interface MemberOptions extends Partial<Omit<SubscribeOptions, 'topics' | 'group'>> {
  readonly start?: StartPosition;
  /** Stores the position after every batch. */
  readonly commits?: boolean;
}

export function join(log: EventLog, group: string, topic: string, options: MemberOptions = {}): Member {
  const owned = new Set<number>();
  const records: LogRecord[] = [];
  const batches: RecordBatch[] = [];
  const committed: (CommittedPosition | null)[] = [];
  const failures: PartitionFailure[] = [];
  const subscription = log.subscribe({
    group,
    topics: [topic],
    mode: options.mode ?? 'share',
    async assigned(partitions, positions) {
      for (const { partition } of partitions) owned.add(partition);
      committed.push(...positions);
      return options.assigned ? options.assigned(partitions, positions) : partitions.map(() => options.start ?? 'committed');
    },
    async revoked(partitions: readonly TopicPartition[]) {
      for (const { partition } of partitions) owned.delete(partition);
      await options.revoked?.(partitions);
    },
    async handle(batch) {
      batches.push(batch);
      await options.handle?.(batch);
      records.push(...batch.records);
      const last = batch.records[batch.records.length - 1];
      if (options.commits && last) void subscription.commit([{ topic, partition: batch.partition, offset: last.offset + 1, metadata: `up to ${last.offset}` }]);
    },
    failed: (failure) => failures.push(failure),
  });
  return {
    subscription,
    records,
    batches,
    committed,
    failures,
    owned: () => [...owned].sort((a, b) => a - b),
    values: (partition) => records.filter((record) => partition === undefined || record.partition === partition).map((record) => record.value.toString()),
  };
}

export function record(topic: string, partition: number, value: string): { topic: string; partition: number; key: null; value: Buffer } {
  return { topic, partition, key: null, value: Buffer.from(value) };
}
