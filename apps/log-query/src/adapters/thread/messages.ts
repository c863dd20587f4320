import type { TopicPartition } from '@hooklane/event-log';
import type { Flushed, Waiting } from '../../writer/stream-writer.js';
import type { PackedBatch } from './packed-batch.js';

/** What the writer's thread is asked; each but `keep-from` is answered under its number. */
export type WriterRequest =
  | { readonly number: number; readonly kind: 'assign' | 'revoke'; readonly partitions: readonly TopicPartition[] }
  | { readonly number: number; readonly kind: 'add'; readonly batch: PackedBatch; readonly isKept: boolean }
  | { readonly number: number; readonly kind: 'close'; readonly timeoutMs: number }
  | { readonly kind: 'keep-from'; readonly timeMs: number };

export type WriterMessage = { readonly waiting: Waiting } & (WriterAnswer | WriterEvent);

export type WriterAnswer =
  | { readonly kind: 'assigned'; readonly number: number; readonly nextOffsets: readonly number[] }
  | { readonly kind: 'done'; readonly number: number }
  | ({ readonly kind: 'added'; readonly number: number } & AddedRecords)
  | { readonly kind: 'failed'; readonly number: number; readonly code: string; readonly message: string; readonly retryable: boolean };

export type WriterEvent =
  | { readonly kind: 'flushed'; readonly flush: Flushed }
  | { readonly kind: 'failing'; readonly reason: string }
  | { readonly kind: 'lost'; readonly partitions: readonly TopicPartition[] };

/** What is to be said of records, by their places in the batch. */
export interface AddedRecords {
  readonly bad: readonly BadRecord[];
  readonly forReplays: readonly number[];
}

/** A record that can never be written. */
export interface BadRecord {
  readonly index: number;
  readonly reason: string;
}
