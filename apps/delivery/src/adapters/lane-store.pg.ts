import { bigintArray, byteaArray, int4Array, textArray } from '@hooklane/postgres';
import type { Pool } from 'pg';
import type { LaneRow, LaneRowStore, PartitionLease } from '../ports.js';

// FOR KEY SHARE goes together with our own renewals and not with a taker's FOR UPDATE: a row is written under a lease that still holds, or not at all.
export const OWNED = `owned AS MATERIALIZED (
    SELECT p.partition FROM delivery.progress p JOIN unnest($2::int[], $3::bigint[]) AS l(partition, epoch) ON p.partition = l.partition AND p.epoch = l.epoch
    WHERE p.owner = $1 FOR KEY SHARE OF p)`;

const WRITE = `WITH ${OWNED},
  rows AS MATERIALIZED (SELECT r.* FROM unnest($4::int[], $5::text[], $6::text[], $7::text[], $8::bytea[]) AS r(partition, hook_id, tenant_id, state, unpublished) JOIN owned USING (partition)),
  removed AS (DELETE FROM delivery.lanes l USING rows WHERE rows.state = '' AND l.partition = rows.partition AND l.hook_id = rows.hook_id),
  written AS (
    INSERT INTO delivery.lanes (partition, hook_id, tenant_id, state, unpublished) SELECT partition, hook_id, tenant_id, state, unpublished FROM rows WHERE state <> ''
    ON CONFLICT (partition, hook_id) DO UPDATE SET state = excluded.state, unpublished = excluded.unpublished, updated_at = now())
  SELECT partition FROM owned`;

const READ = `SELECT partition, hook_id AS "hookId", tenant_id AS "tenantId", state, unpublished FROM delivery.lanes WHERE partition = $1 AND ($2::text IS NULL OR hook_id = $2)`;

/** Rows of unhealthy lanes; a healthy one has none. */
export class PgLaneRowStore implements LaneRowStore {
  constructor(private readonly pool: Pool) {}

  async write(owner: string, leases: readonly PartitionLease[], rows: readonly LaneRow[]): Promise<ReadonlySet<number>> {
    const result = await this.pool.query<{ partition: number }>({
      name: 'delivery-lanes-write',
      text: WRITE,
      values: [
        owner,
        ...leaseValues(leases),
        int4Array(rows.map(({ partition }) => partition)),
        textArray(rows.map(({ hookId }) => hookId)),
        textArray(rows.map(({ tenantId }) => tenantId)),
        textArray(rows.map(({ state }) => state)),
        byteaArray(rows.map(({ unpublished }) => unpublished)),
      ],
    });
    return new Set(result.rows.map(({ partition }) => partition));
  }

  async read(partition: number, hookId?: string): Promise<readonly LaneRow[]> {
    const { rows } = await this.pool.query<LaneRow>({ name: 'delivery-lanes-read', text: READ, values: [partition, hookId ?? null] });
    return rows;
  }
}

export function leaseValues(leases: readonly PartitionLease[]): [Buffer, Buffer] {
  return [int4Array(leases.map(({ partition }) => partition)), bigintArray(leases.map(({ epoch }) => epoch))];
}
