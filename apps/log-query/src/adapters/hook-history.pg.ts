import type { HookHistory } from '../ports.js';
import type { Queries } from './queries.pg.js';

const VERSIONS_LOOKED_AT = 20;

export class PgHookHistory implements HookHistory {
  constructor(private readonly queries: Queries) {}

  async versions(tenantId: string, hookId: string, upToMs: number): Promise<readonly { readonly atMs: number; readonly record: Buffer }[]> {
    const rows = await this.queries.rows<{ at_ms: string; record: Buffer }>(
      `SELECT at_ms, record FROM log_query.hook_versions WHERE hook_id = $1 AND tenant_id = $2 AND at_ms <= $3 ORDER BY version DESC LIMIT ${VERSIONS_LOOKED_AT}`,
      [hookId, tenantId, upToMs],
    );
    return rows.map((row) => ({ atMs: Number(row.at_ms), record: row.record }));
  }

  async exists(tenantId: string, hookId: string): Promise<boolean> {
    return (await this.queries.rows('SELECT 1 FROM log_query.hook_versions WHERE hook_id = $1 AND tenant_id = $2 LIMIT 1', [hookId, tenantId])).length > 0;
  }
}
