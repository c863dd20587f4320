import type pg from 'pg';
import { countRecords } from './record-codec.js';
import type { Segments } from './segments.js';
import type { Topics } from './topics.js';

/**
 * Where each partition goes on: behind its last record in the current segment, or where that segment began when it has none there.
 * So offsets never start again, whatever retention has dropped, and no statement of the hot path has to keep a counter (docs/adr/0001).
 * The newest record of a table is never compacted away.
 */
export async function loadEnds(client: pg.ClientBase, topics: Topics, segments: Segments): Promise<void> {
  const { current } = segments;
  for (const partition of topics.all) partition.next = partition.compacted ? 0 : (current.starts.get(partition.id) ?? 0);
  const last = (table: string): string => `
    SELECT l.partition, l.base, l.data FROM event_log.partitions p
    CROSS JOIN LATERAL (SELECT partition, base, data FROM ${table} WHERE partition = p.id ORDER BY base DESC LIMIT 1) l`;
  const { rows } = await client.query<{ partition: number; base: string; data: Buffer }>(`${last(segments.currentTable)} UNION ALL ${last('event_log.table_records')}`);
  for (const { partition, base, data } of rows) {
    const log = topics.withId(partition);
    if (log) log.next = Number(base) + countRecords(data);
  }
}
