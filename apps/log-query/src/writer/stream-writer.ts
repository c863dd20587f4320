import type { HandedBatch, HandlerResult, LogRecord, TopicPartition } from '@hooklane/event-log';
import type { PositionMove } from './flush-plan.js';

/** Keeps what the three streams bring: on the thread of its caller (`RecordWriter`) or on one of its own (`ThreadedWriter`). */
export interface StreamWriter {
  /** What waits as of the last answer. */
  readonly waiting: Waiting;
  /** @returns the next offset to read of each */
  assign(partitions: readonly TopicPartition[]): Promise<readonly number[]>;
  /** What was read and not written is dropped: the next owner reads it again. */
  revoke(partitions: readonly TopicPartition[]): Promise<void>;
  /**
   * Resolves when there is room for more.
   * @param isKept replays know what is for them in it
   */
  add(batch: HandedBatch, isKept: boolean): Promise<Added>;
  /** The first day still kept, as its first millisecond: older rows are not written. */
  keepFrom(timeMs: number): void;
  /** Writes everything that was read, or as much as it can within `timeoutMs`; nothing is lost by the rest, it is read again. */
  close(timeoutMs: number): Promise<void>;
}

/** `for-replays`: nothing was taken yet. Replays must know these records before the stored position passes them. */
export type Added = HandlerResult | { readonly kind: 'for-replays'; readonly records: readonly LogRecord[] };

export interface Waiting {
  readonly rows: number;
  /** When the log took the oldest record that waits, or null when none waits. */
  readonly oldestLoggedMs: number | null;
}

export interface StreamWriterEvents {
  /** After each flush, with what it cost and where the partitions are now. */
  flushed(flush: Flushed): void;
  /** Writing is impossible for now and is being tried again. */
  failing(reason: string): void;
  /** These partitions belong to another instance; what was read of them is dropped. */
  lost(partitions: readonly TopicPartition[]): void;
}

export interface Flushed {
  readonly rows: number;
  readonly lastSeq: number;
  readonly tookMs: number;
  readonly positions: readonly PositionMove[];
}

export interface StreamWriterSettings {
  readonly flushAfterMs: number;
  readonly requestHoldMs: number;
  readonly rowsPerFlush: number;
}
