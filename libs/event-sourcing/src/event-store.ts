import type { DomainEvent } from './decider.js';

/** Who changed something, when and why; stored with every event. */
export interface EventMeta {
  /** `key:<key id>`, `user:<user id>` or `system:<part of the platform>`. */
  readonly actor: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** What the actor gave as reason, or empty. */
  readonly reason: string;
  /** The request that caused it, or empty. */
  readonly requestId: string;
}

export interface RecordedEvent<Event extends DomainEvent = DomainEvent> {
  /** Position among all events of the store; rises in commit order. */
  readonly id: number;
  readonly streamId: string;
  /** Position within the stream; the first is 1. */
  readonly version: number;
  readonly event: Event;
  readonly meta: EventMeta;
}

/** The history of every aggregate. `Transaction` is what an adapter lets others write in together with an append. */
export interface EventStore<Transaction = unknown> {
  /** All events of a stream in order; none when there is no such stream. */
  readStream<Event extends DomainEvent>(streamId: string): Promise<readonly RecordedEvent<Event>[]>;
  /** Several streams with one question; a stream without events is not in the answer. */
  readStreams<Event extends DomainEvent>(streamIds: readonly string[]): Promise<ReadonlyMap<string, readonly RecordedEvent<Event>[]>>;
  /** Up to `limit` events of all streams with an id above `afterId`, in id order. */
  readAll(afterId: number, limit: number): Promise<readonly RecordedEvent[]>;
  /**
   * Appends all events or none, and runs the projections and `within` in the same transaction.
   * @param expectedVersion of the stream's last event; 0 for a stream that must not exist
   * @throws AppError `conflicting-change` (retryable) when the stream is at another version
   */
  append<Event extends DomainEvent>(append: Append<Event, Transaction>): Promise<readonly RecordedEvent<Event>[]>;
}

export interface Append<Event extends DomainEvent, Transaction> {
  readonly streamId: string;
  readonly expectedVersion: number;
  /** May be empty: then only `within` runs. */
  readonly events: readonly Event[];
  readonly meta: EventMeta;
  within?(transaction: Transaction, recorded: readonly RecordedEvent<Event>[]): Promise<void>;
}

/** A read model kept in step with the store: written in the transaction of the append itself. */
export interface Projection<Transaction> {
  /** Applied once per append, in commit order. */
  apply(transaction: Transaction, events: readonly RecordedEvent[]): Promise<void>;
  /** Empties the read model, for a rebuild. */
  clear(transaction: Transaction): Promise<void>;
}
