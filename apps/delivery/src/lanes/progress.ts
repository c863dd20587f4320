import type { SourceMark } from '@hooklane/routing';
import { Queue } from './queue.js';

/** One record of the partition that was read, until all of its deliveries are acked or parked. */
export interface OpenRecord {
  readonly offset: number;
  pending: number;
  readonly mark: { readonly stream: string; readonly position: number; readonly hookId: string } | null;
  /** Where in the outcomes partition the outcomes of this record can begin. */
  readonly outcomesFrom: number;
}

/** What the progress row says; see `Progress`. */
export interface ProgressSnapshot {
  readonly watermark: number;
  readonly marks: ReadonlyMap<string, SourceMark>;
  readonly outcomesFrom: number;
}

/**
 * How far a partition is done: below the watermark W everything is acked, parked or a repeat. The fold's marks are kept *as of W*: marks that ran ahead
 * would make an unsettled record look like its own repeat to the next owner (design: "Progress row").
 */
export class Progress {
  private readonly open = new Queue<OpenRecord>();
  private readonly marks: Map<string, SourceMark>;
  private watermark: number;
  private outcomesFrom: number;
  /** Raised with every change: tells a flush whether there is anything to write. */
  version = 0;

  constructor(start: ProgressSnapshot) {
    this.watermark = start.watermark;
    this.outcomesFrom = start.outcomesFrom;
    this.marks = new Map(start.marks);
  }

  /** A record was read; `pending` of its hooks are not settled yet. Records come in offset order. */
  add(record: OpenRecord): void {
    // Nothing older is open, so nothing older is needed by a new owner.
    if (this.open.length === 0) this.outcomesFrom = Math.max(this.outcomesFrom, record.outcomesFrom);
    this.open.push(record);
    if (record.pending === 0) this.advance();
  }

  /** One delivery of the record is acked or parked. */
  settle(record: OpenRecord): void {
    record.pending -= 1;
    if (record.pending === 0 && this.open.first() === record) this.advance();
  }

  /** @param outcomesEnd where the outcomes partition ends as far as we know: nothing that is still to come stands before it */
  snapshot(outcomesEnd: number): ProgressSnapshot {
    const first = this.open.first();
    return { watermark: this.watermark, marks: this.marks, outcomesFrom: first ? this.outcomesFrom : Math.max(this.outcomesFrom, outcomesEnd) };
  }

  get openRecords(): number {
    return this.open.length;
  }

  private advance(): void {
    for (let first = this.open.first(); first?.pending === 0; first = this.open.first()) {
      this.open.shift();
      this.watermark = first.offset + 1;
      if (first.mark) this.marks.set(first.mark.stream, { position: first.mark.position, hookId: first.mark.hookId });
    }
    const next = this.open.first();
    if (next) this.outcomesFrom = Math.max(this.outcomesFrom, next.outcomesFrom);
    this.version += 1;
  }
}
