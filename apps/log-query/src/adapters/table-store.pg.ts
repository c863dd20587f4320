import { bigintArray, booleanArray, byteaArray, int4Array, textArray } from '@hooklane/postgres';
import type pg from 'pg';
import type { HookVersionRow, IncidentRow, TableStore, TenantRow } from '../ports.js';

/** What log-query keeps of the compacted topics. Each write moves the topic's position along; rows of records read again change nothing. */
export class PgTableStore implements TableStore {
  constructor(private readonly pool: pg.Pool) {}

  async position(topic: string): Promise<number> {
    await this.pool.query(`INSERT INTO log_query.positions (topic, partition, next_offset, marks) VALUES ($1, 0, 0, '') ON CONFLICT DO NOTHING`, [topic]);
    const { rows } = await this.pool.query<{ next_offset: string }>('SELECT next_offset FROM log_query.positions WHERE topic = $1 AND partition = 0', [topic]);
    return Number(rows[0]?.next_offset ?? 0);
  }

  async saveHookVersions(next: number, rows: readonly HookVersionRow[]): Promise<void> {
    const statement = `INSERT INTO log_query.hook_versions (hook_id, version, tenant_id, at_ms, record)
      SELECT * FROM unnest($3::text[], $4::bigint[], $5::text[], $6::bigint[], $7::bytea[]) ON CONFLICT DO NOTHING`;
    await this.save('hooks.changed', next, statement, [
      textArray(rows.map((row) => row.hookId)),
      bigintArray(rows.map((row) => row.version)),
      textArray(rows.map((row) => row.tenantId)),
      bigintArray(rows.map((row) => row.atMs)),
      byteaArray(rows.map((row) => row.record)),
    ]);
  }

  async saveTenants(next: number, rows: readonly TenantRow[]): Promise<void> {
    const statement = `INSERT INTO log_query.tenants AS t (tenant_id, version, retention_days, deleted)
      SELECT * FROM unnest($3::text[], $4::bigint[], $5::int[], $6::boolean[])
      ON CONFLICT (tenant_id) DO UPDATE SET version = excluded.version, retention_days = excluded.retention_days, deleted = excluded.deleted WHERE excluded.version > t.version`;
    const newest = newestOf(rows, (row) => row.tenantId);
    await this.save('catalog.changed', next, statement, [
      textArray(newest.map((row) => row.tenantId)),
      bigintArray(newest.map((row) => row.version)),
      int4Array(newest.map((row) => row.retentionDays)),
      booleanArray(newest.map((row) => row.deleted)),
    ]);
  }

  async saveIncidents(next: number, rows: readonly IncidentRow[]): Promise<void> {
    // An answered incident that is raised again (a consumer that meets the same record after a crash) stays answered.
    const statement = `INSERT INTO log_query.incidents AS i (incident_id, place, log_offset, tenant_id, raised_at_ms, state, record)
      SELECT incident_id, log_offset, log_offset, tenant_id, raised_at_ms, state, record
      FROM unnest($3::text[], $4::bigint[], $5::text[], $6::bigint[], $7::text[], $8::bytea[]) u(incident_id, log_offset, tenant_id, raised_at_ms, state, record)
      ON CONFLICT (incident_id) DO UPDATE SET log_offset = excluded.log_offset, state = excluded.state, record = excluded.record
      WHERE excluded.log_offset > i.log_offset AND (i.state = 'open' OR excluded.state <> 'open')`;
    const newest = newestOf(rows, (row) => row.incidentId);
    await this.save('incidents.changed', next, statement, [
      textArray(newest.map((row) => row.incidentId)),
      bigintArray(newest.map((row) => row.offset)),
      textArray(newest.map((row) => row.tenantId)),
      bigintArray(newest.map((row) => row.raisedAtMs)),
      textArray(newest.map((row) => row.state)),
      byteaArray(newest.map((row) => row.record)),
    ]);
  }

  private async save(topic: string, next: number, statement: string, arrays: readonly Buffer[]): Promise<void> {
    const text = `WITH moved AS (UPDATE log_query.positions SET next_offset = GREATEST(next_offset, $2::bigint) WHERE topic = $1 AND partition = 0) ${statement}`;
    await this.pool.query({ name: `lq-save-${topic}`, text, values: [topic, next, ...arrays] });
  }
}

/** A statement may touch a row once. Records come in log order, so the last one of a key is the newest. */
function newestOf<Row>(rows: readonly Row[], keyOf: (row: Row) => string): readonly Row[] {
  return [...new Map(rows.map((row) => [keyOf(row), row])).values()];
}
