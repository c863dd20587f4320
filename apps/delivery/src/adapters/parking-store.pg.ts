import { bigintArray, byteaArray, int4Array, textArray } from '@hooklane/postgres';
import type { Pool } from 'pg';
import type { ParkedKey, ParkedPage, ParkedRow, ParkedStats, ParkingStore, PartitionLease } from '../ports.js';
import { leaseValues, OWNED } from './lane-store.pg.js';

const PARK = `WITH ${OWNED},
  events AS (
    INSERT INTO delivery.parked_events (partition, "offset", tenant_id, event_id, trigger, replay_id, event)
    SELECT e.* FROM unnest($4::int[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bytea[]) AS e(partition, "offset", tenant_id, event_id, trigger, replay_id, event)
    JOIN owned USING (partition) ON CONFLICT DO NOTHING),
  deliveries AS (
    INSERT INTO delivery.parked (partition, "offset", hook_id, tenant_id, hook_version, event_bytes, accepted_at_ms, ordering_key, catch_up)
    SELECT d.partition, d."offset", d.hook_id, d.tenant_id, d.hook_version, d.event_bytes, d.accepted_at_ms, d.ordering_key, d.catch_up = 1
    FROM unnest($11::int[], $12::bigint[], $13::text[], $14::text[], $15::bigint[], $16::int[], $17::bigint[], $18::text[], $19::int[]) AS d(partition, "offset", hook_id, tenant_id, hook_version, event_bytes, accepted_at_ms, ordering_key, catch_up)
    JOIN owned USING (partition) ON CONFLICT DO NOTHING)
  SELECT partition FROM owned`;

const REMOVE = `DELETE FROM delivery.parked p USING unnest($1::int[], $2::bigint[], $3::text[]) AS k(partition, "offset", hook_id)
  WHERE p.partition = k.partition AND p."offset" = k."offset" AND p.hook_id = k.hook_id`;

// A statement of its own: within one, the rows just removed would still be seen as referring to their event.
const REMOVE_EVENTS = `DELETE FROM delivery.parked_events e USING unnest($1::int[], $2::bigint[]) AS k(partition, "offset")
  WHERE e.partition = k.partition AND e."offset" = k."offset" AND NOT EXISTS (SELECT 1 FROM delivery.parked p WHERE p.partition = k.partition AND p."offset" = k."offset")`;

const pageOf = (which: string): string => `SELECT p.partition, p."offset"::float8 AS "offset", p.hook_id AS "hookId", p.hook_version::float8 AS "hookVersion", p.accepted_at_ms::float8 AS "acceptedAtMs",
    e.tenant_id AS "tenantId", e.event_id AS "eventId", e.trigger, e.replay_id AS "replayId", p.ordering_key AS "orderingKey", e.event
  FROM (
    SELECT l.*, sum(l.event_bytes) OVER (ORDER BY l."offset") - l.event_bytes AS bytes_before
    FROM (SELECT * FROM delivery.parked WHERE partition = $1 AND hook_id = $2 AND "offset" > $3 ${which} ORDER BY "offset" LIMIT $4) l) p
  JOIN delivery.parked_events e ON e.partition = p.partition AND e."offset" = p."offset"
  WHERE p.bytes_before < $5 ORDER BY p."offset"`;

const PAGE = pageOf('');
const UP_TO = 'AND "offset" <= $6 AND ("offset" < $7 OR catch_up)';
const PAGE_UP_TO = pageOf(UP_TO);
const PAGE_OF_KEY = pageOf(`${UP_TO} AND ordering_key = $8 AND ordering_key <> ''`);
const PAGE_OF_NO_KEY = pageOf(`${UP_TO} AND ordering_key = ''`);
// Twice, so that each has an index: what is left of the time before the border, or what the catch-up brought.
const PAGE_BELOW = pageOf('AND "offset" < $6');
const PAGE_CATCH_UP = pageOf('AND catch_up');

const STATS_COLUMNS = `hook_id AS "hookId", min(tenant_id) AS "tenantId", count(*)::float8 AS count, min("offset")::float8 AS lowest, max("offset")::float8 AS highest, min(accepted_at_ms)::float8 AS "oldestAcceptedAtMs",
    count(*) FILTER (WHERE catch_up)::float8 AS "catchUps"`;
const STATS = `SELECT ${STATS_COLUMNS} FROM delivery.parked WHERE partition = $1 AND ($2::text IS NULL OR hook_id = $2) GROUP BY hook_id`;
const CATCH_UP_STATS = `SELECT ${STATS_COLUMNS}, "offset" > $3 AND NOT catch_up AS "isWaiting" FROM delivery.parked WHERE partition = $1 AND hook_id = $2 GROUP BY hook_id, "offset" > $3 AND NOT catch_up`;

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
        textArray(rows.map(({ orderingKey }) => orderingKey)),
        int4Array(rows.map(({ trigger }) => (trigger === 'catch-up' ? 1 : 0))),
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

  async page({ partition, hookId, after, records, bytes, upTo, orderingKey, border }: ParkedPage): Promise<readonly ParkedRow[]> {
    const range = [partition, hookId, after, records, bytes];
    if (upTo !== undefined) {
      const within = [...range, upTo, border ?? Number.MAX_SAFE_INTEGER];
      if (orderingKey === undefined) return this.rows('delivery-parked-up-to', PAGE_UP_TO, within);
      if (orderingKey === '') return this.rows('delivery-parked-no-key', PAGE_OF_NO_KEY, within);
      return this.rows('delivery-parked-key', PAGE_OF_KEY, [...within, orderingKey]);
    }
    if (border !== undefined) {
      const below = after < border ? await this.rows('delivery-parked-below', PAGE_BELOW, [...range, border]) : [];
      return below.length > 0 ? below : this.rows('delivery-parked-catch-up', PAGE_CATCH_UP, range);
    }
    return this.rows('delivery-parked-page', PAGE, range);
  }

  async stats(partition: number, hookId?: string): Promise<readonly ParkedStats[]> {
    const { rows } = await this.pool.query<ParkedStats>({ name: 'delivery-parked-stats', text: STATS, values: [partition, hookId ?? null] });
    return rows;
  }

  async catchUpStats(partition: number, hookId: string, border: number): Promise<{ readonly line: ParkedStats | null; readonly waiting: ParkedStats | null }> {
    const { rows } = await this.pool.query<ParkedStats & { isWaiting: boolean }>({ name: 'delivery-parked-catch-up-stats', text: CATCH_UP_STATS, values: [partition, hookId, border] });
    return { line: rows.find(({ isWaiting }) => !isWaiting) ?? null, waiting: rows.find(({ isWaiting }) => isWaiting) ?? null };
  }

  async keysFrom(partition: number, offset: number): Promise<readonly ParkedKey[]> {
    const { rows } = await this.pool.query<ParkedKey>({ name: 'delivery-parked-keys', text: KEYS_FROM, values: [partition, offset] });
    return rows;
  }

  private async rows(name: string, text: string, values: readonly unknown[]): Promise<readonly ParkedRow[]> {
    const { rows } = await this.pool.query<ParkedRow>({ name, text, values: [...values] });
    return rows;
  }
}
