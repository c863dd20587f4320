import { AppError } from '@hooklane/kernel';
import { bigintArray, byteaArray, isConnectionFailure, textArray } from '@hooklane/postgres';
import type pg from 'pg';
import type { ClaimRow, ClaimRowState, ClaimStore } from '../ports.js';

export interface ClaimStoreSettings {
  /** Of this process; new at every start. */
  readonly owner: string;
  readonly leaseMs: number;
  readonly keptMs: number;
  /** A database that hangs counts as away after this. */
  readonly timeoutMs: number;
  /** Nobody else can be accepting events: what this process does not hold itself was left by one that is dead, and its lease is void. */
  readonly soleOwner: boolean;
}

// What this process holds it does not ask for again (ClaimBook); a row of its own is left from a claim whose answer did not come in time.
const CLAIM = `
  INSERT INTO event_ingest.claims AS c (tenant_id, claim_key, request_hash, event_id, accepted_at_ms, owner, lease_until, expires_at, settled)
  SELECT u.*, $6::text, clock_timestamp() + $7::float8 * interval '1 ms', clock_timestamp() + $8::float8 * interval '1 ms', false
  FROM unnest($1::text[], $2::text[], $3::bytea[], $4::text[], $5::bigint[]) u ORDER BY 1, 2
  ON CONFLICT (tenant_id, claim_key) DO UPDATE SET
    request_hash = excluded.request_hash, owner = excluded.owner, lease_until = excluded.lease_until, settled = false,
    event_id = CASE WHEN c.expires_at < clock_timestamp() THEN excluded.event_id ELSE c.event_id END,
    accepted_at_ms = CASE WHEN c.expires_at < clock_timestamp() THEN excluded.accepted_at_ms ELSE c.accepted_at_ms END,
    expires_at = CASE WHEN c.expires_at < clock_timestamp() THEN excluded.expires_at ELSE c.expires_at END
  WHERE c.expires_at < clock_timestamp()
    OR (NOT c.settled AND c.request_hash = excluded.request_hash AND (c.lease_until < clock_timestamp() OR c.owner = excluded.owner OR $9::boolean))
  RETURNING c.tenant_id, c.claim_key, c.event_id, c.accepted_at_ms`;

const LOOK = `
  SELECT c.tenant_id, c.claim_key, c.request_hash, c.event_id, c.accepted_at_ms, c.settled
  FROM unnest($1::text[], $2::text[]) u(tenant_id, claim_key) JOIN event_ingest.claims c USING (tenant_id, claim_key)`;

const SETTLE = `
  UPDATE event_ingest.claims c SET settled = true, event_id = u.event_id, accepted_at_ms = u.accepted_at_ms
  FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) u(tenant_id, claim_key, event_id, accepted_at_ms)
  WHERE c.tenant_id = u.tenant_id AND c.claim_key = u.claim_key AND c.owner = $5`;

const RELEASE = `
  DELETE FROM event_ingest.claims c USING unnest($1::text[], $2::text[]) u(tenant_id, claim_key)
  WHERE c.tenant_id = u.tenant_id AND c.claim_key = u.claim_key AND c.owner = $3 AND NOT c.settled`;

const RENEW = `
  UPDATE event_ingest.claims c SET lease_until = clock_timestamp() + $4::float8 * interval '1 ms'
  FROM unnest($1::text[], $2::text[]) u(tenant_id, claim_key)
  WHERE c.tenant_id = u.tenant_id AND c.claim_key = u.claim_key AND c.owner = $3 AND NOT c.settled`;

// In small bites: one long delete would hold its locks, and its dead rows, for as long.
const REMOVE_EXPIRED = `
  DELETE FROM event_ingest.claims WHERE ctid = ANY (ARRAY(SELECT ctid FROM event_ingest.claims WHERE expires_at < clock_timestamp() LIMIT 5000))`;

interface Row {
  readonly tenant_id: string;
  readonly claim_key: string;
  readonly event_id: string;
  readonly accepted_at_ms: string;
}

interface FoundRow extends Row {
  readonly request_hash: Buffer;
  readonly settled: boolean;
}

/** Claims in Postgres; all times are the database's, so that processes need not agree on the time. */
export function claimStore(pool: pg.Pool, settings: ClaimStoreSettings): ClaimStore {
  const run = <R extends object>(name: string, text: string, values: unknown[]): Promise<{ rows: R[]; rowCount: number | null }> => {
    const query: pg.QueryConfig & { query_timeout: number } = { name: `ingest ${name}`, text, values, query_timeout: settings.timeoutMs };
    return pool.query<R & pg.QueryResultRow>(query).catch(unavailable);
  };
  const keysOf = (rows: readonly ClaimRow[]): [Buffer, Buffer] => [textArray(rows.map((row) => row.tenantId)), textArray(rows.map((row) => row.key))];
  const timesOf = (rows: readonly ClaimRow[]): [Buffer, Buffer] => [textArray(rows.map((row) => row.eventId)), bigintArray(rows.map((row) => row.acceptedAtMs))];
  return {
    async claim(rows) {
      const values = [...keysOf(rows), byteaArray(rows.map((row) => row.hash)), ...timesOf(rows), settings.owner, settings.leaseMs, settings.keptMs, settings.soleOwner];
      const granted = byKey((await run<Row>('claim', CLAIM, values)).rows);
      const missing = rows.filter((row) => !granted.has(keyOf(row.tenantId, row.key)));
      const found = missing.length === 0 ? new Map<string, FoundRow>() : byKey((await run<FoundRow>('look', LOOK, keysOf(missing))).rows);
      return rows.map((row) => stateOf(row, granted, found));
    },
    async settle(rows) {
      await run('settle', SETTLE, [...keysOf(rows), ...timesOf(rows), settings.owner]);
    },
    async release(rows) {
      await run('release', RELEASE, [...keysOf(rows), settings.owner]);
    },
    async renew(rows) {
      await run('renew', RENEW, [...keysOf(rows), settings.owner, settings.leaseMs]);
    },
    async removeExpired() {
      return (await run('remove-expired', REMOVE_EXPIRED, [])).rowCount ?? 0;
    },
  };
}

function stateOf(row: ClaimRow, granted: ReadonlyMap<string, Row>, found: ReadonlyMap<string, FoundRow>): ClaimRowState {
  const key = keyOf(row.tenantId, row.key);
  const own = granted.get(key);
  if (own) return { state: 'granted', eventId: own.event_id, acceptedAtMs: Number(own.accepted_at_ms) };
  const other = found.get(key);
  // Released between the two statements: as good as held elsewhere, and free at the next try.
  if (!other) return { state: 'pending', sameRequest: true };
  const sameRequest = other.request_hash.equals(row.hash);
  return other.settled ? { state: 'settled', sameRequest, eventId: other.event_id, acceptedAtMs: Number(other.accepted_at_ms) } : { state: 'pending', sameRequest };
}

function byKey<R extends Row>(rows: readonly R[]): Map<string, R> {
  return new Map(rows.map((row) => [keyOf(row.tenant_id, row.claim_key), row]));
}

function keyOf(tenantId: string, key: string): string {
  return `${tenantId}\0${key}`;
}

function unavailable(error: unknown): never {
  const isAway = isConnectionFailure(error) || (error instanceof Error && /read timeout/i.test(error.message));
  if (!isAway) throw error;
  throw new AppError('database-unavailable', 'Postgres cannot be reached.', {
    publicMessage: 'Events with an id or an idempotency key cannot be accepted at the moment.',
    retryable: true,
    retryAfterMs: 2_000,
    cause: error,
  });
}
