import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { migrate, openDatabase, type Database } from '@hooklane/postgres';
import { testClock, testDatabase, type TestDatabase } from '@hooklane/testkit';
import type pg from 'pg';
import { eventRow, outcomeRows, planOf } from '../../test/support/rows.js';
import { mergeDelivery, requestedDelivery } from '../read-model/delivery-row.js';
import { PgDayPartitions } from './day-partitions.pg.js';
import { logQueryMigrations } from './migrations/index.js';
import { openQueries } from './queries.pg.js';
import { PgReadModelStore } from './read-model-store.pg.js';
import { PgTailQueries } from './tail-queries.pg.js';
import { assemble } from '../writer/flush-plan.js';

// The first spec of a run starts the server.
jest.setTimeout(30_000);

let testing: TestDatabase;
let database: Database;
let pool: pg.Pool;
let store: PgReadModelStore;
let tail: PgTailQueries;
/** The first offset that the log still has of partition 0. */
let logBegins = 0;

const EVENTS = 'events.accepted';
const OUTCOMES = 'delivery.outcomes';
const REQUESTS = 'deliveries.requested';
const NOW_MS = 3_000;

beforeAll(async () => {
  testing = await testDatabase();
  await migrate({ url: testing.url, tls: 'disable' }, [logQueryMigrations]);
  database = openDatabase({ url: testing.url, tls: 'disable' });
  pool = database.pool('spec', 6);
  store = new PgReadModelStore(pool);
  tail = new PgTailQueries(openQueries(database, 2, 5_000), () => Promise.resolve([logBegins]));
  await new PgDayPartitions(pool, testClock()).ensure([1_000, 2_000]);
});

afterAll(async () => {
  await database.close();
  await testing.drop();
});

