import type pg from 'pg';
import type { NumberedKind, Numbers } from '../ports.js';
import { reachable } from './read-models.js';

/** Of the column, a Postgres integer. */
const NUMBER_MAX = 2_147_483_647;

export class PostgresNumbers implements Numbers {
  constructor(private readonly pool: pg.Pool) {}

  async numberOf(tenantId: string, kind: NumberedKind, id: string): Promise<number | null> {
    return (await this.numbersOf(tenantId, kind, [id])).get(id) ?? null;
  }

  async numbersOf(tenantId: string, kind: NumberedKind, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (ids.length === 0) return new Map();
    const { rows } = await reachable(() =>
      this.pool.query<{ id: string; number: number }>({ name: 'registry-numbers', text: 'SELECT id, number FROM registry.numbers WHERE tenant_id = $1 AND kind = $2 AND id = ANY($3)', values: [tenantId, kind, ids] }),
    );
    return new Map(rows.map(({ id, number }) => [id, number]));
  }

  async all(tenantId: string, kind: NumberedKind): Promise<ReadonlyMap<string, number>> {
    const { rows } = await reachable(() =>
      this.pool.query<{ id: string; number: number }>({ name: 'registry-all-numbers', text: 'SELECT id, number FROM registry.numbers WHERE tenant_id = $1 AND kind = $2 ORDER BY number', values: [tenantId, kind] }),
    );
    return new Map(rows.map(({ id, number }) => [id, number]));
  }

  async idOf(tenantId: string, kind: NumberedKind, number: number): Promise<string | null> {
    if (!Number.isInteger(number) || number < 1 || number > NUMBER_MAX) return null;
    const { rows } = await reachable(() =>
      this.pool.query<{ id: string }>({ name: 'registry-number', text: 'SELECT id FROM registry.numbers WHERE tenant_id = $1 AND kind = $2 AND number = $3', values: [tenantId, kind, number] }),
    );
    return rows[0]?.id ?? null;
  }
}
