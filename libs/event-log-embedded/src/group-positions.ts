import type pg from 'pg';
import { bigintArray, byteaArray, int4Array, textArray } from '@hooklane/postgres';
import type { Report } from './report.js';

export interface GroupPosition {
  readonly offset: number;
  readonly metadata: string;
}

interface Waiting extends GroupPosition {
  readonly group: string;
  readonly partitionId: number;
}

/** At most ten writes a second for all groups together: a position that is lost costs repeats of a tenth of a second's work after a crash. */
const INTERVAL_MS = 100;
const RETRY_MS = 500;

/** Where the groups stand. Commits are coalesced: one statement under way, the newest position of a group and partition wins. */
export class GroupPositions {
  private readonly known = new Map<string, Map<number, GroupPosition>>();
  private waiting = new Map<string, Waiting>();
  private whenWritten: { readonly promise: Promise<void>; readonly resolve: () => void } | null = null;
  private isWriting = false;
  private isStopped = false;
  private timer: NodeJS.Timeout | null = null;
  private lastWriteMs = -Infinity;

  constructor(
    private readonly pool: pg.Pool,
    private readonly report: Report,
  ) {}

  async load(client: pg.ClientBase): Promise<void> {
    const { rows } = await client.query<{ group_name: string; partition: number; next: string; metadata: Buffer }>('SELECT group_name, partition, next, metadata FROM event_log.group_positions');
    for (const { group_name, partition, next, metadata } of rows) this.remember(group_name, partition, { offset: Number(next), metadata: metadata.toString() });
  }

  /** The newest committed position, also one that is still being written: who asks is in this process. */
  of(group: string, partitionId: number): GroupPosition | null {
    return this.known.get(group)?.get(partitionId) ?? null;
  }

  /** Resolves when these positions, or newer ones, are durable. */
  commit(group: string, positions: readonly (GroupPosition & { readonly partitionId: number })[]): Promise<void> {
    if (positions.length === 0) return Promise.resolve();
    for (const { partitionId, offset, metadata } of positions) {
      this.remember(group, partitionId, { offset, metadata });
      this.waiting.set(`${partitionId}/${group}`, { group, partitionId, offset, metadata });
    }
    const written = (this.whenWritten ??= deferred());
    this.schedule(Math.max(0, this.lastWriteMs + INTERVAL_MS - performance.now()));
    return written.promise;
  }

  /** Resolves when everything committed so far is durable. */
  async flush(): Promise<void> {
    const { whenWritten } = this;
    if (whenWritten) this.schedule(0);
    await whenWritten?.promise;
  }

  stop(): void {
    this.isStopped = true;
    if (this.timer) clearTimeout(this.timer);
  }

  private remember(group: string, partitionId: number, position: GroupPosition): void {
    let partitions = this.known.get(group);
    if (!partitions) this.known.set(group, (partitions = new Map()));
    partitions.set(partitionId, position);
  }

  private schedule(afterMs: number): void {
    if (this.isWriting || this.isStopped) return;
    if (afterMs <= 0) {
      if (this.timer) clearTimeout(this.timer);
      this.timer = null;
      void this.write();
    } else {
      this.timer ??= setTimeout(() => {
        this.timer = null;
        void this.write();
      }, afterMs);
    }
  }

  private async write(): Promise<void> {
    const { waiting, whenWritten } = this;
    if (!whenWritten) return;
    this.waiting = new Map();
    this.whenWritten = null;
    this.isWriting = true;
    this.lastWriteMs = performance.now();
    while (!this.isStopped) {
      try {
        await this.insert([...waiting.values()]);
        break;
      } catch (error) {
        // Its database was closed before the log was: no try will succeed.
        if (this.pool.ending) this.stop();
        this.report('warn', 'positions of consumer groups could not be written; trying again', { reason: (error as Error).message });
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        // Newer positions overtake: what failed must not be written after them.
        for (const [id, position] of this.waiting) waiting.set(id, position);
      }
    }
    this.isWriting = false;
    whenWritten.resolve();
    if (this.whenWritten) this.schedule(Math.max(0, this.lastWriteMs + INTERVAL_MS - performance.now()));
  }

  private async insert(positions: readonly Waiting[]): Promise<void> {
    await this.pool.query({
      name: 'commit-positions',
      text: `INSERT INTO event_log.group_positions AS g (group_name, partition, next, metadata)
        SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bytea[])
        ON CONFLICT (group_name, partition) DO UPDATE SET next = excluded.next, metadata = excluded.metadata`,
      values: [
        textArray(positions.map((one) => one.group)),
        int4Array(positions.map((one) => one.partitionId)),
        bigintArray(positions.map((one) => one.offset)),
        byteaArray(positions.map((one) => Buffer.from(one.metadata))),
      ],
    });
  }
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
