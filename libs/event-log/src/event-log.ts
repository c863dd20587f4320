/**
 * The log port: ordered, durable, partitioned topics. It knows nothing of payloads.
 * Adapters: `@hooklane/event-log-embedded` (Postgres) and `@hooklane/event-log-kafka`; both pass `./testing`.
 */

/** Offsets are dense on the embedded log and may have holes on Kafka; both rise within a partition. Kept as numbers: 2^53 records a partition. */
export type Offset = number;

export interface AppendRecord {
  readonly topic: string;
  readonly partition: number;
  /** What compaction keeps the newest of; null on streams. */
  readonly key: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly value: Uint8Array;
  /**
   * A record whose value travels with this one. Kafka carries a copy; the embedded log stores the reference only
   * (stack.md 4.1: worth 15-20 % of a delivery), and resolves it when this record is read.
   */
  readonly attachment?: Pick<LogRecord, 'topic' | 'partition' | 'offset' | 'value'>;
}

export interface LogRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: Offset;
  /** When the log took it, milliseconds since the epoch. */
  readonly timestampMs: number;
  readonly key: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Buffer;
  /** The attached record's value, or null when none was attached. */
  readonly attachment: Buffer | null;
}

export interface AppendOptions {
  /**
   * Give up at this `Clock.monotonicMs()`: the append rejects with `log-unavailable`. What was not yet part of a batch under way is then
   * taken out and never written; what was may still be written (`AppError.details.mayBeWritten`).
   * Without it an append waits for the log for ever, which is right for everything that is not a publisher's request.
   */
  readonly deadlineMonotonicMs?: number;
}

export interface RecordBatch {
  readonly topic: string;
  readonly partition: number;
  /** At least one, in offset order. */
  readonly records: readonly LogRecord[];
  /** The offset after the newest record known to exist: `endOffset - last.offset - 1` is the lag. */
  readonly endOffset: Offset;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface CommittedPosition extends TopicPartition {
  /** The next offset to read. */
  readonly offset: Offset;
  readonly metadata: string;
}

/** Where to begin reading an assigned partition: an offset, the group's committed position (the beginning if there is none), the beginning or the end. */
export type StartPosition = { readonly offset: Offset } | 'committed' | 'beginning' | 'end';

export interface SubscribeOptions {
  /** Members of a group share the partitions. Ignored for `everything`. */
  readonly group: string;
  readonly topics: readonly string[];
  /** `share`: the partitions are divided among the group's members. `everything`: this subscriber reads every partition, whoever else does. */
  readonly mode: 'share' | 'everything';
  /**
   * How long records may wait for company behind the batch before them, in milliseconds: where asking the log costs, fewer questions are asked.
   * The first after a silence never waits. Without it each is handed over as soon as the load allows.
   */
  readonly gatherMs?: number;
  /**
   * Partitions that this member now owns, before any record of them is handed over. Partitions it owned before are not named again.
   * @returns where to begin, one for each, in the same order. May take its time; rejecting means that it is asked again after a pause.
   */
  assigned(partitions: readonly TopicPartition[], committed: readonly (CommittedPosition | null)[]): Promise<readonly StartPosition[]>;
  /** Partitions that this member no longer owns; no batch of them is handed over afterwards. */
  revoked(partitions: readonly TopicPartition[]): Promise<void>;
  /**
   * One batch of one partition. The next batch of the same partition comes after the promise; other partitions go on meanwhile.
   * Must not reject: an adapter stops the partition and reports through `failed`.
   */
  handle(batch: RecordBatch): Promise<void>;
  /** The log has lost records between what was read and what is next, or the handler rejected: the partition stands still. */
  failed(failure: PartitionFailure): void;
}

export interface PartitionFailure extends TopicPartition {
  readonly kind: 'gap' | 'beyond-end' | 'handler-rejected';
  readonly firstOffset: Offset;
  readonly lastOffset: Offset;
  readonly error?: unknown;
}

export interface Subscription {
  /** Resolves when the partitions were first assigned (`share`: possibly none). */
  readonly started: Promise<void>;
  /** Positions of partitions this member no longer owns are ignored. One commit is under way at a time; the newest wins. */
  commit(positions: readonly CommittedPosition[]): Promise<void>;
  /** Reads the partition again from `offset`; the next batch begins there. */
  seek(position: TopicPartition & { readonly offset: Offset }): void;
  /** Hands nothing over any more, waits for handlers that are running, leaves the group. */
  close(): Promise<void>;
}

export interface EventLog {
  /** True where the process that opened the log is the only one that can write it: what another process held is then free at once. */
  readonly soleWriter?: boolean;
  /** How many partitions the topic has; fixed for its life. */
  partitionsOf(topic: string): number;
  /**
   * Resolves once every record is durable, with their offsets. Records of one call for one partition are contiguous and appear together or not at all.
   * Calls are kept in order per partition: what a later call appends stands behind what an earlier one did.
   */
  append(records: readonly AppendRecord[], options?: AppendOptions): Promise<readonly Offset[]>;
  subscribe(options: SubscribeOptions): Subscription;
  /** Reads `[from, to)` of a partition in order, in batches; stops early at the end of the log. */
  read(range: TopicPartition & { readonly from: Offset; readonly to: Offset }): AsyncIterable<readonly LogRecord[]>;
  /** First kept and next offset of each partition, as the log knows it now. On Kafka one coalesced request. */
  bounds(topic: string): Promise<readonly { readonly first: Offset; readonly next: Offset }[]>;
  /** The next offset of each partition of each topic, where one question for all of them is cheaper than `bounds`: tables ask it for every batch of requests. */
  ends?(topics: readonly string[]): Promise<readonly (readonly Offset[])[]>;
  /** The next offset of a partition, where it is known without asking anybody: in the process of the sole writer. */
  knownEnd?(topic: string, partition: number): Offset;
  /**
   * Records that this process's members of the group have not handled yet, where that is known without a question to anybody. A partition that stands still
   * until somebody looks at it does not count.
   */
  lag?(group: string): number;
}

/** What the process that opened the log does with it, apart from those who use it. */
export interface EventLogConnection extends EventLog {
  /** False while the log cannot be written; `reason` is a sentence for /readyz. */
  health(): { readonly ready: boolean; readonly reason: string };
  /** After every subscription is closed: waits for appends under way, at most `timeoutMs`. */
  close(timeoutMs: number): Promise<void>;
}
