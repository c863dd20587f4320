import type pg from 'pg';
import type { Logins, MemberRole } from '../ports.js';
import { reachable } from './read-models.js';

export class PostgresLogins implements Logins {
  constructor(private readonly pool: pg.Pool) {}

  async userNamed(tenantId: string, userName: string): Promise<string | null> {
    const rows = await this.rows<{ id: string }>('registry-user-named', 'SELECT id FROM registry.users WHERE tenant_id = $1 AND user_name = $2', [tenantId, userName.toLowerCase()]);
    return rows[0]?.id ?? null;
  }

  async rolesOf(tenantId: string, userId: string): Promise<ReadonlyMap<string, MemberRole>> {
    const rows = await this.rows<{ project: string; role: MemberRole }>(
      'registry-roles-of',
      `SELECT state -> 'facts' ->> 'project' AS project, state -> 'facts' ->> 'role' AS role FROM registry.memberships WHERE tenant_id = $1 AND state -> 'facts' ->> 'user' = $2 AND status = 'live'`,
      [tenantId, userId],
    );
    return new Map(rows.map(({ project, role }) => [project, role]));
  }

  async recoverableKeys(): Promise<readonly { readonly tenantId: string; readonly keyId: string; readonly sealedKey: string }[]> {
    const rows = await this.rows<{ tenant_id: string; id: string; sealed: string }>(
      'registry-recoverable-keys',
      `SELECT tenant_id, id, state ->> 'sealedKey' AS sealed FROM registry.api_keys WHERE state ? 'sealedKey' AND NOT (state ->> 'revoked')::boolean ORDER BY tenant_id, id`,
      [],
    );
    return rows.map(({ tenant_id: tenantId, id: keyId, sealed: sealedKey }) => ({ tenantId, keyId, sealedKey }));
  }

  private async rows<Row extends pg.QueryResultRow>(name: string, text: string, values: unknown[]): Promise<Row[]> {
    return (await reachable(() => this.pool.query<Row>({ name, text, values }))).rows;
  }
}
