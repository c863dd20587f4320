import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { cryptoRandom } from '@hooklane/kernel';
import { migrate, openDatabase, type Database } from '@hooklane/postgres';
import { masterKeyFrom, SecretBox } from '@hooklane/secret-box';
import { testClock, testDatabase, type TestDatabase } from '@hooklane/testkit';
import type pg from 'pg';
import { eventRow, outcomeRows, planOf } from '../../test/support/rows.js';
import { LogReader } from '../query/log-reader.js';
import { PgAttemptQueries } from './attempt-queries.pg.js';
import { CursorBox } from './cursor-box.js';
import { DAY_MS, PgDayPartitions } from './day-partitions.pg.js';
import { PgDeliveryQueries } from './delivery-queries.pg.js';
import { PgEventQueries } from './event-queries.pg.js';
import { PgHookHistory } from './hook-history.pg.js';
import { logQueryMigrations } from './migrations/index.js';
import { openQueries } from './queries.pg.js';
import { PgReadModelStore } from './read-model-store.pg.js';
import { applyRetention } from './retention.pg.js';
import { PgTableStore } from './table-store.pg.js';

// Three hundred partitions are made.
jest.setTimeout(60_000);

const DEFAULT_DAYS = 30;
const START_MS = Date.parse('2026-03-01T12:00:00Z');
const retentions: Readonly<Record<string, number>> = { short: 7, long: 60 };

const clock = testClock(START_MS);
let testing: TestDatabase;
let database: Database;
let pool: pg.Pool;
let days: PgDayPartitions;
let reader: LogReader;

beforeAll(async () => {
  testing = await testDatabase();
  await migrate({ url: testing.url, tls: 'disable' }, [logQueryMigrations]);
  database = openDatabase({ url: testing.url, tls: 'disable' });
  pool = database.pool('spec', 4);
  days = new PgDayPartitions(pool, clock);
  const queries = openQueries(database, 2, 5_000);
  const cursors = new CursorBox(new SecretBox(masterKeyFrom(Buffer.alloc(32, 7).toString('base64')), cryptoRandom));
  reader = new LogReader({
    events: new PgEventQueries(queries, 1_000), deliveries: new PgDeliveryQueries(queries, 1_000), attempts: new PgAttemptQueries(queries, 1_000), hooks: new PgHookHistory(queries),
    tenants: { retentionDays: (tenantId) => retentions[tenantId] ?? DEFAULT_DAYS }, projectNamed: () => undefined, cursors, clock,
  });
  const tables = new PgTableStore(pool);
  await tables.saveTenants(1, [{ tenantId: 'acme', version: 1, retentionDays: 0, deleted: false }, { tenantId: 'short', version: 1, retentionDays: 7, deleted: false }, { tenantId: 'long', version: 1, retentionDays: 60, deleted: false }]);
  await tables.saveHookVersions(1, ['acme', 'short', 'long'].map((tenantId) => ({ hookId: `hook_${tenantId}`, version: 1, tenantId, atMs: START_MS, record: Buffer.alloc(0) })));
  await write();
});

afterAll(async () => {
  await database.close();
  await testing.drop();
});

/** One event with its delivery a day, of each tenant, for seventy days up to now. */
async function write(): Promise<void> {
  const store = new PgReadModelStore(pool);
  await store.positions('events.accepted', [0]);
  const rows = Array.from({ length: 70 }, (_, ago) => ago).flatMap((ago) =>
    ['acme', 'short', 'long'].map((tenantId) => {
      const atMs = START_MS - ago * DAY_MS;
      const own = { tenantId, eventId: `evt_${ago}`, hookId: `hook_${tenantId}`, requestOffset: 100 - ago, deliveryId: `dlv_0_${100 - ago}_hook_${tenantId}`, eventAcceptedAtMs: atMs, atMs };
      return { event: eventRow({ tenantId, eventId: `evt_${ago}`, acceptedAtMs: atMs }), ...outcomeRows(own) };
    }),
  );
  await days.ensure(rows.map(({ event }) => event.acceptedAtMs));
  await store.write(planOf('events.accepted', 0, 1, { events: rows.map(({ event }) => event), attempts: rows.map(({ attempt }) => attempt), deliveries: rows.map(({ delivery }) => delivery) }), START_MS);
}

