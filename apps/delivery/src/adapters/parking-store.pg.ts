import { bigintArray, byteaArray, int4Array, textArray } from '@hooklane/postgres';
import type { Pool } from 'pg';
import type { ParkedKey, ParkedRow, ParkedStats, ParkingStore, PartitionLease } from '../ports.js';
import { leaseValues, OWNED } from './lane-store.pg.js';

const PARK = `WITH ${OWNED},
  events AS (
    INSERT INTO delivery.parked_events (partition, "offset", tenant_id, event_id, trigger, replay_id, event)
    SELECT e.* FROM unnest($4::int[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bytea[]) AS e(partition, "offset", tenant_id, event_id, trigger, replay_id, event)
    JOIN owned USING (partition) ON CONFLICT DO NOTHING),
  deliveries AS (
    INSERT INTO delivery.parked (partition, "offset", hook_id, tenant_id, hook_version, event_bytes, accepted_at_ms)
    SELECT d.* FROM unnest($11::int[], $12::bigint[], $13::text[], $14::text[], $15::bigint[], $16::int[], $17::bigint[]) AS d(partition, "offset", hook_id, tenant_id, hook_version, event_bytes, accepted_at_ms)
    JOIN owned USING (partition) ON CONFLICT DO NOTHING)
  SELECT partition FROM owned`;

const REMOVE = `DELETE FROM delivery.parked p USING unnest($1::int[], $2::bigint[], $3::text[]) AS k(partition, "offset", hook_id)
  WHERE p.partition = k.partition AND p."offset" = k."offset" AND p.hook_id = k.hook_id`;

// A statement of its own: within one, the rows just removed would still be seen as referring to their event.
const REMOVE_EVENTS = `DELETE FROM delivery.parked_events e USING unnest($1::int[], $2::bigint[]) AS k(partition, "offset")
  WHERE e.partition = k.partition AND e."offset" = k."offset" AND NOT EXISTS (SELECT 1 FROM delivery.parked p WHERE p.partition = k.partition AND p."offset" = k."offset")`;

const PAGE = `SELECT p.partition, p."offset"::float8 AS "offset", p.hook_id AS "hookId", p.hook_version::float8 AS "hookVersion", p.accepted_at_ms::float8 AS "acceptedAtMs",
    e.tenant_id AS "tenantId", e.event_id AS "eventId", e.trigger, e.replay_id AS "replayId", e.event
  FROM (
    SELECT l.*, sum(l.event_bytes) OVER (ORDER BY l."offset") - l.event_bytes AS bytes_before
    FROM (SELECT * FROM delivery.parked WHERE partition = $1 AND hook_id = $2 AND "offset" > $3 ORDER BY "offset" LIMIT $4) l) p
  JOIN delivery.parked_events e ON e.partition = p.partition AND e."offset" = p."offset"
  WHERE p.bytes_before < $5 ORDER BY p."offset"`;

const STATS = `SELECT hook_id AS "hookId", min(tenant_id) AS "tenantId", count(*)::float8 AS count, min("offset")::float8 AS lowest, max("offset")::float8 AS highest, min(accepted_at_ms)::float8 AS "oldestAcceptedAtMs"
  FROM delivery.parked WHERE partition = $1 AND ($2::text IS NULL OR hook_id = $2) GROUP BY hook_id`;

const KEYS_FROM = 'SELECT partition, "offset"::float8 AS "offset", hook_id AS "hookId" FROM delivery.parked WHERE partition = $1 AND "offset" >= $2';

/** Deliveries that wait in Postgres. The bytes of an event stand there once for all hooks of its offset. */
export class PgParkingStore implements ParkingStore {
  constructor(private readonly pool: Pool) {}

  async park(owner: string, leases: readonly PartitionLease[], rows: readonly ParkedRow[]): Promise<ReadonlySet<number>> {
    const events = [...new Map(rows.map((row) => [`${row.partition} ${row.offset}`, row])).values()];
    const result = await this.pool.query<{ partition: number }>({
      name: 'delivery-park',
      text: PARK,
      values: [
        owner,
        ...leaseValues(leases),
        int4Array(events.map(({ partition }) => partition)),
        bigintArray(events.map(({ offset }) => offset)),
        textArray(events.map(({ tenantId }) => tenantId)),
        textArray(events.map(({ eventId }) => eventId)),
        textArray(events.map(({ trigger }) => trigger)),
        textArray(events.map(({ replayId }) => replayId)),
        byteaArray(events.map(({ event }) => event)),
        int4Array(rows.map(({ partition }) => partition)),
        bigintArray(rows.map(({ offset }) => offset)),
        textArray(rows.map(({ hookId }) => hookId)),
        textArray(rows.map(({ tenantId }) => tenantId)),
        bigintArray(rows.map(({ hookVersion }) => hookVersion)),
        int4Array(rows.map(({ event }) => event.length)),
        bigintArray(rows.map(({ acceptedAtMs }) => acceptedAtMs)),
      ],
    });
    return new Set(result.rows.map(({ partition }) => partition));
  }

  async remove(keys: readonly ParkedKey[]): Promise<void> {
    const partitions = int4Array(keys.map(({ partition }) => partition));
    const offsets = bigintArray(keys.map(({ offset }) => offset));
    await this.pool.query({ name: 'delivery-unpark', text: REMOVE, values: [partitions, offsets, textArray(keys.map(({ hookId }) => hookId))] });
    await this.pool.query({ name: 'delivery-unpark-events', text: REMOVE_EVENTS, values: [partitions, offsets] });
  }

  async page(query: { readonly partition: number; readonly hookId: string; readonly after: number; readonly records: number; readonly bytes: number }): Promise<readonly ParkedRow[]> {
    const values = [query.partition, query.hookId, query.after, query.records, query.bytes];
    const { rows } = await this.pool.query<ParkedRow>({ name: 'delivery-parked-page', text: PAGE, values });
    return rows;
  }

  async stats(partition: number, hookId?: string): Promise<readonly ParkedStats[]> {
    const { rows } = await this.pool.query<ParkedStats>({ name: 'delivery-parked-stats', text: STATS, values: [partition, hookId ?? null] });
    return rows;
  }

  async keysFrom(partition: number, offset: number): Promise<readonly ParkedKey[]> {
    const { rows } = await this.pool.query<ParkedKey>({ name: 'delivery-parked-keys', text: KEYS_FROM, values: [partition, offset] });
    return rows;
  }
}
