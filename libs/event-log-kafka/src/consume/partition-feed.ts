import type { LogRecord, Offset, PartitionFailure, RecordBatch, TopicPartition } from '@hooklane/event-log';
import { recordBytes } from '../record-codec.js';

export interface FeedPorts {
  handle(batch: RecordBatch): Promise<void>;
  failed(failure: PartitionFailure): void;
  /** Starts fetching at an offset, whatever was fetched before. */
  start(offset: Offset): void;
  stop(): void;
  pause(): void;
  resume(): void;
  /** What may wait here, in bytes; it depends on how many partitions share the memory. */
  shareBytes(): number;
}

/** More at once makes no handler faster, and holds the others up for longer. */
const BATCH_RECORDS = 2_000;

/** What waits for the handler of one owned partition. Fetching pauses while too much does. */
export class PartitionFeed {
  /** The handler that is running. */
  running: Promise<void> | null = null;
  private phase: 'starting' | 'running' | 'stopped' | 'gone' = 'starting';
  private waiting: { readonly record: LogRecord; readonly bytes: number }[] = [];
  private waitingBytes = 0;
  private endOffset: Offset = 0;
  private isPaused = false;

  constructor(
    readonly at: TopicPartition,
    private readonly ports: FeedPorts,
  ) {}

  get isGone(): boolean {
    return this.phase === 'gone';
  }

  /** Hands over from `offset` on; also starts a stopped partition again. */
  begin(offset: Offset): void {
    if (this.isGone) return;
    this.phase = 'running';
    this.waiting = [];
    this.waitingBytes = 0;
    this.isPaused = false;
    this.ports.start(offset);
  }

  /** Like `begin`, once the assignment is through: before, whoever was asked where to begin decides. */
  seek(offset: Offset): void {
    if (this.phase === 'running' || this.phase === 'stopped') this.begin(offset);
  }

  take(records: readonly LogRecord[], endOffset: Offset): void {
    if (this.phase !== 'running') return;
    for (const record of records) {
      const bytes = recordBytes({ ...record, attachment: record.attachment === null ? undefined : { value: record.attachment } });
      this.waiting.push({ record, bytes });
      this.waitingBytes += bytes;
    }
    this.endOffset = endOffset;
    if (!this.isPaused && this.waitingBytes > this.ports.shareBytes()) {
      this.isPaused = true;
      this.ports.pause();
    }
    this.pump();
  }

  fail(failure: Omit<PartitionFailure, 'topic' | 'partition'>): void {
    if (this.isGone) return;
    this.phase = 'stopped';
    this.waiting = [];
    this.waitingBytes = 0;
    this.ports.stop();
    this.ports.failed({ topic: this.at.topic, partition: this.at.partition, ...failure });
  }

  /** Nothing is handed over any more; a handler that is running goes on. */
  drop(): void {
    this.phase = 'gone';
    this.waiting = [];
    this.ports.stop();
  }

  private pump(): void {
    if (this.running !== null || this.phase !== 'running' || this.waiting.length === 0) return;
    const taken = this.waiting.splice(0, BATCH_RECORDS);
    for (const { bytes } of taken) this.waitingBytes -= bytes;
    if (this.isPaused && this.waitingBytes <= this.ports.shareBytes() / 2) {
      this.isPaused = false;
      this.ports.resume();
    }
    const records = taken.map(({ record }) => record);
    this.running = this.handle({ topic: this.at.topic, partition: this.at.partition, records, endOffset: this.endOffset });
  }

  private async handle(batch: RecordBatch): Promise<void> {
    try {
      await this.ports.handle(batch);
    } catch (error) {
      this.fail({ kind: 'handler-rejected', firstOffset: batch.records[0]?.offset ?? 0, lastOffset: batch.records[batch.records.length - 1]?.offset ?? 0, error });
    }
    this.running = null;
    this.pump();
  }
}
