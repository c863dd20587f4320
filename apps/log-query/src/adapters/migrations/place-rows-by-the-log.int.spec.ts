import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { migrate, openDatabase, type Database } from '@hooklane/postgres';
import { testClock, testDatabase, type TestDatabase } from '@hooklane/testkit';
import type pg from 'pg';
import { eventRow, outcomeRows, planOf } from '../../../test/support/rows.js';
import type { PageWish, PlaceKey } from '../../query/stored.js';
import { PgAttemptQueries } from '../attempt-queries.pg.js';
import { PgDayPartitions } from '../day-partitions.pg.js';
import { PgDeliveryQueries } from '../delivery-queries.pg.js';
import { PgEventQueries } from '../event-queries.pg.js';
import { openQueries, type Queries } from '../queries.pg.js';
import { PgReadModelStore } from '../read-model-store.pg.js';
import { PgTailQueries } from '../tail-queries.pg.js';
import { logQueryMigrations } from './index.js';
import { PlaceRowsByTheLog1795000000003 } from './place-rows-by-the-log.js';

jest.setTimeout(30_000);

const ROWS = 20;
const NOW_MS = 3_000;
const DAY_TABLES = ['events', 'deliveries', 'attempts', 'unmatched'];

let testing: TestDatabase;
let database: Database;
let pool: pg.Pool;
let queries: Queries;
let store: PgReadModelStore;

/** A database as the version before wrote it: rows of one millisecond, told apart by the number of their writing. */
beforeAll(async () => {
  testing = await testDatabase();
  const settings = { url: testing.url, tls: 'disable' } as const;
  await migrate(settings, [{ ...logQueryMigrations, migrations: logQueryMigrations.migrations.slice(0, logQueryMigrations.migrations.indexOf(PlaceRowsByTheLog1795000000003)) }]);
  database = openDatabase(settings);
  pool = database.pool('spec', 2);
  for (const table of DAY_TABLES) await pool.query(`CREATE TABLE log_query.${table}_19700101 PARTITION OF log_query.${table} FOR VALUES FROM (0) TO (86400000)`);
  await pool.query(`UPDATE log_query.head SET next_seq = ${3 * ROWS + 1}; INSERT INTO log_query.positions VALUES ('events.accepted', 0, ${ROWS}, '{}')`);
  await pool.query(
    `INSERT INTO log_query.events (seq, accepted_at_ms, tenant_id, event_id, type, project, record) SELECT n, 1000, 'acme', 'evt_' || n, 't', '', $1 FROM generate_series(1, ${ROWS}) n`,
    [eventRow().record],
  );
  await pool.query(`INSERT INTO log_query.attempts (seq, at_ms, request_offset, request_partition, number, status, total_us, trigger, outcome_class, fate, tenant_id, hook_id, event_id, attempt_id, type, project, error_code, record)
    SELECT n, 2000, n, 0, 1, 200, 1, 0, 1, 1, 'acme', 'hook_1', 'evt_' || n, 'att_' || n, 't', '', '', '' FROM generate_series(1, ${ROWS}) n`);
  await pool.query(`INSERT INTO log_query.deliveries (seq, accepted_at_ms, request_offset, requested_at_ms, outcome_at_ms, next_attempt_at_ms, hook_version, owner_epoch, owner_sequence, request_partition, attempts, status, trigger, fate,
      tenant_id, hook_id, event_id, type, project, replay_id, fate_reason, error_code)
    SELECT n, 1000, n, 1500, 2000, 0, 1, 1, n, 0, 1, 200, 0, 1, 'acme', 'hook_1', 'evt_' || n, 't', '', '', '', '' FROM generate_series(1, ${ROWS}) n`);
  await migrate(settings, [logQueryMigrations]);
  await new PgDayPartitions(pool, testClock()).ensure([1_000, NOW_MS]);
  queries = openQueries(database, 2, 5_000);
  store = new PgReadModelStore(pool);
});

afterAll(async () => {
  await database.close();
  await testing.drop();
});

async function listed<Row extends { readonly key: PlaceKey }>(page: (wish: PageWish) => Promise<{ readonly rows: readonly Row[]; readonly next: PlaceKey | null }>): Promise<Row[]> {
  const all: Row[] = [];
  for (let after: PlaceKey | null = null; ; ) {
    const { rows, next } = await page({ limit: 3, after, fromMs: 0, toMs: null });
    all.push(...rows);
    if (next === null) return all;
    after = next;
  }
}

const newestFirst = (prefix: string): string[] => Array.from({ length: ROWS }, (_, index) => `${prefix}_${ROWS - index}`);

describe('PlaceRowsByTheLog', () => {
  it('leaves what is there in its order, page by page', async () => {
    const events = await listed((wish) => new PgEventQueries(queries, 100).page('acme', {}, wish));
    const deliveries = await listed((wish) => new PgDeliveryQueries(queries, 100).page('acme', {}, wish));
    const attempts = await listed((wish) => new PgAttemptQueries(queries, 100).page('acme', { hook: 'hook_1' }, null, wish));
    expect(events.map(({ key }) => key.offset)).toEqual(newestFirst('').map((name) => Number(name.slice(1))));
    expect(deliveries.map(({ eventId }) => eventId)).toEqual(newestFirst('evt'));
    expect(attempts.map(({ attemptId }) => attemptId)).toEqual(newestFirst('att'));
  });

  it('goes on writing; the live log shows what came since, and nothing twice', async () => {
    const before = await store.lastSeq();
    expect(before).toBe(3 * ROWS);
    const { attempt, delivery } = outcomeRows({ eventId: 'evt_new', requestOffset: ROWS + 1 }, ROWS);
    await store.positions('delivery.outcomes', [0]);
    await store.write(planOf('events.accepted', ROWS, ROWS + 1, { events: [eventRow({ eventId: 'evt_new', acceptedAtMs: 1_000 }, ROWS)], attempts: [attempt], deliveries: [delivery] }, ROWS), NOW_MS);
    expect((await new PgEventQueries(queries, 100).find('acme', 'evt_new'))?.key).toMatchObject({ timeMs: 1_000, offset: ROWS, partition: 0 });
    const look = await new PgTailQueries(queries, () => Promise.resolve([0])).look('acme', 0, before);
    expect(look).toEqual({ upTo: before, events: [], outcomes: [] });
    const [position] = await store.positions('events.accepted', [0]);
    expect(position).toMatchObject({ nextOffset: ROWS + 1, numbered: ROWS + 1 });
  });

  it('can be taken back', async () => {
    const runner = { query: (text: string) => pool.query(text) };
    await new PlaceRowsByTheLog1795000000003().down(runner as never);
    const { rows } = await pool.query<{ n: string }>('SELECT count(DISTINCT seq) AS n FROM log_query.deliveries');
    expect(Number(rows[0]?.n)).toBe(ROWS + 1);
  });
});
