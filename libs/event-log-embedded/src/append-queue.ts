import { AppError, type Clock } from '@hooklane/kernel';
import type { AppendOptions, AppendRecord, Offset } from '@hooklane/event-log';
import type { AppendCall } from './batch.js';
import type { PartitionLog } from './partition-log.js';

/** More makes the wait for a batch longer than it saves (p99 climbs above 512, measured). */
const MOST_RECORDS = 512;
const MOST_BYTES = 1_048_576;
/** How exactly a deadline is met. One timer for all calls, and only while one waits. */
const SWEEP_MS = 25;

/** Calls that wait for the next batch, in order. */
export class AppendQueue {
  private calls: AppendCall[] = [];
  private head = 0;
  private sweeper: NodeJS.Timeout | null = null;
  private underWay: readonly AppendCall[] = [];

  constructor(private readonly clock: Clock) {}

  get isEmpty(): boolean {
    return this.head === this.calls.length;
  }

  add(records: readonly AppendRecord[], partitions: readonly PartitionLog[], options: AppendOptions | undefined): Promise<readonly Offset[]> {
    return new Promise((resolve, reject) => {
      const deadlineMonotonicMs = options?.deadlineMonotonicMs ?? Infinity;
      let bytes = 0;
      for (const { value, attachment } of records) bytes += value.length + (attachment ? 16 : 0);
      const call: AppendCall = { records, partitions, offsets: [], bytes, deadlineMonotonicMs, resolve, reject, isOver: false };
      if (deadlineMonotonicMs !== Infinity && this.isOverdue(call)) return;
      this.calls.push(call);
      if (deadlineMonotonicMs !== Infinity) this.sweepLater();
    });
  }

  /** The calls of the next batch: whole calls, at least one, about 512 records or 1 MiB at most. */
  take(): readonly AppendCall[] {
    const taken: AppendCall[] = [];
    let records = 0;
    let bytes = 0;
    while (this.head < this.calls.length) {
      const call = this.calls[this.head] as AppendCall;
      if (!call.isOver) {
        records += call.records.length;
        bytes += call.bytes;
        if (taken.length > 0 && (records > MOST_RECORDS || bytes > MOST_BYTES)) break;
        taken.push(call);
      }
      this.head += 1;
    }
    if (this.head === this.calls.length) {
      this.calls = [];
      this.head = 0;
    } else if (this.head > 1024 && this.head * 2 > this.calls.length) {
      this.calls = this.calls.slice(this.head);
      this.head = 0;
    }
    this.underWay = taken;
    return taken;
  }

  /** The batch that was taken is written. */
  answered(calls: readonly AppendCall[]): void {
    this.underWay = [];
    for (const call of calls) if (!call.isOver) call.resolve(call.offsets);
  }

  /** Refuses everything that is not answered yet. */
  refuseAll(message: string): void {
    if (this.sweeper) clearTimeout(this.sweeper);
    for (const call of this.calls.slice(this.head)) refuse(call, message, false);
    for (const call of this.underWay) refuse(call, message, true);
    this.calls = [];
    this.head = 0;
  }

  private sweepLater(): void {
    this.sweeper ??= setTimeout(() => {
      this.sweeper = null;
      this.sweep();
    }, SWEEP_MS);
  }

  private sweep(): void {
    let waits = false;
    for (let index = this.head; index < this.calls.length; index += 1) {
      const call = this.calls[index] as AppendCall;
      if (!call.isOver && call.deadlineMonotonicMs !== Infinity && !this.isOverdue(call)) waits = true;
    }
    for (const call of this.underWay) {
      if (call.isOver || call.deadlineMonotonicMs === Infinity) continue;
      if (this.clock.monotonicMs() >= call.deadlineMonotonicMs) refuse(call, UNWRITTEN_IN_TIME, true);
      else waits = true;
    }
    if (waits) this.sweepLater();
  }

  /** Refuses a call that waited for too long; it is skipped when its turn comes. */
  private isOverdue(call: AppendCall): boolean {
    if (this.clock.monotonicMs() < call.deadlineMonotonicMs) return false;
    refuse(call, UNWRITTEN_IN_TIME, false);
    return true;
  }
}

const UNWRITTEN_IN_TIME = 'The event log could not be written in time.';

function refuse(call: AppendCall, message: string, mayBeWritten: boolean): void {
  if (call.isOver) return;
  call.isOver = true;
  call.reject(new AppError('log-unavailable', message, { retryable: true, retryAfterMs: 1_000, details: { mayBeWritten } }));
}
