import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { InboundCalled } from '@hooklane/contracts/topics';
import { migrate, openDatabase, type Database } from '@hooklane/postgres';
import { testClock, testDatabase, type TestDatabase } from '@hooklane/testkit';
import type pg from 'pg';
import type { InboundCallRow } from '../ports.js';
import { DAY_MS, PgDayPartitions } from './day-partitions.pg.js';
import { PgInboundCallQueries, PgInboundCallStore } from './inbound-calls.pg.js';
import { logQueryMigrations } from './migrations/index.js';
import { openQueries } from './queries.pg.js';
import { applyRetention } from './retention.pg.js';
import { PgTableStore } from './table-store.pg.js';

jest.setTimeout(60_000);

const NOW_MS = Date.parse('2026-03-01T12:00:00Z');

let testing: TestDatabase;
let database: Database;
let pool: pg.Pool;
let days: PgDayPartitions;
let store: PgInboundCallStore;
let queries: PgInboundCallQueries;

beforeAll(async () => {
  testing = await testDatabase();
  await migrate({ url: testing.url, tls: 'disable' }, [logQueryMigrations]);
  database = openDatabase({ url: testing.url, tls: 'disable' });
  pool = database.pool('spec', 4);
  days = new PgDayPartitions(pool, testClock(NOW_MS));
  store = new PgInboundCallStore(pool, days);
  queries = new PgInboundCallQueries(openQueries(database, 2, 5_000), 1_000);
});

afterAll(async () => {
  await database.close();
  await testing.drop();
});

const row = (logOffset: number, part: Partial<InboundCallRow> = {}): InboundCallRow => {
  const { tenantId = 'acme', callId = `in_${logOffset}`, atMs = NOW_MS + logOffset } = part;
  const record = Buffer.from(InboundCalled.encode({ ...InboundCalled.decode(new Uint8Array()), tenantId, callId, atMs }).finish());
  return { atMs, logOffset, logPartition: 0, tenantId, callId, endpoint: 'tiki', sourceId: '', outcome: 'accepted', record, ...part };
};
const idsOf = async (tenantId: string): Promise<string[]> => {
  const { rows } = await queries.page(tenantId, {}, { limit: 100, after: null, fromMs: 0, toMs: null });
  return rows.map(({ record }) => InboundCalled.decode(record).callId);
};

describe('the calls from outside in Postgres', () => {
  it('are read again after a death without standing there twice, and the position never goes back', async () => {
    expect(await store.positions([0, 3])).toEqual([0, 0]);
    await store.save(0, 3, [row(1), row(2)]);
    await store.save(3, 8, [row(7, { logPartition: 3 })]);
    // As another instance would that has not heard yet that the partition is no longer its own.
    await store.save(0, 2, [row(1)]);
    await store.save(0, 3, [row(1), row(2)]);
    expect(await idsOf('acme')).toEqual(['in_7', 'in_2', 'in_1']);
    expect(await store.positions([0, 3])).toEqual([3, 8]);
  });

  it('are written although their day was dropped by another process meanwhile', async () => {
    await pool.query(`DROP TABLE log_query.inbound_calls_${new Date(NOW_MS).toISOString().slice(0, 10).replaceAll('-', '')}`);
    await expect(store.save(0, 5, [row(4)])).rejects.toThrow(/no partition/);
    await store.save(0, 5, [row(4)]);
    expect(await idsOf('acme')).toEqual(['in_4']);
  });

  it('go when their tenant does not want them any more; others of the same day stay', async () => {
    await new PgTableStore(pool).saveTenants(1, [{ tenantId: 'short', version: 1, retentionDays: 7, deleted: false }]);
    const atMs = NOW_MS - 10 * DAY_MS;
    await store.save(0, 12, [row(10, { atMs, tenantId: 'short' }), row(11, { atMs })]);
    expect(await applyRetention(pool, days, NOW_MS, 30)).toMatchObject({ deletedRows: 1 });
    expect([await idsOf('short'), await idsOf('acme')]).toEqual([[], ['in_4', 'in_11']]);
    // And those of days that are gone are not written again.
    await store.save(0, 13, [row(12, { atMs: NOW_MS - 40 * DAY_MS })]);
    expect(await idsOf('acme')).toEqual(['in_4', 'in_11']);
  });
});
