import type { UndeliveredQueries } from '../ports.js';
import type { UndeliveredFilter } from '../query/filters.js';
import type { Page, PageWish, PlaceKey, StoredDelivery, StoredUnmatched } from '../query/stored.js';
import { codeOf, DELIVERED, fates } from '../read-model/codes.js';
import { deliveryPage } from './delivery-queries.pg.js';
import { fetchPage, type Condition } from './page-query.js';
import type { Queries } from './queries.pg.js';

interface RawUnmatched {
  accepted_at_ms: string;
  event_id: string;
  type: string | null;
  project: string | null;
}

/** A delivery that was followed by another one of the same event to the same hook is in the list by that one, or arrived by it. */
const NOT_SUPERSEDED = `NOT EXISTS (SELECT 1 FROM log_query.deliveries d
  WHERE d.hook_id = looked_at.hook_id AND d.accepted_at_ms = looked_at.accepted_at_ms AND d.event_id = looked_at.event_id AND d.request_offset > looked_at.request_offset)`;

export class PgUndeliveredQueries implements UndeliveredQueries {
  constructor(
    private readonly queries: Queries,
    private readonly rowsScanned: number,
  ) {}

  deliveries(tenantId: string, filter: UndeliveredFilter, wish: PageWish): Promise<Page<StoredDelivery>> {
    const indexed = [{ sql: 'tenant_id = ?', values: [tenantId] }, { sql: `fate <> ${DELIVERED}`, values: [] }];
    return deliveryPage(this.queries, this.rowsScanned, indexed, [...scannedBy(filter), { sql: NOT_SUPERSEDED, values: [] }], wish);
  }

  unmatched(tenantId: string, filter: UndeliveredFilter, wish: PageWish): Promise<Page<StoredUnmatched>> {
    const about = `(SELECT e.COLUMN FROM log_query.events e WHERE e.tenant_id = looked_at.tenant_id AND e.event_id = looked_at.event_id AND e.accepted_at_ms = looked_at.accepted_at_ms LIMIT 1)`;
    const [type, project] = ['type', 'project'].map((column) => about.replace('COLUMN', column)) as [string, string];
    const scanned: Condition[] = [{ sql: 'true', values: [] }];
    if (filter.event !== undefined) scanned.push({ sql: 'event_id = ?', values: [filter.event] });
    if (filter.type !== undefined) scanned.push({ sql: `${type} = ?`, values: [filter.type] });
    if (filter.project !== undefined) scanned.push({ sql: `${project} = ?`, values: [filter.project] });
    return fetchPage<RawUnmatched, StoredUnmatched>(this.queries, this.rowsScanned, {
      table: 'unmatched',
      order: ['accepted_at_ms', 'event_id'],
      columns: `accepted_at_ms, event_id, ${type} AS type, ${project} AS project`,
      indexed: [{ sql: 'tenant_id = ?', values: [tenantId] }],
      scanned,
      wish,
      rowOf: (raw) => ({ key: keyOf(raw), eventId: raw.event_id, type: raw.type ?? '', project: raw.project ?? '' }),
      keyOf,
      placeOf: ({ timeMs, hookId }) => [timeMs, hookId],
    });
  }
}

/** Rows of `unmatched` have no place in the log of their own; the event's id takes that of the hook's. */
function keyOf(raw: RawUnmatched): PlaceKey {
  return { timeMs: Number(raw.accepted_at_ms), offset: 0, partition: 0, hookId: raw.event_id };
}

function scannedBy(filter: UndeliveredFilter): readonly Condition[] {
  const conditions: Condition[] = [];
  if (filter.hook !== undefined) conditions.push({ sql: 'hook_id = ?', values: [filter.hook] });
  if (filter.event !== undefined) conditions.push({ sql: 'event_id = ?', values: [filter.event] });
  if (filter.type !== undefined) conditions.push({ sql: 'type = ?', values: [filter.type] });
  if (filter.project !== undefined) conditions.push({ sql: 'project = ?', values: [filter.project] });
  if (filter.fate !== undefined) conditions.push({ sql: 'fate = ?', values: [codeOf(fates, filter.fate)] });
  if (filter.reason !== undefined) conditions.push({ sql: 'fate_reason = ?', values: [filter.reason] });
  return conditions;
}
