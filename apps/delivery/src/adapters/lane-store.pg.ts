import { bigintArray, byteaArray, int4Array, textArray } from '@hooklane/postgres';
import type { Pool } from 'pg';
import type { HeadRow, LaneRow, LaneRowStore, PartitionLease } from '../ports.js';

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

/** With what is known of single deliveries: as rare as orders by key that fail. */
const WRITE_WITH_HEADS = WRITE.replace(
  'SELECT partition FROM owned',
  `, heads AS MATERIALIZED (SELECT h.* FROM unnest($9::int[], $10::text[], $11::text[], $12::bigint[], $13::text[]) AS h(partition, hook_id, tenant_id, "offset", state) JOIN owned USING (partition)),
  heads_removed AS (DELETE FROM delivery.lane_heads l USING heads WHERE heads.state = '' AND l.partition = heads.partition AND l.hook_id = heads.hook_id AND l."offset" = heads."offset"),
  heads_written AS (
    INSERT INTO delivery.lane_heads (partition, hook_id, tenant_id, "offset", state) SELECT partition, hook_id, tenant_id, "offset", state FROM heads WHERE state <> ''
    ON CONFLICT (partition, hook_id, "offset") DO UPDATE SET state = excluded.state)
  SELECT partition FROM owned`,
);

const HEADS = `SELECT h.hook_id AS "hookId", h.tenant_id AS "tenantId", h."offset"::float8 AS "offset", h.state,
    EXISTS (SELECT 1 FROM delivery.parked p WHERE p.partition = h.partition AND p."offset" = h."offset" AND p.hook_id = h.hook_id) AS "isParked"
  FROM delivery.lane_heads h WHERE h.partition = $1 AND ($2::text IS NULL OR h.hook_id = $2) ORDER BY h."offset"`;

const READ = `SELECT partition, hook_id AS "hookId", tenant_id AS "tenantId", state, unpublished FROM delivery.lanes WHERE partition = $1 AND ($2::text IS NULL OR hook_id = $2)`;

/** Rows of unhealthy lanes; a healthy one has none. */
export class PgLaneRowStore implements LaneRowStore {
  constructor(private readonly pool: Pool) {}

  async write(owner: string, leases: readonly PartitionLease[], rows: readonly LaneRow[]): Promise<ReadonlySet<number>> {
    const heads = rows.flatMap((row) => [...(row.heads ?? [])].map(([offset, state]) => ({ row, offset, state })));
    const headValues =
      heads.length === 0
        ? []
        : [
            int4Array(heads.map(({ row }) => row.partition)),
            textArray(heads.map(({ row }) => row.hookId)),
            textArray(heads.map(({ row }) => row.tenantId)),
            bigintArray(heads.map(({ offset }) => offset)),
            textArray(heads.map(({ state }) => state)),
          ];
    const result = await this.pool.query<{ partition: number }>({
      name: heads.length === 0 ? 'delivery-lanes-write' : 'delivery-lanes-heads-write',
      text: heads.length === 0 ? WRITE : WRITE_WITH_HEADS,
      values: [
        owner,
        ...leaseValues(leases),
        int4Array(rows.map(({ partition }) => partition)),
        textArray(rows.map(({ hookId }) => hookId)),
        textArray(rows.map(({ tenantId }) => tenantId)),
        textArray(rows.map(({ state }) => state)),
        byteaArray(rows.map(({ unpublished }) => unpublished)),
        ...headValues,
      ],
    });
    return new Set(result.rows.map(({ partition }) => partition));
  }

  async read(partition: number, hookId?: string): Promise<readonly LaneRow[]> {
    const { rows } = await this.pool.query<LaneRow>({ name: 'delivery-lanes-read', text: READ, values: [partition, hookId ?? null] });
    return rows;
  }

  async heads(partition: number, hookId?: string): Promise<readonly HeadRow[]> {
    const { rows } = await this.pool.query<HeadRow>({ name: 'delivery-lane-heads-read', text: HEADS, values: [partition, hookId ?? null] });
    return rows;
  }
}

export function leaseValues(leases: readonly PartitionLease[]): [Buffer, Buffer] {
  return [int4Array(leases.map(({ partition }) => partition)), bigintArray(leases.map(({ epoch }) => epoch))];
}
