import type { CommittedPosition, LogRecord, RecordBatch, StartPosition, TopicPartition } from '@hooklane/event-log';

/** What a consumer says of a batch; one place (the ConsumerRunner) acts on it. */
export type HandlerResult =
  /** Done up to the batch's end. With `commit`, the group's position is stored (and `metadata` with it). */
  | { readonly kind: 'ok'; readonly commit?: { readonly metadata: string } }
  /** The same batch again after a pause: something it needs is away. */
  | { readonly kind: 'retry'; readonly reason: string; readonly afterMs: number }
  /** These records cannot be handled, ever: each becomes an incident, the rest of the batch is done. */
  | { readonly kind: 'dead-letter'; readonly records: readonly { readonly record: LogRecord; readonly reason: string }[] }
  /** Deliberately not handled. */
  | { readonly kind: 'drop'; readonly reason: string };

/**
 * The consumer of one topic within a service, a Nest controller in `<topic>.consumer.ts`; the group is `<service>.<topic>`.
 * Method decorators (this package): `@ConsumesTopic(service, topic)` on `handle`, `@TopicAssigned(service, topic)` and `@TopicRevoked(service, topic)` on the other two.
 */
export interface TopicConsumer {
  /** Where to begin newly assigned partitions; without this method: at the committed position. */
  assigned?(partitions: readonly TopicPartition[], committed: readonly (CommittedPosition | null)[]): Promise<readonly StartPosition[]>;
  revoked?(partitions: readonly TopicPartition[]): Promise<void>;
  /** Four things: parse, load, decide, append. Never throws for bad records: it dead-letters them. */
  handle(batch: RecordBatch): Promise<HandlerResult>;
}
