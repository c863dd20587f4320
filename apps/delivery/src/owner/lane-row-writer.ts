import type { Lane } from '../lanes/lane.js';
import type { LaneRow, LaneRowStore, PartitionLease } from '../ports.js';
import type { OwnedPartition } from './owned-partition.js';

export interface LaneRowWrite {
  readonly owned: OwnedPartition;
  readonly lane: Lane;
  /** Empty: the row goes. */
  readonly state: string;
  readonly unpublished: Buffer | null;
  /** Called when it is committed. */
  readonly done: (() => void) | null;
  readonly heads: ReadonlyMap<number, string> | null;
}

export interface WriterTarget {
  /** The database says that the partition is another's. */
  lost(owned: OwnedPartition): void;
  failed(what: string, error: unknown): void;
}

const RETRY_MS = 500;
const MAX_ROWS = 1_000;

/** Writes lane rows: one statement at a time, and what comes meanwhile is the next one. Of several states of a lane only the newest is written. */
export class LaneRowWriter {
  private waiting = new Map<Lane, LaneRowWrite>();
  private underWay: readonly LaneRowWrite[] = [];
  private isWriting = false;

  constructor(
    private readonly store: LaneRowStore,
    private readonly instanceId: string,
    private readonly target: WriterTarget,
  ) {}

  get isIdle(): boolean {
    return !this.isWriting && this.waiting.size === 0;
  }

  /** Nothing of the partition is on its way. */
  isIdleOf(owned: OwnedPartition): boolean {
    if (this.underWay.some((row) => row.owned === owned)) return false;
    for (const row of this.waiting.values()) if (row.owned === owned) return false;
    return true;
  }

  write(row: LaneRowWrite): void {
    const before = this.waiting.get(row.lane);
    this.waiting.set(row.lane, before ? joined(before, row) : row);
    if (!this.isWriting) void this.run();
  }

  private async run(): Promise<void> {
    this.isWriting = true;
    // Let the other lanes of this turn of the event loop join.
    await Promise.resolve();
    while (this.waiting.size > 0) {
      const batch = this.next();
      this.underWay = batch;
      try {
        const owned = await this.store.write(this.instanceId, leasesOf(batch), batch.map(rowOf));
        for (const row of batch) this.finish(row, owned);
      } catch (error) {
        this.target.failed('lane rows', error);
        for (const row of batch) this.retry(row);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    this.underWay = [];
    this.isWriting = false;
  }

  private next(): LaneRowWrite[] {
    const batch: LaneRowWrite[] = [];
    for (const [lane, row] of this.waiting) {
      if (batch.length === MAX_ROWS) break;
      this.waiting.delete(lane);
      if (!row.owned.isLost) batch.push(row);
    }
    return batch;
  }

  private retry(row: LaneRowWrite): void {
    const newer = this.waiting.get(row.lane);
    if (!row.owned.isLost) this.waiting.set(row.lane, newer ? joined(row, newer) : row);
  }

  private finish(row: LaneRowWrite, owned: ReadonlySet<number>): void {
    if (row.owned.isLost) return;
    if (owned.has(row.owned.partition)) row.done?.();
    else this.target.lost(row.owned);
  }
}

export function leasesOf(items: readonly { readonly owned: OwnedPartition }[]): PartitionLease[] {
  return [...new Set(items.map(({ owned }) => owned))].map(({ partition, epoch }) => ({ partition, epoch }));
}

/** The newer state; who waits for either is told when it is there. A lane whose failure is being recorded writes nothing else, so no unpublished outcome is replaced. */
function joined(before: LaneRowWrite, row: LaneRowWrite): LaneRowWrite {
  if (before.done === null && before.heads === null) return row;
  const told = before.done;
  const next = row.done;
  const done =
    told === null
      ? next
      : (): void => {
          told();
          next?.();
        };
  return { ...row, done, heads: before.heads ? new Map([...before.heads, ...(row.heads ?? [])]) : row.heads };
}

function rowOf({ owned, lane, state, unpublished, heads }: LaneRowWrite): LaneRow {
  return { partition: owned.partition, hookId: lane.hookId, tenantId: lane.tenantId, state, unpublished, heads };
}