beforeEach(async () => {
  logBegins = 0;
  await pool.query('TRUNCATE log_query.events, log_query.deliveries, log_query.attempts, log_query.unmatched, log_query.positions, log_query.flushes');
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
    const plan = planOf(EVENTS, 0, 2, { events: [eventRow(), eventRow({ eventId: 'evt_2' }, 1)] });
    const first = await store.write(plan, NOW_MS);
    const second = await store.write(plan, NOW_MS);
    expect(first.kind).toBe('written');
    expect(second.kind).toBe('written');
    expect(await count('events')).toBe(2);
    expect(await store.positions(EVENTS, [0])).toEqual([{ nextOffset: 2, marks: '', numbered: 2 }]);
  });

  it('writes nothing for a partition that another instance has moved on', async () => {
    await store.write(planOf(EVENTS, 0, 7, { events: [eventRow()] }), NOW_MS);
    const result = await store.write(planOf(EVENTS, 0, 3, { events: [eventRow({ eventId: 'evt_stale' })] }), NOW_MS);
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
        await store.write(planOf(REQUESTS, at, at + 1, { deliveries: [rows[name]] }), NOW_MS);
      }
      seen.push(await delivery());
    }
    expect(seen[0]).toMatchObject({ fate: 1, attempts: 1, status: 200, trigger: 2, replay_id: 'rpl_1', requested_at_ms: '1500', hook_version: '3', next_attempt_at_ms: '0' });
    for (const row of seen) expect(row).toEqual(seen[0]);
    expect(mergeDelivery(mergeDelivery(rows.request, failed), done)).toMatchObject({ fate: 1, trigger: 2, requestedAtMs: 1_500 });
  });

  it('keeps the fate of the higher owner epoch, whatever a zombie still publishes', async () => {
    await store.write(planOf(OUTCOMES, 0, 1, { deliveries: [outcomeRows({ ownerEpoch: 5, ownerSequence: 1 }).delivery] }), NOW_MS);
    await store.write(planOf(OUTCOMES, 1, 2, { deliveries: [outcomeRows({ ownerEpoch: 4, ownerSequence: 99, fate: 'exhausted', fateReason: 'gave-up' }).delivery] }), NOW_MS);
    expect(await delivery()).toMatchObject({ fate: 1, fate_reason: '', owner_epoch: '5' });
  });

  it('numbers records in the order of commits: no reader of everything up to the head ever sees a gap filled later', async () => {
    let after = await store.lastSeq();
    const writers = Array.from({ length: 4 }, async (_, partition) => {
      await store.positions(EVENTS, [partition]);
      for (let offset = 0; offset < 80; offset += 2) {
        const events = [0, 1].map((more) => ({ ...eventRow({ eventId: `evt_${partition}_${offset + more}` }, offset + more), logPartition: partition }));
        const [move] = planOf(EVENTS, offset, offset + 2, {}).positions;
        await store.write(assemble([{ position: { ...move!, partition }, events, attempts: [], deliveries: [], unmatched: [] }]), NOW_MS);
      }
    });
    const seen: number[] = [];
    let isWriting = true;
    const reader = (async () => {
      for (let last = false; ; last = !isWriting) {
        const newest = await store.lastSeq();
        const { events, upTo } = newest > after ? await tail.look('acme', after, newest) : { events: [], upTo: after };
        seen.push(...events.map(({ seq }) => seq).toSorted((a, b) => a - b));
        after = upTo;
        if (last && after === (await store.lastSeq())) return;
      }
    })();
    await Promise.all(writers);
    isWriting = false;
    await reader;
    expect(seen).toEqual(Array.from({ length: 4 * 80 }, (_, index) => seen[0]! + index));
  });

  it('leaves a record its number when it is written again, and shows nothing behind one that is not there yet', async () => {
    const before = await store.lastSeq();
    const rows = [eventRow({ eventId: 'evt_1' }, 0), eventRow({ eventId: 'evt_2', acceptedAtMs: 1_900 }, 1)];
    await store.write(planOf(EVENTS, 0, 2, { events: rows }), NOW_MS);
    const head = await store.lastSeq();
    const first = await tail.look('acme', before, head);
    expect(first.events.map(({ seq }) => seq)).toEqual([before + 1, before + 2]);
    await pool.query('TRUNCATE log_query.events; UPDATE log_query.positions SET next_offset = 0');
    expect(await tail.look('acme', before, head)).toMatchObject({ upTo: before, events: [] });
    const [position] = await store.positions(EVENTS, [0]);
    expect(position).toMatchObject({ nextOffset: 0, numbered: 2 });
    await store.write(planOf(EVENTS, 0, 3, { events: [...rows, eventRow({ eventId: 'evt_3' }, 2)] }, position!.numbered), NOW_MS);
    expect(await store.lastSeq()).toBe(head + 1);
    expect(await tail.look('acme', before, head)).toEqual(first);
    expect((await tail.look('acme', before + 1, head + 1)).events.map(({ seq }) => seq).toSorted()).toEqual([before + 2, head + 1]);
  });

  it('does not wait for what the log no longer has', async () => {
    const before = await store.lastSeq();
    await store.write(planOf(EVENTS, 0, 2, { events: [eventRow({}, 0), eventRow({ eventId: 'evt_2' }, 1)] }), NOW_MS);
    const head = await store.lastSeq();
    await pool.query('TRUNCATE log_query.events; UPDATE log_query.positions SET next_offset = 0');
    logBegins = 1;
    expect(await tail.look('acme', before, head)).toMatchObject({ upTo: before });
    logBegins = 2;
    expect(await tail.look('acme', before, head)).toMatchObject({ upTo: head, events: [] });
  });

  it('asks once for what many flushes brought on time, however long it was quiet between, and shows nothing twice', async () => {
    const before = await store.lastSeq();
    const times = [1_000, 20_000, 20_500, 40_000_000, 18_500];
    for (const [offset, acceptedAtMs] of times.entries()) {
      await store.write(planOf(EVENTS, offset, offset + 1, { events: [eventRow({ eventId: `evt_${offset}`, acceptedAtMs }, offset)] }), acceptedAtMs === 18_500 ? 40_000_500 : acceptedAtMs + 100);
    }
    const asked: unknown[] = [];
    const queries = openQueries(database, 1, 5_000);
    const counting = new PgTailQueries({ rows: (text, values) => { if (text.includes('FROM log_query.events')) asked.push(values?.slice(1, 3)); return queries.rows(text, values); } }, () => Promise.resolve([0]));
    const { events } = await counting.look('acme', before, await store.lastSeq());
    expect(events.map(({ seq }) => seq).toSorted((a, b) => a - b)).toEqual(times.map((_, index) => before + 1 + index));
    expect(asked).toEqual([[1_000, 40_000_000]]);
  });

  it('finds what happened long before it was written, without looking through the time between', async () => {
    const before = await store.lastSeq();
    const [late, now] = [outcomeRows({ atMs: 1_100 }, 0).attempt, outcomeRows({ atMs: 80_000_000 }, 1).attempt];
    await store.write(planOf(OUTCOMES, 0, 2, { attempts: [late, now] }), NOW_MS);
    const { outcomes } = await tail.look('acme', before, await store.lastSeq());
    expect(outcomes.map(({ seq, outcome }) => [seq, outcome.attempt.atMs]).toSorted()).toEqual([[before + 1, 1_100], [before + 2, 80_000_000]]);
    const { rows } = await pool.query<{ contents: string }>('SELECT contents FROM log_query.flushes ORDER BY last_seq DESC LIMIT 1');
    expect(JSON.parse(rows[0]!.contents).outcomes.times).toEqual([[1_100, 1_100], [80_000_000, 80_000_000]]);
  });
});
