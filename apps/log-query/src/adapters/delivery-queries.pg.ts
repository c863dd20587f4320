import type { DeliveryQueries } from '../ports.js';
import { statusRange, type DeliveryFilter } from '../query/filters.js';
import type { Page, PageWish, PlaceKey, StoredDelivery } from '../query/stored.js';
import { codeOf, DELIVERED, fates, PENDING, triggers } from '../read-model/codes.js';
import { deliveryIdOf } from '../read-model/delivery-row.js';
import { fetchPage, type Condition } from './page-query.js';
import type { Queries } from './queries.pg.js';

type Raw = Record<'accepted_at_ms' | 'request_offset' | 'requested_at_ms' | 'outcome_at_ms' | 'next_attempt_at_ms' | 'hook_version' | 'owner_epoch' | 'owner_sequence', string> &
  Record<'request_partition' | 'attempts' | 'status' | 'trigger' | 'fate', number> &
  Record<'tenant_id' | 'hook_id' | 'event_id' | 'type' | 'project' | 'replay_id' | 'fate_reason' | 'error_code', string>;

const COLUMNS = `accepted_at_ms, request_offset, requested_at_ms, outcome_at_ms, next_attempt_at_ms, hook_version, owner_epoch, owner_sequence,
  request_partition, attempts, status, trigger, fate, tenant_id, hook_id, event_id, type, project, replay_id, fate_reason, error_code`;

export class PgDeliveryQueries implements DeliveryQueries {
  constructor(
    private readonly queries: Queries,
    private readonly rowsScanned: number,
  ) {}

  /** A pending one has an index of its own; any other has an outcome, which says under which day the delivery is kept. */
  async find(tenantId: string, requestPartition: number, requestOffset: number, hookId: string): Promise<StoredDelivery | null> {
    const pending = await this.queries.rows<Raw>(
      `SELECT ${COLUMNS} FROM log_query.deliveries WHERE request_partition = $1 AND request_offset = $2 AND hook_id = $3 AND tenant_id = $4 AND fate = ${PENDING} LIMIT 1`,
      [requestPartition, requestOffset, hookId, tenantId],
    );
    if (pending[0]) return storedDelivery(pending[0]);
    const settled = await this.queries.rows<Raw>(
      `SELECT ${COLUMNS} FROM log_query.deliveries WHERE hook_id = $3 AND tenant_id = $4 AND request_offset = $2 AND request_partition = $1 AND accepted_at_ms IN
        (SELECT e.accepted_at_ms FROM log_query.attempts a JOIN log_query.events e ON e.tenant_id = a.tenant_id AND e.event_id = a.event_id
         WHERE a.request_partition = $1 AND a.request_offset = $2 AND a.hook_id = $3 AND a.tenant_id = $4) LIMIT 1`,
      [requestPartition, requestOffset, hookId, tenantId],
    );
    return settled[0] ? storedDelivery(settled[0]) : null;
  }

  /** Deliveries are kept under the acceptance time of their event, which leads to them without an index by event. */
  async ofEvent(tenantId: string, eventId: string, acceptedAtMs: number, limit: number): Promise<readonly StoredDelivery[]> {
    const rows = await this.queries.rows<Raw>(
      `SELECT ${COLUMNS} FROM log_query.deliveries WHERE tenant_id = $1 AND accepted_at_ms = $2 AND event_id = $3 ORDER BY request_partition, request_offset, hook_id LIMIT $4`,
      [tenantId, acceptedAtMs, eventId, limit],
    );
    return rows.map(storedDelivery);
  }

  async ofEventAndHook(tenantId: string, eventId: string, acceptedAtMs: number, hookId: string): Promise<readonly StoredDelivery[]> {
    const rows = await this.queries.rows<Raw>(`SELECT ${COLUMNS} FROM log_query.deliveries WHERE hook_id = $4 AND accepted_at_ms = $2 AND tenant_id = $1 AND event_id = $3 ORDER BY request_offset`, [
      tenantId,
      acceptedAtMs,
      eventId,
      hookId,
    ]);
    return rows.map(storedDelivery);
  }

