import { EventAccepted } from '@hooklane/contracts/topics';
import type { EventQueries } from '../ports.js';
import { attributePair, type EventFilter } from '../query/filters.js';
import type { Page, PageWish, StoredEvent } from '../query/stored.js';
import { fetchPage, type Condition } from './page-query.js';
import type { Queries } from './queries.pg.js';

interface Raw {
  accepted_at_ms: string;
  seq: string;
  record: Buffer;
}

const COLUMNS = 'accepted_at_ms, seq, record';

export class PgEventQueries implements EventQueries {
  constructor(
    private readonly queries: Queries,
    private readonly rowsScanned: number,
  ) {}

  async find(tenantId: string, eventId: string): Promise<StoredEvent | null> {
    // The first of its id: a publisher's retry that met a crash may stand in the log twice.
    const rows = await this.queries.rows<Raw>(`SELECT ${COLUMNS} FROM log_query.events WHERE tenant_id = $1 AND event_id = $2 ORDER BY seq LIMIT 1`, [tenantId, eventId]);
    return rows[0] ? storedEvent(rows[0]) : null;
  }

  page(tenantId: string, filter: EventFilter, wish: PageWish): Promise<Page<StoredEvent>> {
    return fetchPage<Raw, StoredEvent>(this.queries, this.rowsScanned, {
      table: 'events',
      timeColumn: 'accepted_at_ms',
      columns: COLUMNS,
      indexed: [{ sql: 'tenant_id = ?', values: [tenantId] }],
      scanned: scannedBy(filter),
      wish,
      rowOf: storedEvent,
      keep: (event) => isKept(EventAccepted.decode(event.record), filter),
    });
  }

  async decidedAsUnmatched(tenantId: string, eventId: string): Promise<number | null> {
    const rows = await this.queries.rows<{ decided_at_ms: string }>('SELECT decided_at_ms FROM log_query.unmatched WHERE tenant_id = $1 AND event_id = $2 ORDER BY seq LIMIT 1', [tenantId, eventId]);
    return rows[0] ? Number(rows[0].decided_at_ms) : null;
  }
}

function storedEvent(raw: Raw): StoredEvent {
  return { key: { timeMs: Number(raw.accepted_at_ms), seq: Number(raw.seq) }, record: raw.record };
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
