import type { TailQueries } from '../ports.js';
import type { AttemptRecord, StoredEvent } from '../query/stored.js';
import { ATTEMPT_COLUMNS, attemptRecord, type RawAttempt } from './attempt-queries.pg.js';
import type { Queries } from './queries.pg.js';

export class PgTailQueries implements TailQueries {
  constructor(private readonly queries: Queries) {}

  async events(tenantId: string, after: number, upTo: number): Promise<readonly StoredEvent[]> {
    const rows = await this.queries.rows<{ seq: string; accepted_at_ms: string; record: Buffer }>(
      'SELECT seq, accepted_at_ms, record FROM log_query.events WHERE seq > $2 AND seq <= $3 AND tenant_id = $1 ORDER BY seq',
      [tenantId, after, upTo],
    );
    return rows.map((row) => ({ key: { timeMs: Number(row.accepted_at_ms), seq: Number(row.seq) }, record: row.record }));
  }

  async attempts(tenantId: string, after: number, upTo: number): Promise<readonly AttemptRecord[]> {
    // Only decisions need their record, which is small; those of attempts hold the bodies.
    const rows = await this.queries.rows<RawAttempt>(
      `SELECT ${ATTEMPT_COLUMNS}, CASE WHEN attempt_id = '' THEN record END AS record FROM log_query.attempts WHERE seq > $2 AND seq <= $3 AND tenant_id = $1 ORDER BY seq`,
      [tenantId, after, upTo],
    );
    return rows.map(attemptRecord);
  }
}
