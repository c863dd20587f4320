import type { LogPlace } from '@hooklane/routing';
import type { LoggedAttempts, LoggedWish } from '../ports.js';
import type { AttemptRecord } from '../query/stored.js';
import { ATTEMPT_COLUMNS, attemptRecord, type RawAttempt } from './attempt-queries.pg.js';
import type { Queries } from './queries.pg.js';

const NEWEST_FIRST = 'ORDER BY at_ms DESC, log_offset DESC, request_partition DESC';

export class PgLoggedAttempts implements LoggedAttempts {
  constructor(private readonly queries: Queries) {}

  /** Each hook's own newest by the index of hooks, then the newest of these. */
  async newest(tenantId: string, { hooks, project, after, fromMs, limit }: LoggedWish): Promise<readonly AttemptRecord[]> {
    const values: unknown[] = [tenantId, hooks, fromMs, limit];
    const conditions = [`tenant_id = $1`, `hook_id = wanted.hook`, `at_ms >= $3`, `attempt_id <> ''`];
    if (project !== '') conditions.push(`project = $${values.push(project)}`);
    if (after) {
      const [at, offset, partition] = [values.push(after.timeMs), values.push(after.offset), values.push(after.partition)];
      conditions.push(`at_ms <= $${at}`, `(at_ms, log_offset, request_partition) < ($${at}, $${offset}, $${partition})`);
    }
    const ofOne = `SELECT ${ATTEMPT_COLUMNS}, record FROM log_query.attempts WHERE ${conditions.join(' AND ')} ${NEWEST_FIRST} LIMIT $4`;
    const rows = await this.queries.rows<RawAttempt>(`SELECT a.* FROM unnest($2::text[]) wanted(hook) CROSS JOIN LATERAL (${ofOne}) a ${NEWEST_FIRST} LIMIT $4`, values);
    return rows.map(attemptRecord);
  }

  /** By the summaries of `log_offset + 0` alone: with the tenant in the question Postgres would read all of the tenant's rows in the index by time. A row of before the log's places may bear the same number; the newer one counts. */
  async at(tenantId: string, { partition, offset }: LogPlace): Promise<AttemptRecord | null> {
    const rows = await this.queries.rows<RawAttempt>(`SELECT ${ATTEMPT_COLUMNS}, record FROM log_query.attempts WHERE log_offset + 0 = $1 AND request_partition = $2 AND attempt_id <> '' ORDER BY at_ms DESC`, [offset, partition]);
    const [found] = rows.filter((row) => row.tenant_id === tenantId);
    return found ? attemptRecord(found) : null;
  }

  async counts(tenantId: string, hooks: readonly string[], fromMs: number, atMost: number): Promise<ReadonlyMap<string, number>> {
    const ofOne = `SELECT 1 FROM log_query.attempts WHERE tenant_id = $1 AND hook_id = wanted.hook AND at_ms >= $3 AND attempt_id <> '' LIMIT $4`;
    const rows = await this.queries.rows<{ hook: string; count: number }>(`SELECT hook, (SELECT count(*)::int FROM (${ofOne}) a) AS count FROM unnest($2::text[]) wanted(hook)`, [tenantId, hooks, fromMs, atMost]);
    return new Map(rows.filter(({ count }) => count > 0).map(({ hook, count }) => [hook, count]));
  }
}
