import type pg from 'pg';
import { DAY_MS, type PgDayPartitions } from './day-partitions.pg.js';

const ROWS_PER_DELETE = 5_000;
// Tables kept by the time of the event, and those kept by the time of the attempt or the call.
const TIMES: Readonly<Record<string, string>> = { events: 'accepted_at_ms', deliveries: 'accepted_at_ms', unmatched: 'accepted_at_ms', attempts: 'at_ms', inbound_calls: 'at_ms' };

export interface RetentionRun {
  readonly droppedPartitions: number;
  readonly deletedRows: number;
}

/**
 * Drops the days that no tenant wants any more, and removes older rows of tenants that want less.
 * Answers do not wait for this: what is older than its tenant's retention is not shown from the moment on.
 */
export async function applyRetention(pool: pg.Pool, days: PgDayPartitions, nowMs: number, defaultDays: number): Promise<RetentionRun> {
  const { rows: tenants } = await pool.query<{ tenant_id: string; retention_days: number }>('SELECT tenant_id, retention_days FROM log_query.tenants WHERE retention_days > 0 AND NOT deleted');
  const longest = Math.max(defaultDays, ...tenants.map((tenant) => tenant.retention_days));
  const droppedPartitions = await days.dropBefore(nowMs - longest * DAY_MS);
  let deletedRows = 0;
  for (const { tenant_id: tenantId, retention_days: kept } of [...tenants, ...(await withDefault(pool, defaultDays, longest))]) {
    if (kept < longest) deletedRows += await removeOlder(pool, tenantId, nowMs - kept * DAY_MS);
  }
  return { droppedPartitions, deletedRows };
}

/** Tenants that keep the default, when somebody else's longer retention keeps the partitions. */
async function withDefault(pool: pg.Pool, defaultDays: number, longest: number): Promise<{ tenant_id: string; retention_days: number }[]> {
  if (longest === defaultDays) return [];
  const { rows } = await pool.query<{ tenant_id: string; retention_days: number }>('SELECT tenant_id, $1::int AS retention_days FROM log_query.tenants WHERE retention_days = 0 AND NOT deleted', [defaultDays]);
  return rows;
}

async function removeOlder(pool: pg.Pool, tenantId: string, keptFromMs: number): Promise<number> {
  let removed = 0;
  for (const [table, time] of Object.entries(TIMES)) {
    for (;;) {
      // Small steps: a delete of millions would hold back vacuum and fill the write-ahead log at once.
      const { rowCount } = await pool.query(
        `DELETE FROM log_query.${table} WHERE (tableoid, ctid) IN (SELECT tableoid, ctid FROM log_query.${table} WHERE tenant_id = $1 AND ${time} < $2 LIMIT ${ROWS_PER_DELETE})`,
        [tenantId, keptFromMs],
      );
      removed += rowCount ?? 0;
      if ((rowCount ?? 0) < ROWS_PER_DELETE) break;
    }
  }
  return removed;
}
