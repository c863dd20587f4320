import { float8Array, textArray } from '@hooklane/postgres';
import type pg from 'pg';
import type { QuotaStore } from '../ports.js';

// A bucket that is met first is full. A clock that is set back refills nothing for that moment, and not for as long as it was set back.
const LEASE = `
  INSERT INTO event_ingest.quota_buckets AS b (tenant_id, tokens, refilled_at, events_per_second, burst, granted)
  SELECT u.tenant_id, u.burst - least(u.wanted, u.burst), clock_timestamp(), u.rate, u.burst, least(u.wanted, u.burst)
  FROM unnest($1::text[], $2::float8[], $3::float8[], $4::float8[]) u(tenant_id, rate, burst, wanted) ORDER BY u.tenant_id
  ON CONFLICT (tenant_id) DO UPDATE SET
    (tokens, granted) = (
      SELECT a.available - g.granted, g.granted
      FROM (SELECT least(excluded.burst, b.tokens + excluded.events_per_second * greatest(0, extract(epoch FROM clock_timestamp() - b.refilled_at)::float8)) AS available) a,
           LATERAL (SELECT least(floor(a.available), excluded.granted) AS granted) g),
    refilled_at = clock_timestamp(), events_per_second = excluded.events_per_second, burst = excluded.burst
  RETURNING tenant_id, granted`;

/** Token buckets in Postgres, refilled by the database's clock. @param timeoutMs a database that hangs counts as away after this */
export function quotaStore(pool: pg.Pool, timeoutMs: number): QuotaStore {
  return {
    async lease(wishes) {
      const values = [
        textArray(wishes.map((wish) => wish.tenantId)),
        float8Array(wishes.map((wish) => wish.eventsPerSecond)),
        float8Array(wishes.map((wish) => wish.burst)),
        float8Array(wishes.map((wish) => wish.tokens)),
      ];
      const query: pg.QueryConfig & { query_timeout: number } = { name: 'ingest lease quota', text: LEASE, values, query_timeout: timeoutMs };
      const { rows } = await pool.query<{ tenant_id: string; granted: number }>(query);
      const granted = new Map(rows.map((row) => [row.tenant_id, row.granted]));
      return wishes.map((wish) => granted.get(wish.tenantId) ?? 0);
    },
  };
}
