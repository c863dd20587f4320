import type { CommittedPosition, LogRecord, RecordBatch, StartPosition, TopicPartition } from './event-log.js';

/** What a consumer says of a batch; one place (`ConsumerRunner`) acts on it. */
export type HandlerResult =
  /** Done up to the batch's end. With `commit`, the group's position is stored (and `metadata` with it). */
  | { readonly kind: 'ok'; readonly commit?: CommitWish }
  /** The same batch again after a pause: something it needs is away. */
  | { readonly kind: 'retry'; readonly reason: string; readonly afterMs: number }
  /**
   * These records cannot be handled, ever, and nothing of the batch was done yet. Each becomes an incident; then the batch comes again, `deadLettered`, and is done without
   * them. In this order, because a consumer that keeps its own position would else have stored it when the process dies before the incident is in the log.
   */
  | { readonly kind: 'dead-letter'; readonly records: readonly DeadLetter[] }
  /** Deliberately not handled. */
  | { readonly kind: 'drop'; readonly reason: string; readonly commit?: CommitWish };

export interface HandedBatch extends RecordBatch {
  /** What cannot be handled in it are incidents already. */
  readonly deadLettered?: boolean;
}

export interface CommitWish {
  /** At most a few kilobytes: it is stored with the position of every partition. */
  readonly metadata: string;
}

export interface DeadLetter {
  readonly record: LogRecord;
  /** A sentence for the person who looks at the incident. */
  readonly reason: string;
}

/**
 * The consumer of one topic within a service. Its group is `<service>.<topic>`.
 * It is asked for nothing but decisions: pausing, repeating, committing and reporting are the runner's.
 */
export interface TopicConsumer {
  /** Where to begin newly assigned partitions; without this method: at the committed position. */
  assigned?(partitions: readonly TopicPartition[], committed: readonly (CommittedPosition | null)[]): Promise<readonly StartPosition[]>;
  revoked?(partitions: readonly TopicPartition[]): Promise<void>;
  /** Four things: parse, load, decide, append. Never throws for bad records: it dead-letters them. */
  handle(batch: HandedBatch): Promise<HandlerResult>;
}
