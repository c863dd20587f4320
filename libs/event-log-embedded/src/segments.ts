import type pg from 'pg';
import type { Topics } from './topics.js';

/** A stretch of time whose stream records stand in one Postgres table, so that retention is a DROP TABLE. */
interface Segment {
  readonly id: number;
  readonly openedAtMs: number;
  closedAtMs: number | null;
  /** First offset of each partition id in this segment; a partition that is not named is younger than it. */
  readonly starts: ReadonlyMap<number, number>;
}

/** The segments as the writer knows them; the last one is being written. */
export class Segments {
  private segments: Segment[] = [];

  constructor(private readonly topics: Topics) {}

  get isEmpty(): boolean {
    return this.segments.length === 0;
  }

  get current(): Segment {
    const current = this.segments[this.segments.length - 1];
    if (!current) throw new Error('the segments are not loaded yet');
    return current;
  }

  get currentTable(): string {
    return tableOf(this.current.id);
  }

  async load(client: pg.ClientBase): Promise<void> {
    const segments = await client.query<{ id: number; opened: string; closed: string | null }>('SELECT id, opened_at_ms AS opened, closed_at_ms AS closed FROM event_log.segments ORDER BY id');
    const starts = await client.query<{ segment: number; partition: number; start: string }>('SELECT segment, partition, start FROM event_log.segment_starts');
    const bySegment = new Map<number, Map<number, number>>(segments.rows.map(({ id }) => [id, new Map()]));
    for (const { segment, partition, start } of starts.rows) bySegment.get(segment)?.set(partition, Number(start));
    this.segments = segments.rows.map(({ id, opened, closed }) => ({ id, openedAtMs: Number(opened), closedAtMs: closed === null ? null : Number(closed), starts: bySegment.get(id) ?? new Map() }));
    this.markReferable();
  }

  /** The segment that holds `offset` of a partition, and where the partition goes on in the next one. */
  holding(partitionId: number, offset: number): { readonly table: string; readonly end: number } {
    let end = Number.MAX_SAFE_INTEGER;
    for (let index = this.segments.length - 1; index > 0; index -= 1) {
      const segment = this.segments[index] as Segment;
      const start = segment.starts.get(partitionId) ?? 0;
      if (start <= offset) return { table: tableOf(segment.id), end };
      end = start;
    }
    return { table: tableOf((this.segments[0] as Segment).id), end };
  }

  /** Closes the current segment and opens the next. One transaction; only while no batch is under way, so that every partition's end is known. */
  async roll(client: pg.ClientBase, nowMs: number): Promise<void> {
    const next = (this.segments[this.segments.length - 1]?.id ?? 0) + 1;
    // Several statements sent at once are one transaction.
    await client.query(`
      ${createTable(next)};
      UPDATE event_log.segments SET closed_at_ms = ${nowMs} WHERE closed_at_ms IS NULL;
      INSERT INTO event_log.segments (id, opened_at_ms) VALUES (${next}, ${nowMs});
      ${this.startsOf(next)}`);
    await this.load(client);
  }

  private startsOf(segment: number): string {
    const rows = this.topics.all.filter((partition) => !partition.compacted).map((partition) => `(${segment}, ${partition.id}, ${partition.next})`);
    return rows.length === 0 ? '' : `INSERT INTO event_log.segment_starts (segment, partition, start) VALUES ${rows.join(', ')};`;
  }

  /** Whether anything was written since the current segment began. */
  hasRecords(): boolean {
    return this.topics.all.some((partition) => !partition.compacted && partition.next > (this.current.starts.get(partition.id) ?? 0));
  }

  /** The first segment that is still kept when those closed at or before `closedBeforeMs` are over. */
  firstKept(closedBeforeMs: number): Segment {
    return this.segments.find((segment) => segment.closedAtMs === null || segment.closedAtMs > closedBeforeMs) ?? this.current;
  }

  /**
   * Drops what is over, but for the newest of it: records of the first kept segment may refer to that one.
   * (A reference goes back at most one segment, `markReferable`.)
   */
  async dropBefore(client: pg.ClientBase | pg.Pool, kept: Segment): Promise<number> {
    const over = this.segments.slice(0, Math.max(0, this.segments.indexOf(kept) - 1));
    for (const segment of over) {
      await client.query(`DROP TABLE IF EXISTS ${tableOf(segment.id)}; DELETE FROM event_log.segments WHERE id = ${segment.id}`);
      this.segments = this.segments.filter((one) => one !== segment);
    }
    return over.length;
  }

  private markReferable(): void {
    const previous = this.segments[this.segments.length - 2] ?? this.segments[this.segments.length - 1];
    for (const partition of this.topics.all) partition.referableFrom = previous?.starts.get(partition.id) ?? 0;
  }
}

function tableOf(segment: number): string {
  return `event_log.records_${segment}`;
}

/**
 * Rows are only ever inserted and go with their table: vacuum has nothing to do here.
 * Values up to a page stay in the row (`toast_tuple_target`): moving 4 KB out would cost two rows and two index entries more.
 */
function createTable(segment: number): string {
  return `
    CREATE TABLE IF NOT EXISTS ${tableOf(segment)} (
      partition int NOT NULL,
      base bigint NOT NULL,
      timestamp_ms bigint NOT NULL,
      data bytea NOT NULL,
      PRIMARY KEY (partition, base)
    ) WITH (toast_tuple_target = 8160, autovacuum_enabled = false, toast.autovacuum_enabled = false);
    ALTER TABLE ${tableOf(segment)} ALTER COLUMN data SET STORAGE EXTERNAL`;
}