  page(tenantId: string, filter: DeliveryFilter, wish: PageWish): Promise<Page<StoredDelivery>> {
    return deliveryPage(this.queries, this.rowsScanned, indexedBy(tenantId, filter), scannedBy(filter), wish);
  }

  async droppedUpTo(requestPartition: number): Promise<number> {
    const rows = await this.queries.rows<{ request_offset: string }>('SELECT request_offset FROM log_query.dropped_requests WHERE request_partition = $1', [requestPartition]);
    return rows[0] ? Number(rows[0].request_offset) : -1;
  }
}

export function deliveryPage(queries: Queries, rowsScanned: number, indexed: readonly Condition[], scanned: readonly Condition[], wish: PageWish): Promise<Page<StoredDelivery>> {
  return fetchPage<Raw, StoredDelivery>(queries, rowsScanned, {
    table: 'deliveries',
    order: ['accepted_at_ms', 'request_offset', 'request_partition', 'hook_id'],
    columns: COLUMNS,
    indexed,
    scanned,
    wish,
    rowOf: storedDelivery,
    keyOf,
  });
}

function indexedBy(tenantId: string, filter: DeliveryFilter): readonly Condition[] {
  const conditions: Condition[] = [{ sql: 'tenant_id = ?', values: [tenantId] }];
  if (filter.hook !== undefined) conditions.push({ sql: 'hook_id = ?', values: [filter.hook] });
  // Word for word the condition of the partial index.
  if (filter.fate !== undefined && filter.fate !== 'delivered') conditions.push({ sql: `fate <> ${DELIVERED}`, values: [] });
  return conditions;
}

function scannedBy(filter: DeliveryFilter): readonly Condition[] {
  const conditions: Condition[] = [];
  if (filter.event !== undefined) conditions.push({ sql: 'event_id = ?', values: [filter.event] });
  if (filter.type !== undefined) conditions.push({ sql: 'type = ?', values: [filter.type] });
  if (filter.project !== undefined) conditions.push({ sql: 'project = ?', values: [filter.project] });
  if (filter.fate !== undefined) conditions.push({ sql: 'fate = ?', values: [codeOf(fates, filter.fate)] });
  if (filter.trigger !== undefined) conditions.push({ sql: 'trigger = ?', values: [codeOf(triggers, filter.trigger)] });
  if (filter.status !== undefined) {
    const { from, below } = statusRange(filter.status);
    conditions.push({ sql: 'status >= ? AND status < ?', values: [from, below] });
  }
  return conditions;
}

function keyOf(raw: Pick<Raw, 'accepted_at_ms' | 'request_offset' | 'request_partition' | 'hook_id'>): PlaceKey {
  return { timeMs: Number(raw.accepted_at_ms), offset: Number(raw.request_offset), partition: raw.request_partition, hookId: raw.hook_id };
}

function storedDelivery(raw: Raw): StoredDelivery {
  return {
    key: keyOf(raw),
    id: deliveryIdOf(raw.request_partition, Number(raw.request_offset), raw.hook_id),
    tenantId: raw.tenant_id,
    acceptedAtMs: Number(raw.accepted_at_ms),
    requestPartition: raw.request_partition,
    requestOffset: Number(raw.request_offset),
    hookId: raw.hook_id,
    hookVersion: Number(raw.hook_version),
    eventId: raw.event_id,
    type: raw.type,
    project: raw.project,
    trigger: raw.trigger,
    replayId: raw.replay_id,
    requestedAtMs: Number(raw.requested_at_ms),
    fate: raw.fate,
    fateReason: raw.fate_reason,
    attempts: raw.attempts,
    status: raw.status,
    errorCode: raw.error_code,
    outcomeAtMs: Number(raw.outcome_at_ms),
    nextAttemptAtMs: Number(raw.next_attempt_at_ms),
    ownerEpoch: Number(raw.owner_epoch),
    ownerSequence: Number(raw.owner_sequence),
  };
}
