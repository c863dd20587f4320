import { bigintArray, int4Array, textArray } from '@hooklane/postgres';
import type { SourceMark } from '@hooklane/routing';
import type { Pool } from 'pg';
import { LEASE_TTL_MS, type LeaseRow } from '../lanes/lease.js';
import type { ProgressSnapshot } from '../lanes/progress.js';
import type { LaneRow, LeaseStore, PartitionLease, ReleasedPartition, RenewedLeases, TakenLease } from '../ports.js';

const NOW_MS = '(extract(epoch FROM clock_timestamp()) * 1000)::float8';
const TTL = `interval '${LEASE_TTL_MS} milliseconds'`;

const ENSURE = 'INSERT INTO delivery.progress (partition) SELECT unnest($1::int[]) ON CONFLICT DO NOTHING';

const READ = `SELECT partition, owner, epoch::float8 AS epoch, renewals::float8 AS renewals, coalesce(lease_until <= clock_timestamp(), true) AS expired
  FROM delivery.progress WHERE partition = ANY($1::int[]) ORDER BY partition`;

// FOR UPDATE first: it waits for rows that the last owner is still writing under its lease (they hold FOR KEY SHARE), so that what is read next is all there will be.
const TAKE = `WITH row AS MATERIALIZED (
    SELECT partition FROM delivery.progress WHERE partition = $1 AND epoch = $2 AND renewals = $3 AND owner IS NOT DISTINCT FROM $4 FOR UPDATE)
  UPDATE delivery.progress p SET owner = $5, epoch = greatest(p.epoch + 1, $6), renewals = p.renewals + 1, lease_until = clock_timestamp() + ${TTL}
  FROM row WHERE p.partition = row.partition
  RETURNING p.epoch::float8 AS epoch, p.low_watermark::float8 AS watermark, p.marks, p.outcomes_from::float8 AS outcomes_from, p.suspect_below::float8 AS suspect_below, ${NOW_MS} AS now_ms`;

const RENEW = `UPDATE delivery.progress p
  SET low_watermark = u.watermark, marks = u.marks, outcomes_from = u.outcomes_from, renewals = p.renewals + 1, lease_until = clock_timestamp() + ${TTL}
  FROM unnest($2::int[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[]) AS u(partition, epoch, watermark, marks, outcomes_from)
  WHERE p.partition = u.partition AND p.epoch = u.epoch AND p.owner = $1
  RETURNING p.partition, ${NOW_MS} AS now_ms`;

const RELEASE = `WITH released AS (
    UPDATE delivery.progress p
    SET low_watermark = u.watermark, marks = u.marks, outcomes_from = u.outcomes_from, renewals = p.renewals + 1, lease_until = NULL, owner = NULL, suspect_below = u.suspect_below
    FROM unnest($2::int[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[], $11::bigint[]) AS u(partition, epoch, watermark, marks, outcomes_from, suspect_below)
    WHERE p.partition = u.partition AND p.epoch = u.epoch AND p.owner = $1
    RETURNING p.partition)
  INSERT INTO delivery.lanes (partition, hook_id, tenant_id, state)
  SELECT b.* FROM unnest($7::int[], $8::text[], $9::text[], $10::text[]) AS b(partition, hook_id, tenant_id, state) JOIN released USING (partition)
  ON CONFLICT (partition, hook_id) DO UPDATE SET state = excluded.state, unpublished = NULL, updated_at = now()`;

/** Leases and progress in `delivery.progress`. Everything is absolute, so a statement whose answer was lost can be sent again. */
export class PgLeaseStore implements LeaseStore {
  constructor(private readonly pool: Pool) {}

  async read(partitions: readonly number[]): Promise<readonly LeaseRow[]> {
    const rows = await this.known(partitions);
    if (rows.length === partitions.length) return rows;
    await this.pool.query({ name: 'delivery-lease-ensure', text: ENSURE, values: [int4Array(partitions)] });
    return this.known(partitions);
  }

  private async known(partitions: readonly number[]): Promise<readonly LeaseRow[]> {
    const { rows } = await this.pool.query<LeaseRow>({ name: 'delivery-lease-read', text: READ, values: [int4Array(partitions)] });
    return rows;
  }

  async take(row: LeaseRow, owner: string, minEpoch: number): Promise<TakenLease | null> {
    const values = [row.partition, row.epoch, row.renewals, row.owner, owner, minEpoch];
    const { rows } = await this.pool.query<TakenRow>({ name: 'delivery-lease-take', text: TAKE, values });
    const [taken] = rows;
    if (!taken) return null;
    const progress = taken.watermark === null ? null : { watermark: taken.watermark, marks: marksFrom(taken.marks), outcomesFrom: taken.outcomes_from };
    return { partition: row.partition, epoch: taken.epoch, suspectBelow: taken.suspect_below, progress, nowMs: taken.now_ms };
  }

  async renew(owner: string, partitions: readonly (PartitionLease & ProgressSnapshot)[]): Promise<RenewedLeases> {
    const { rows } = await this.pool.query<{ partition: number; now_ms: number }>({ name: 'delivery-lease-renew', text: RENEW, values: valuesOf(owner, partitions) });
    return { partitions: new Set(rows.map(({ partition }) => partition)), nowMs: rows[0]?.now_ms ?? 0 };
  }

  async release(owner: string, partitions: readonly ReleasedPartition[], busy: readonly LaneRow[]): Promise<void> {
    const rows = [int4Array(busy.map(({ partition }) => partition)), textArray(busy.map(({ hookId }) => hookId)), textArray(busy.map(({ tenantId }) => tenantId)), textArray(busy.map(({ state }) => state))];
    await this.pool.query({ name: 'delivery-lease-release', text: RELEASE, values: [...valuesOf(owner, partitions), ...rows, bigintArray(partitions.map(({ suspectBelow }) => suspectBelow))] });
  }
}

interface TakenRow {
  readonly epoch: number;
  readonly watermark: number | null;
  readonly marks: string;
  readonly outcomes_from: number;
  readonly suspect_below: number;
  readonly now_ms: number;
}

function valuesOf(owner: string, partitions: readonly (PartitionLease & ProgressSnapshot)[]): unknown[] {
  return [
    owner,
    int4Array(partitions.map(({ partition }) => partition)),
    bigintArray(partitions.map(({ epoch }) => epoch)),
    bigintArray(partitions.map(({ watermark }) => watermark)),
    textArray(partitions.map(({ marks }) => marksText(marks))),
    bigintArray(partitions.map(({ outcomesFrom }) => outcomesFrom)),
  ];
}

function marksText(marks: ReadonlyMap<string, SourceMark>): string {
  const parts: Record<string, [number, string]> = {};
  for (const [stream, { position, hookId }] of marks) parts[stream] = [position, hookId];
  return JSON.stringify(parts);
}

function marksFrom(text: string): ReadonlyMap<string, SourceMark> {
  const parts = JSON.parse(text) as Record<string, [number, string]>;
  return new Map(Object.entries(parts).map(([stream, [position, hookId]]) => [stream, { position, hookId }]));
}
