import type { PartitionLog } from './partition-log.js';

interface Entry {
  readonly partition: PartitionLog;
  readonly count: number;
  readonly bytes: number;
}

/** Keeps the tails of all partitions together under one number of bytes: what came first goes first, whichever partition it is of. */
export class TailBudget {
  private entries: (Entry | undefined)[] = [];
  private head = 0;
  private bytes = 0;

  constructor(private readonly mostBytes: number) {}

  add(partition: PartitionLog, count: number, bytes: number): void {
    this.entries.push({ partition, count, bytes });
    this.bytes += bytes;
    while (this.bytes > this.mostBytes && this.head < this.entries.length) {
      const oldest = this.entries[this.head] as Entry;
      this.entries[this.head] = undefined;
      this.head += 1;
      this.bytes -= oldest.bytes;
      oldest.partition.evict(oldest.count);
    }
    if (this.head > 4096 && this.head * 2 > this.entries.length) {
      this.entries = this.entries.slice(this.head);
      this.head = 0;
    }
  }
}
