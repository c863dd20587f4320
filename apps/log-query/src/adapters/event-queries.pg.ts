import { EventAccepted } from '@hooklane/contracts/topics';
import type { EventQueries } from '../ports.js';
import { attributePair, type EventFilter } from '../query/filters.js';
import type { Page, PageWish, PlaceKey, StoredEvent } from '../query/stored.js';
import { fetchPage, type Condition } from './page-query.js';
import type { Queries } from './queries.pg.js';

export interface RawEvent {
  accepted_at_ms: string;
  log_offset: string;
  log_partition: number;
  record: Buffer;
  /** In the live log only. */
  seq?: string;
}

export const EVENT_COLUMNS = 'accepted_at_ms, log_offset, log_partition, record';

export class PgEventQueries implements EventQueries {
  constructor(
    private readonly queries: Queries,
    private readonly rowsScanned: number,
  ) {}

  async find(tenantId: string, eventId: string): Promise<StoredEvent | null> {
    // The first of its id: a publisher's retry that met a crash may stand in the log twice.
    const rows = await this.queries.rows<RawEvent>(`SELECT ${EVENT_COLUMNS} FROM log_query.events WHERE tenant_id = $1 AND event_id = $2 ORDER BY accepted_at_ms, log_offset, log_partition LIMIT 1`, [tenantId, eventId]);
    return rows[0] ? storedEvent(rows[0]) : null;
  }

  page(tenantId: string, filter: EventFilter, wish: PageWish): Promise<Page<StoredEvent>> {
    return fetchPage<RawEvent, StoredEvent>(this.queries, this.rowsScanned, {
      table: 'events',
      order: ['accepted_at_ms', 'log_offset', 'log_partition'],
      columns: EVENT_COLUMNS,
      indexed: [{ sql: 'tenant_id = ?', values: [tenantId] }],
      scanned: scannedBy(filter),
      wish,
      rowOf: storedEvent,
      keyOf,
      keep: (event) => isKept(EventAccepted.decode(event.record), filter),
    });
  }

  async decidedAsUnmatched(tenantId: string, eventId: string): Promise<number | null> {
    const rows = await this.queries.rows<{ decided_at_ms: string }>('SELECT decided_at_ms FROM log_query.unmatched WHERE tenant_id = $1 AND event_id = $2 ORDER BY decided_at_ms LIMIT 1', [tenantId, eventId]);
    return rows[0] ? Number(rows[0].decided_at_ms) : null;
  }
}

export function storedEvent(raw: RawEvent): StoredEvent {
  return { key: keyOf(raw), record: raw.record };
}

function keyOf(raw: Omit<RawEvent, 'record'>): PlaceKey {
  return { timeMs: Number(raw.accepted_at_ms), offset: Number(raw.log_offset), partition: raw.log_partition, hookId: '' };
}

/** Attributes and data stand in the record only: its bytes are searched, and what is found is looked at properly (`isKept`). */
function scannedBy(filter: EventFilter): readonly Condition[] {
  const conditions: Condition[] = [];
  if (filter.type !== undefined) conditions.push({ sql: 'type = ?', values: [filter.type] });
  if (filter.project !== undefined) conditions.push({ sql: 'project = ?', values: [filter.project] });
  if (filter.text !== undefined) conditions.push({ sql: 'position(?::bytea in record) > 0', values: [Buffer.from(filter.text)] });
  if (filter.attribute !== undefined) {
    const { key, value } = attributePair(filter.attribute);
    conditions.push({ sql: 'position(?::bytea in record) > 0 AND position(?::bytea in record) > 0', values: [Buffer.from(key), Buffer.from(value)] });
  }
  return conditions;
}

function isKept(event: EventAccepted, filter: EventFilter): boolean {
  if (filter.text !== undefined && !Buffer.from(event.data).includes(filter.text)) return false;
  if (filter.attribute === undefined) return true;
  const { key, value } = attributePair(filter.attribute);
  return Object.hasOwn(event.attributes, key) && event.attributes[key] === value;
}
