import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { migrate, openDatabase, type Database } from '@hooklane/postgres';
import { testClock, testDatabase, type TestDatabase } from '@hooklane/testkit';
import type pg from 'pg';
import { eventRow, outcomeRows, planOf } from '../../test/support/rows.js';
import { mergeDelivery, requestedDelivery } from '../read-model/delivery-row.js';
import { PgDayPartitions } from './day-partitions.pg.js';
import { logQueryMigrations } from './migrations/index.js';
import { PgReadModelStore } from './read-model-store.pg.js';

// The first spec of a run starts the server.
jest.setTimeout(30_000);

let testing: TestDatabase;
let database: Database;
let pool: pg.Pool;
let store: PgReadModelStore;

const EVENTS = 'events.accepted';
const OUTCOMES = 'delivery.outcomes';
const REQUESTS = 'deliveries.requested';

beforeAll(async () => {
  testing = await testDatabase();
  await migrate({ url: testing.url, tls: 'disable' }, [logQueryMigrations]);
  database = openDatabase({ url: testing.url, tls: 'disable' });
  pool = database.pool('spec', 6);
  store = new PgReadModelStore(pool);
  await new PgDayPartitions(pool, testClock()).ensure([1_000, 2_000]);
});

afterAll(async () => {
  await database.close();
  await testing.drop();
});

beforeEach(async () => {
  await pool.query('TRUNCATE log_query.events, log_query.deliveries, log_query.attempts, log_query.unmatched, log_query.positions');
  for (const topic of [EVENTS, OUTCOMES, REQUESTS]) await store.positions(topic, [0]);
});

const count = async (table: string): Promise<number> => Number((await pool.query<{ n: string }>(`SELECT count(*) AS n FROM log_query.${table}`)).rows[0]?.n);
const delivery = async (): Promise<Record<string, unknown>> => (await pool.query<Record<string, unknown>>('SELECT * FROM log_query.deliveries')).rows[0] ?? {};
const requested = () =>
  requestedDelivery(
    { partition: 0, offset: 0, timestampMs: 1_500 },
    { tenantId: 'acme', eventId: 'evt_1', sourceStream: 's', sourcePosition: 0, hooks: [], trigger: 'replay', replayId: 'rpl_1' },
    { hookId: 'hook_1', version: 3 },
    eventRow(),
  );

describe('PgReadModelStore', () => {
  it('writes rows and positions together; the same plan again after a lost answer is written once', async () => {
    const plan = planOf(EVENTS, 0, 2, { events: [eventRow(), eventRow({ eventId: 'evt_2' })] });
    const first = await store.write(plan);
    const second = await store.write(plan);
    expect(first.kind).toBe('written');
    expect(second.kind).toBe('written');
    expect(await count('events')).toBe(2);
    expect(await store.positions(EVENTS, [0])).toEqual([{ nextOffset: 2, marks: '' }]);
  });

  it('writes nothing for a partition that another instance has moved on', async () => {
    await store.write(planOf(EVENTS, 0, 7, { events: [eventRow()] }));
    const result = await store.write(planOf(EVENTS, 0, 3, { events: [eventRow({ eventId: 'evt_stale' })] }));
    expect(result).toMatchObject({ kind: 'lost', partitions: [{ topic: EVENTS, partition: 0 }] });
    expect(await count('events')).toBe(1);
  });

  it('says of a delivery the same whichever of request and outcomes comes first', async () => {
    const failed = outcomeRows({ fate: 'pending', ownerSequence: 1, nextAttemptAtMs: 9_000 }).delivery;
    const done = outcomeRows({ ownerSequence: 2 }).delivery;
    const rows = { request: requested(), failed, done };
    const orders = [['request', 'failed', 'done'], ['failed', 'request', 'done'], ['done', 'failed', 'request'], ['failed', 'done', 'request']] as const;
    const seen: Record<string, unknown>[] = [];
    for (const order of orders) {
      await pool.query('TRUNCATE log_query.deliveries');
      for (const name of order) {
        const { rows: positions } = await pool.query<{ next_offset: string }>('SELECT next_offset FROM log_query.positions WHERE topic = $1', [REQUESTS]);
        const at = Number(positions[0]?.next_offset);
        await store.write(planOf(REQUESTS, at, at + 1, { deliveries: [rows[name]] }));
      }
      const { seq: _seq, ...row } = await delivery();
      seen.push(row);
    }
    expect(seen[0]).toMatchObject({ fate: 1, attempts: 1, status: 200, trigger: 2, replay_id: 'rpl_1', requested_at_ms: '1500', hook_version: '3', next_attempt_at_ms: '0' });
    for (const row of seen) expect(row).toEqual(seen[0]);
    expect(mergeDelivery(mergeDelivery(rows.request, failed), done)).toMatchObject({ fate: 1, trigger: 2, requestedAtMs: 1_500 });
  });

  it('keeps the fate of the higher owner epoch, whatever a zombie still publishes', async () => {
    await store.write(planOf(OUTCOMES, 0, 1, { deliveries: [outcomeRows({ ownerEpoch: 5, ownerSequence: 1 }).delivery] }));
    await store.write(planOf(OUTCOMES, 1, 2, { deliveries: [outcomeRows({ ownerEpoch: 4, ownerSequence: 99, fate: 'exhausted', fateReason: 'gave-up' }).delivery] }));
    expect(await delivery()).toMatchObject({ fate: 1, fate_reason: '', owner_epoch: '5' });
  });

  it('numbers rows in the order of commits: no reader of everything up to the head ever sees a gap filled later', async () => {
    const writers = Array.from({ length: 4 }, async (_, partition) => {
      await store.positions(EVENTS, [partition]);
      for (let offset = 0; offset < 40; offset += 1) {
        const plan = planOf(EVENTS, offset, offset + 1, { events: [eventRow({ eventId: `evt_${partition}_${offset}` }), eventRow({ eventId: `evt_${partition}_${offset}b` })] });
        await store.write({ ...plan, positions: plan.positions.map((move) => ({ ...move, partition })) });
      }
    });
    const seen: number[] = [];
    let isWriting = true;
    const reader = (async () => {
      let after = 0;
      for (let last = false; ; last = !isWriting) {
        const { rows } = await pool.query<{ seq: string }>('SELECT seq FROM log_query.events WHERE seq > $1 ORDER BY seq', [after]);
        seen.push(...rows.map((row) => Number(row.seq)));
        after = seen.at(-1) ?? after;
        if (last) return;
      }
    })();
    await Promise.all(writers);
    isWriting = false;
    await reader;
    expect(seen).toHaveLength(4 * 40 * 2);
  });
});