const shown = async (tenantId: string): Promise<number[]> => {
  const [events, deliveries, attempts] = await Promise.all([reader.events(tenantId, { limit: 1_000 }), reader.deliveries(tenantId, { limit: 1_000 }), reader.attempts(tenantId, { limit: 1_000 })]);
  return [events.items.length, deliveries.items.length, attempts.items.length];
};
const stored = async (tenantId: string): Promise<number> => Number((await pool.query<{ n: string }>('SELECT count(*) AS n FROM log_query.events WHERE tenant_id = $1', [tenantId])).rows[0]?.n);
const partitions = async (): Promise<number> => Number((await pool.query<{ n: string }>(`SELECT count(*) AS n FROM pg_inherits WHERE inhparent = 'log_query.events'::regclass`)).rows[0]?.n);
const codeOf = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => 'found', (error: { code?: unknown }) => error.code);

describe('Retention', () => {
  it('hides what is older than the tenant wants at once, before anything is removed', async () => {
    expect(await shown('acme')).toEqual([31, 31, 31]);
    expect(await shown('short')).toEqual([8, 8, 8]);
    expect(await shown('long')).toEqual([61, 61, 61]);
    expect(await codeOf(reader.event('short', 'evt_8'))).toBe('expired');
    expect(await codeOf(reader.event('short', 'evt_7'))).toBe('found');
    expect(await codeOf(reader.delivery('short', 'dlv_0_92_hook_short'))).toBe('expired');
    expect(await codeOf(reader.delivery('long', 'dlv_0_92_hook_long'))).toBe('found');
  });

  it('drops the days that nobody wants, and removes what one tenant does not want from the others', async () => {
    const run = await applyRetention(pool, days, clock.nowMs(), DEFAULT_DAYS);
    expect(await partitions()).toBe(61);
    expect(run.droppedPartitions).toBe(9 * 6);
    expect([await stored('acme'), await stored('short'), await stored('long')]).toEqual([31, 8, 61]);
    expect(await applyRetention(pool, days, clock.nowMs(), DEFAULT_DAYS)).toEqual({ droppedPartitions: 0, deletedRows: 0 });
  });

  it('says expired of what it can know was there, and not-found of everything else', async () => {
    expect(await codeOf(reader.delivery('long', 'dlv_0_35_hook_long'))).toBe('expired');
    expect(await codeOf(reader.delivery('long', 'dlv_0_35_hook_short'))).toBe('not-found');
    expect(await codeOf(reader.delivery('long', 'dlv_0_500_hook_long'))).toBe('not-found');
    const hex = (START_MS - 65 * DAY_MS).toString(16).padStart(12, '0');
    expect(await codeOf(reader.event('long', `evt_${hex}70008000000000000000`))).toBe('expired');
    expect(await codeOf(reader.event('long', 'evt_of_the_publisher'))).toBe('not-found');
  });

  it('goes on as the time does', async () => {
    clock.advance(10 * DAY_MS);
    expect(await shown('short')).toEqual([0, 0, 0]);
    await applyRetention(pool, days, clock.nowMs(), DEFAULT_DAYS);
    expect(await partitions()).toBe(51);
    expect([await stored('acme'), await stored('short'), await stored('long')]).toEqual([21, 0, 51]);
  });

  it('does not write what has expired already: a rebuild from an old log skips it', () => {
    expect(days.keptFromMs).toBe(Math.floor((clock.nowMs() - 60 * DAY_MS) / DAY_MS) * DAY_MS);
  });
});
