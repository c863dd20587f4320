import type { DataSource, EntityManager } from 'typeorm';
import type { Projection } from '../event-store.js';
import { recordedEventOf, type EventRow } from './event-row.js';
import { checkedSchema, lockEvents } from './event-tables.js';

const PAGE = 1_000;

/**
 * Empties the read models and applies every event again, in one transaction: readers see the old rows or the new ones, and appends wait.
 * @returns how many events were applied
 */
export async function rebuildProjections(source: DataSource, schema: string, projections: readonly Projection<EntityManager>[]): Promise<number> {
  return source.transaction(async (manager) => {
    await lockEvents(manager, schema);
    for (const projection of projections) await projection.clear(manager);
    let applied = 0;
    for (let last = 0; ; ) {
      const rows: EventRow[] = await manager.query(`SELECT id, stream_id, version, type, data, meta FROM ${checkedSchema(schema)}.events WHERE id > $1 ORDER BY id LIMIT ${PAGE}`, [last]);
      if (rows.length === 0) return applied;
      const events = rows.map(recordedEventOf);
      for (const projection of projections) await projection.apply(manager, events);
      last = events.at(-1)!.id;
      applied += events.length;
    }
  });
}
