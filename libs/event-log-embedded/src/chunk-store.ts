import type pg from 'pg';
import type { LogRecord } from '@hooklane/event-log';
import { bigintArray, int4Array } from '@hooklane/postgres';
import type { PartitionLog } from './partition-log.js';
import { readChunk, valueInChunk, type Reference, type StoredRecord } from './record-codec.js';
import type { Segments } from './segments.js';
import type { Topics } from './topics.js';

interface Row {
  readonly base: string;
  readonly timestamp_ms: string;
  readonly data: Buffer;
}

/** About 1 MiB of full chunks; a row may be much larger, so a reader begins with few. */
const MOST_ROWS = 256;
const FIRST_ROWS = 32;
const READ_BYTES = 1_048_576;

/** Reads records that are no longer in memory. */
export class ChunkStore {
  /** Mean bytes of a row as last seen in a partition, to ask for about `READ_BYTES`. */
  private readonly rowBytes = new Map<number, number>();

  constructor(
    private readonly pool: pg.Pool,
    private readonly segments: Segments,
    private readonly topics: Topics,
  ) {}

  /**
   * Some records from `from` (below `partition.next`) on, in order. On streams the first one is the record at `from` and there are no holes,
   * unless records are missing; then what follows is cut off, so an empty answer means that the record at `from` is lost.
   */
  async read(partition: PartitionLog, from: number): Promise<LogRecord[]> {
    const next = partition.next;
    const { table, end } = partition.compacted ? { table: 'event_log.table_records', end: Number.MAX_SAFE_INTEGER } : this.segments.holding(partition.id, from);
    const limit = this.rowsToAsk(partition.id);
    const { rows } = await this.pool.query<Row>({
      name: `read-${table}`,
      text: `SELECT base, timestamp_ms, data FROM ${table}
        WHERE partition = $1 AND base >= COALESCE((SELECT max(base) FROM ${table} WHERE partition = $1 AND base <= $2), $2) AND base < $3
        ORDER BY base LIMIT $4`,
      values: [partition.id, from, Math.min(next, end), limit],
    });
    const stored: StoredRecord[] = [];
    let bytes = 0;
    for (const { base, timestamp_ms, data } of rows) {
      bytes += data.length;
      for (const one of readChunk(partition.topic, partition.partition, Number(base), Number(timestamp_ms), data, from)) if (one.record.offset < next) stored.push(one);
    }
    if (rows.length > 0) this.rowBytes.set(partition.id, bytes / rows.length);
    const whole = partition.compacted ? stored : withoutHoles(stored, from);
    return this.resolve(whole);
  }

  private rowsToAsk(partitionId: number): number {
    const bytes = this.rowBytes.get(partitionId);
    return bytes === undefined ? FIRST_ROWS : Math.min(MOST_ROWS, Math.max(4, Math.floor(READ_BYTES / Math.max(bytes, 1))));
  }

  /** Puts the attached values in, from memory or in one query a segment. Cuts off before the first that is lost. */
  private async resolve(stored: readonly StoredRecord[]): Promise<LogRecord[]> {
    const wanted = new Map<string, { readonly reference: Reference; value: Buffer | null }>();
    for (const { record, reference } of stored) {
      if (!reference) continue;
      record.attachment = this.inMemory(reference);
      if (!record.attachment) wanted.set(idOf(reference), { reference, value: null });
    }
    if (wanted.size === 0) return stored.map(({ record }) => record);
    await this.fetch([...wanted.values()]);
    const whole: LogRecord[] = [];
    for (const { record, reference } of stored) {
      if (reference && !record.attachment) record.attachment = wanted.get(idOf(reference))?.value ?? null;
      if (reference && !record.attachment) break;
      whole.push(record);
    }
    return whole;
  }

  private inMemory({ partitionId, offset }: Reference): Buffer | null {
    const source = this.topics.withId(partitionId);
    if (!source || offset < source.tailStart) return null;
    return source.fromTail(offset)?.value ?? null;
  }

  private async fetch(wanted: readonly { readonly reference: Reference; value: Buffer | null }[]): Promise<void> {
    const byTable = new Map<string, { readonly reference: Reference; value: Buffer | null }[]>();
    for (const one of wanted) {
      const { table } = this.segments.holding(one.reference.partitionId, one.reference.offset);
      const same = byTable.get(table);
      if (same) same.push(one);
      else byTable.set(table, [one]);
    }
    for (const [table, ones] of byTable) {
      const chunks = await this.chunksOf(table, ones.map((one) => one.reference));
      for (const one of ones) {
        const chunk = chunks.find(one.reference);
        if (chunk) one.value = valueInChunk(chunk.base, chunk.data, one.reference.offset);
      }
    }
  }

  private async chunksOf(table: string, references: readonly Reference[]): Promise<ChunkIndex> {
    const { rows } = await this.pool.query<Row & { partition: number }>({
      name: `attached-${table}`,
      text: `SELECT c.partition, c.base, c.data FROM (
          SELECT DISTINCT u.p, (SELECT max(base) FROM ${table} WHERE partition = u.p AND base <= u.o) AS base FROM unnest($1::int[], $2::bigint[]) u(p, o)
        ) d JOIN ${table} c ON c.partition = d.p AND c.base = d.base ORDER BY c.partition, c.base`,
      values: [int4Array(references.map((one) => one.partitionId)), bigintArray(references.map((one) => one.offset))],
    });
    return new ChunkIndex(rows.map(({ partition, base, data }) => ({ partition, base: Number(base), data })));
  }
}

class ChunkIndex {
  private readonly byPartition = new Map<number, { readonly base: number; readonly data: Buffer }[]>();

  constructor(sorted: readonly { readonly partition: number; readonly base: number; readonly data: Buffer }[]) {
    for (const chunk of sorted) {
      const same = this.byPartition.get(chunk.partition);
      if (same) same.push(chunk);
      else this.byPartition.set(chunk.partition, [chunk]);
    }
  }

  /** The last chunk that begins at or before the offset. */
  find({ partitionId, offset }: Reference): { readonly base: number; readonly data: Buffer } | undefined {
    const chunks = this.byPartition.get(partitionId) ?? [];
    let low = 0;
    let high = chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((chunks[middle]?.base ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return chunks[low - 1];
  }
}

function withoutHoles(stored: readonly StoredRecord[], from: number): readonly StoredRecord[] {
  const hole = stored.findIndex(({ record }, index) => record.offset !== from + index);
  return hole < 0 ? stored : stored.slice(0, hole);
}

function idOf({ partitionId, offset }: Reference): string {
  return `${partitionId}/${offset}`;
}
