import type { PositionMove } from './flush-plan.js';

/** A record that waits to be written. */
export interface Entry {
  readonly offset: number;
  /** By the monotonic clock. */
  readonly arrivedMs: number;
  /** When the log took it. */
  readonly loggedMs: number;
  /** What it holds in memory, in bytes, roughly. */
  readonly bytes: number;
  /** How many rows it may become; at least 1. */
  readonly rows: number;
  /** Replays must know it before the stored position passes it. */
  readonly isForReplays?: boolean;
}

/** The records of one partition that were read and not yet written, in offset order. */
export class PartitionQueue<E extends Entry> {
  bytes = 0;
  rows = 0;
  private entries: E[] = [];
  private head = 0;
  private written: number;
  private read: number;

  constructor(
    readonly topic: string,
    readonly partition: number,
    position: number,
    private readonly numbered: number,
  ) {
    this.written = position;
    this.read = position;
  }

  /** @returns false for a record that was read before: a batch that is handed over again. */
  add(entry: E): boolean {
    if (entry.offset < this.read) return false;
    this.read = entry.offset + 1;
    this.entries.push(entry);
    this.bytes += entry.bytes;
    this.rows += entry.rows;
    return true;
  }

  peek(): E | undefined {
    return this.entries[this.head];
  }

  shift(): E | undefined {
    const entry = this.entries[this.head];
    if (!entry) return undefined;
    this.head += 1;
    this.bytes -= entry.bytes;
    this.rows -= entry.rows;
    if (this.head === this.entries.length) {
      this.entries = [];
      this.head = 0;
    } else if (this.head >= 1_024) {
      this.entries = this.entries.slice(this.head);
      this.head = 0;
    }
    return entry;
  }

  /** The move to behind `offset`, which was the last one shifted. */
  move(offset: number, marks: string): PositionMove {
    const expected = this.written;
    this.written = offset + 1;
    return { topic: this.topic, partition: this.partition, expected, next: offset + 1, marks, numbered: this.numbered };
  }

  /** What waits, oldest first. */
  *waiting(): IterableIterator<E> {
    for (let index = this.head; index < this.entries.length; index += 1) yield this.entries[index] as E;
  }
}
