import { Topics } from '@hooklane/contracts/topics';
import type { HandedBatch, LogRecord, TopicPartition } from '@hooklane/event-log';
import { toAppError, type Clock } from '@hooklane/kernel';
import type pg from 'pg';
import { PgDayPartitions } from './day-partitions.pg.js';
import { PgReadModelStore } from './read-model-store.pg.js';
import { decodeAll } from '../read-model/decode-all.js';
import { eventEntry, outcomeEntry, requestEntry } from '../writer/entries.js';
import { FlushBuffer } from '../writer/flush-buffer.js';
import { LogWriter } from '../writer/log-writer.js';
import type { Entry } from '../writer/partition-queue.js';
import type { Added, StreamWriter, StreamWriterEvents, StreamWriterSettings, Waiting } from '../writer/stream-writer.js';

const BYTES_PER_FLUSH = 8 * 1024 * 1024;
const BYTES_BUFFERED = 64 * 1024 * 1024;
/** A second of full load: the log itself is the longer buffer. */
const ROWS_BUFFERED = 20_000;

/** Connections that it uses at once: one writes, one makes days. */
export const WRITER_CONNECTIONS = 2;

/** Reads the records of the three streams and writes them to Postgres, on the thread of its caller. */
export class RecordWriter implements StreamWriter {
  private readonly buffer: FlushBuffer;
  private readonly writer: LogWriter;
  private readonly days: PgDayPartitions;

  /** @param closed ends what nobody else would */
  constructor(pool: pg.Pool, settings: StreamWriterSettings, private readonly clock: Clock, events: StreamWriterEvents, private readonly closed?: () => Promise<unknown>) {
    this.days = new PgDayPartitions(pool, clock);
    this.buffer = new FlushBuffer({ rowsPerFlush: settings.rowsPerFlush, bytesPerFlush: BYTES_PER_FLUSH, requestHoldMs: settings.requestHoldMs });
    const limits = { lingerMs: settings.flushAfterMs, rowsPerFlush: settings.rowsPerFlush, rowsBuffered: ROWS_BUFFERED, bytesBuffered: BYTES_BUFFERED };
    this.writer = new LogWriter(this.buffer, new PgReadModelStore(pool), this.days, clock, limits, {
      flushed: (flush) => events.flushed(flush),
      failing: (error) => events.failing(toAppError(error).message),
      lost: (partitions) => events.lost(partitions),
    });
  }

  get waiting(): Waiting {
    return { rows: this.buffer.size().rows, oldestLoggedMs: this.buffer.oldestLoggedMs() };
  }

  assign(partitions: readonly TopicPartition[]): Promise<readonly number[]> {
    return this.writer.assign(partitions);
  }

  revoke(partitions: readonly TopicPartition[]): Promise<void> {
    return this.writer.revoke(partitions);
  }

  async add(batch: HandedBatch, isKept: boolean): Promise<Added> {
    const arrivedMs = this.clock.monotonicMs();
    switch (batch.topic) {
      case Topics.eventsAccepted: {
        const { entries, result } = decodeAll(batch, (record) => eventEntry(record, arrivedMs));
        await this.writer.addEvents(batch.partition, entries);
        return result;
      }
      case Topics.deliveriesRequested: {
        const { entries, result } = decodeAll(batch, (record) => requestEntry(record, arrivedMs));
        const records = isKept ? [] : forReplays(batch, entries);
        if (records.length > 0) return { kind: 'for-replays', records };
        await this.writer.addRequests(batch.partition, entries);
        return result;
      }
      case Topics.deliveryOutcomes: {
        const { entries, result } = decodeAll(batch, (record) => outcomeEntry(record, arrivedMs));
        const records = isKept ? [] : forReplays(batch, entries);
        if (records.length > 0) return { kind: 'for-replays', records };
        await this.writer.addOutcomes(batch.partition, entries);
        return result;
      }
      default:
        throw new Error(`${batch.topic} is none of the log's streams`);
    }
  }

  keepFrom(timeMs: number): void {
    this.days.keptFromMs = timeMs;
  }

  async close(timeoutMs: number): Promise<void> {
    await this.writer.close(timeoutMs);
    await this.closed?.();
  }
}

function forReplays({ records }: HandedBatch, entries: readonly Entry[]): readonly LogRecord[] {
  const offsets = new Set(entries.filter(({ isForReplays }) => isForReplays).map(({ offset }) => offset));
  return offsets.size === 0 ? [] : records.filter(({ offset }) => offsets.has(offset));
}
