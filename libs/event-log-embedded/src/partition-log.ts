import type { AppendRecord, LogRecord } from '@hooklane/event-log';
import type { Reference } from './record-codec.js';

/** What is told of new records: the readers of subscriptions. */
export interface Follower {
  wake(): void;
}

/** One partition of one topic: where it begins and ends, and its newest records, which are kept in memory for those who follow it. */
export class PartitionLog {
  /** Offset of the first record that is kept. */
  first = 0;
  /** Offset of the next record; everything below is committed. */
  next = 0;
  /** Records from here on may be referred to instead of copied: they live at least as long as any record appended now (docs/adr/0002). */
  referableFrom = 0;
  readonly followers = new Set<Follower>();
  /** Of the batch that is being put together or written. */
  readonly batch: { inputs: AppendRecord[]; records: LogRecord[]; references: (Reference | null)[]; sizes: number[]; bytes: number; pinnedBytes: number } = { inputs: [], records: [], references: [], sizes: [], bytes: 0, pinnedBytes: 0 };
  private tail: (LogRecord | undefined)[] = [];
  private tailHead = 0;

  constructor(
    readonly id: number,
    readonly topic: string,
    readonly partition: number,
    readonly compacted: boolean,
  ) {}

  /** Offset of the oldest record in memory; `next` when there is none. */
  get tailStart(): number {
    return this.next - (this.tail.length - this.tailHead);
  }

  /** Makes the batch part of the partition. */
  take(): void {
    for (const record of this.batch.records) this.tail.push(record);
    this.next += this.batch.records.length;
    this.batch.inputs = [];
    this.batch.records = [];
    this.batch.references = [];
    this.batch.sizes = [];
    this.batch.bytes = 0;
    this.batch.pinnedBytes = 0;
  }

  fromTail(offset: number): LogRecord | undefined {
    return this.tail[this.tail.length - (this.next - offset)];
  }

  /** Records from `offset` (not below `tailStart`) on, at most `most` of them and, after the first, `mostBytes`. */
  sliceTail(offset: number, most: number, mostBytes: number): LogRecord[] {
    const start = this.tail.length - (this.next - offset);
    const end = Math.min(this.tail.length, start + most);
    let bytes = 0;
    let stop = start;
    while (stop < end) {
      const record = this.tail[stop] as LogRecord;
      bytes += record.value.length + (record.attachment?.length ?? 0);
      if (bytes > mostBytes && stop > start) break;
      stop += 1;
    }
    return this.tail.slice(start, stop) as LogRecord[];
  }

  /** Lets the oldest `count` records go from memory. */
  evict(count: number): void {
    this.tail.fill(undefined, this.tailHead, this.tailHead + count);
    this.tailHead += count;
    if (this.tailHead > 1024 && this.tailHead * 2 > this.tail.length) {
      this.tail = this.tail.slice(this.tailHead);
      this.tailHead = 0;
    }
  }
}
