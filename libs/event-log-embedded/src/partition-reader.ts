import type { LogRecord, PartitionFailure, RecordBatch } from '@hooklane/event-log';
import type { ChunkStore } from './chunk-store.js';
import type { Follower, PartitionLog } from './partition-log.js';
import type { Report } from './report.js';

const MOST_RECORDS = 1_000;
const MOST_BYTES = 1_048_576;
/** A handler that always answers at once must not keep the event loop from its sockets. */
const BATCHES_WITHOUT_PAUSE = 16;
const READ_RETRY_MS = 250;

/** Hands one partition to one subscriber: from memory when it keeps up, from the table when it is behind. */
export class PartitionReader implements Follower {
  private isBusy = false;
  private isHalted = false;
  private isClosed = false;
  private runs = 0;
  private handedAtMs = -Infinity;
  private gathering: NodeJS.Timeout | null = null;
  /** Set by `seek`, and taken over when what is under way is done. */
  private sought: number | null = null;
  private whenIdle: (() => void)[] = [];

  constructor(
    private readonly partition: PartitionLog,
    private position: number,
    private readonly store: ChunkStore,
    private readonly handle: (batch: RecordBatch) => Promise<void>,
    private readonly failed: (failure: PartitionFailure) => void,
    private readonly report: Report,
    /** As in `SubscribeOptions`. */
    private readonly gatherMs: number,
  ) {
    partition.followers.add(this);
  }

  /** Records that were not handed over yet, or whose handler still runs. */
  get lag(): number {
    return this.isHalted || this.isClosed ? 0 : this.partition.next - this.position;
  }

  wake(): void {
    if (this.isBusy || this.isHalted || this.isClosed) return;
    const { partition, position } = this;
    if (position < partition.first) return this.fail('gap', position, partition.first - 1);
    if (position > partition.next) return this.fail('beyond-end', partition.next, position - 1);
    if (position === partition.next || this.gathers()) return;
    if (position >= partition.tailStart) this.hand(partition.sliceTail(position, MOST_RECORDS, MOST_BYTES));
    else void this.handFromTable();
  }

  /** Whether the next batch still waits for company. A full one never does. */
  private gathers(): boolean {
    if (this.gatherMs === 0 || this.partition.next - this.position >= MOST_RECORDS) return false;
    if (this.gathering) return true;
    const waitMs = this.handedAtMs + this.gatherMs - performance.now();
    if (waitMs <= 0) return false;
    this.gathering = setTimeout(() => {
      this.gathering = null;
      this.wake();
    }, waitMs);
    return true;
  }

  seek(offset: number): void {
    this.isHalted = false;
    if (this.isBusy) {
      this.sought = offset;
      return;
    }
    this.position = offset;
    this.wake();
  }

  /** Hands nothing over any more. Resolves when the handler that is running, if any, has ended. */
  close(): Promise<void> {
    this.isClosed = true;
    if (this.gathering) clearTimeout(this.gathering);
    this.partition.followers.delete(this);
    return this.isBusy ? new Promise((resolve) => this.whenIdle.push(resolve)) : Promise.resolve();
  }

  private hand(records: readonly LogRecord[]): void {
    this.isBusy = true;
    if (this.gatherMs > 0) this.handedAtMs = performance.now();
    const first = records[0] as LogRecord;
    const last = records[records.length - 1] as LogRecord;
    let handled: Promise<void>;
    try {
      handled = this.handle({ topic: this.partition.topic, partition: this.partition.partition, records, endOffset: this.partition.next });
    } catch (error) {
      handled = Promise.reject(error as Error);
    }
    handled.then(
      () => this.goOn(last.offset + 1),
      (error: unknown) => {
        if (!this.isClosed) this.fail('handler-rejected', first.offset, last.offset, error);
        this.goOn(first.offset);
      },
    );
  }

  private goOn(position: number): void {
    this.isBusy = false;
    this.position = this.sought ?? position;
    if (this.sought !== null) this.isHalted = false;
    this.sought = null;
    for (const resolve of this.whenIdle.splice(0)) resolve();
    this.runs += 1;
    if (this.runs % BATCHES_WITHOUT_PAUSE === 0) setImmediate(() => this.wake());
    else this.wake();
  }

  private async handFromTable(): Promise<void> {
    this.isBusy = true;
    const { position, partition } = this;
    let records: LogRecord[];
    try {
      records = await this.store.read(partition, position);
    } catch (error) {
      this.report('warn', 'records could not be read from the event log; trying again', { topic: partition.topic, partition: partition.partition, offset: position, reason: (error as Error).message });
      await new Promise((resolve) => setTimeout(resolve, READ_RETRY_MS));
      return this.goOn(position);
    }
    if (this.isClosed || this.sought !== null) return this.goOn(position);
    // Retention may have passed us while we read; `wake` then says so.
    if (records.length === 0 && position >= partition.first) this.fail('gap', position, position);
    if (records.length === 0) return this.goOn(position);
    this.hand(records);
  }

  private fail(kind: PartitionFailure['kind'], firstOffset: number, lastOffset: number, error?: unknown): void {
    this.isHalted = true;
    this.failed({ topic: this.partition.topic, partition: this.partition.partition, kind, firstOffset, lastOffset, ...(error === undefined ? {} : { error }) });
  }
}
