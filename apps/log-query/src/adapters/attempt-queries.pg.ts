import type { AttemptQueries } from '../ports.js';
import { statusRange, type AttemptFilter } from '../query/filters.js';
import type { AttemptRecord, Page, PageWish, PlaceKey, StoredAttempt } from '../query/stored.js';
import { codeOf, outcomeClasses, triggers } from '../read-model/codes.js';
import { fetchPage, type Condition } from './page-query.js';
import type { Queries } from './queries.pg.js';

export type RawAttempt = Record<'at_ms' | 'log_offset' | 'request_offset', string> &
  Record<'request_partition' | 'number' | 'status' | 'total_us' | 'trigger' | 'outcome_class' | 'fate', number> &
  Record<'tenant_id' | 'hook_id' | 'event_id' | 'attempt_id' | 'type' | 'project' | 'error_code', string> & { record?: Buffer; seq?: string };

export const ATTEMPT_COLUMNS = 'at_ms, log_offset, request_offset, request_partition, number, status, total_us, trigger, outcome_class, fate, tenant_id, hook_id, event_id, attempt_id, type, project, error_code';

const SUCCESS = codeOf(outcomeClasses, 'success');
/** More entries than this a timeline does not show: 28 h of retries every 15 minutes are about 115. */
const TIMELINE_ROWS = 1_000;

export class PgAttemptQueries implements AttemptQueries {
  constructor(
    private readonly queries: Queries,
    private readonly rowsScanned: number,
  ) {}

  async find(tenantId: string, attemptId: string): Promise<AttemptRecord | null> {
    const rows = await this.queries.rows<RawAttempt>(`SELECT ${ATTEMPT_COLUMNS}, record FROM log_query.attempts WHERE tenant_id = $1 AND attempt_id = $2 ORDER BY at_ms, log_offset LIMIT 1`, [tenantId, attemptId]);
    return rows[0] ? attemptRecord(rows[0]) : null;
  }

  async ofDelivery(tenantId: string, requestPartition: number, requestOffset: number, hookId: string): Promise<readonly AttemptRecord[]> {
    const rows = await this.queries.rows<RawAttempt>(
      `SELECT ${ATTEMPT_COLUMNS}, record FROM log_query.attempts WHERE request_partition = $2 AND request_offset = $3 AND tenant_id = $1 AND hook_id = $4 ORDER BY at_ms, log_offset LIMIT ${TIMELINE_ROWS}`,
      [tenantId, requestPartition, requestOffset, hookId],
    );
    return rows.map(attemptRecord);
  }

  page(tenantId: string, filter: AttemptFilter, event: { readonly acceptedAtMs: number } | null, wish: PageWish): Promise<Page<StoredAttempt>> {
    return fetchPage<RawAttempt, StoredAttempt>(this.queries, this.rowsScanned, {
      table: 'attempts',
      order: ['at_ms', 'log_offset', 'request_partition'],
      columns: ATTEMPT_COLUMNS,
      indexed: indexedBy(tenantId, filter, event),
      scanned: scannedBy(filter),
      wish,
      rowOf: storedAttempt,
      keyOf,
    });
  }
}

function indexedBy(tenantId: string, filter: AttemptFilter, event: { readonly acceptedAtMs: number } | null): readonly Condition[] {
  const conditions: Condition[] = [{ sql: 'tenant_id = ?', values: [tenantId] }];
  if (filter.hook !== undefined) conditions.push({ sql: 'hook_id = ?', values: [filter.hook] });
  // Word for word the condition of the partial index; a class of answers other than success is among these too.
  if (filter.class !== undefined && filter.class !== 'success') conditions.push({ sql: `outcome_class <> ${SUCCESS}`, values: [] });
  if (filter.event !== undefined && event) {
    conditions.push({
      sql: '(request_partition, request_offset) IN (SELECT d.request_partition, d.request_offset FROM log_query.deliveries d WHERE d.tenant_id = ? AND d.accepted_at_ms = ? AND d.event_id = ?)',
      values: [tenantId, event.acceptedAtMs, filter.event],
    });
  }
  return conditions;
}

function scannedBy(filter: AttemptFilter): readonly Condition[] {
  // Decisions stand in the same table; they are no attempts.
  const conditions: Condition[] = [{ sql: `attempt_id <> ''`, values: [] }];
  if (filter.event !== undefined) conditions.push({ sql: 'event_id = ?', values: [filter.event] });
  if (filter.type !== undefined) conditions.push({ sql: 'type = ?', values: [filter.type] });
  if (filter.project !== undefined) conditions.push({ sql: 'project = ?', values: [filter.project] });
  if (filter.class !== undefined) conditions.push({ sql: 'outcome_class = ?', values: [codeOf(outcomeClasses, filter.class)] });
  if (filter.trigger !== undefined) conditions.push({ sql: 'trigger = ?', values: [codeOf(triggers, filter.trigger)] });
  if (filter.status !== undefined) {
    const { from, below } = statusRange(filter.status);
    conditions.push({ sql: 'status >= ? AND status < ?', values: [from, below] });
  }
  return conditions;
}

export function attemptRecord(raw: RawAttempt): AttemptRecord {
  return { attempt: storedAttempt(raw), record: raw.record ?? Buffer.alloc(0) };
}

function keyOf(raw: Pick<RawAttempt, 'at_ms' | 'log_offset' | 'request_partition'>): PlaceKey {
  return { timeMs: Number(raw.at_ms), offset: Number(raw.log_offset), partition: raw.request_partition, hookId: '' };
}

function storedAttempt(raw: RawAttempt): StoredAttempt {
  return {
    key: keyOf(raw),
    tenantId: raw.tenant_id,
    atMs: Number(raw.at_ms),
    logOffset: Number(raw.log_offset),
    hookId: raw.hook_id,
    eventId: raw.event_id,
    type: raw.type,
    project: raw.project,
    requestPartition: raw.request_partition,
    requestOffset: Number(raw.request_offset),
    attemptId: raw.attempt_id,
    number: raw.number,
    trigger: raw.trigger,
    outcomeClass: raw.outcome_class,
    status: raw.status,
    errorCode: raw.error_code,
    totalUs: raw.total_us,
    fate: raw.fate,
  };
}
