import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { migrate, openDatabase, type Database } from '@hooklane/postgres';
import { testDatabase, type TestDatabase } from '@hooklane/testkit';
import { CreateDelivery1763700000000 } from '../migrations/create-delivery-1763700000000.js';
import { LaneModes1763700000002 } from '../migrations/lane-modes-1763700000002.js';
import { SuspectReleases1763700000003 } from '../migrations/suspect-releases-1763700000003.js';
import type { LeaseRow } from '../lanes/lease.js';
import type { ParkedRow } from '../ports.js';
import { PgLaneRowStore } from './lane-store.pg.js';
import { PgLeaseStore } from './lease-store.pg.js';
import { PgParkingStore } from './parking-store.pg.js';

let server: TestDatabase;
let database: Database;
let leases: PgLeaseStore;
let lanes: PgLaneRowStore;
let parking: PgParkingStore;

beforeAll(async () => {
  server = await testDatabase();
  await migrate({ url: server.url, tls: 'disable' }, [{ schema: 'delivery', migrations: [CreateDelivery1763700000000, LaneModes1763700000002, SuspectReleases1763700000003] }]);
  database = openDatabase({ url: server.url, tls: 'disable' });
  const pool = database.pool('spec', 4);
  leases = new PgLeaseStore(pool);
  lanes = new PgLaneRowStore(pool);
  parking = new PgParkingStore(pool);
});

beforeEach(async () => {
  await database.pool('spec', 4).query('TRUNCATE delivery.progress, delivery.lanes, delivery.parked, delivery.parked_events');
});

afterAll(async () => {
  await database.close();
  await server.drop();
});

async function take(owner: string, partition = 0): Promise<number> {
  const [row] = (await leases.read([partition])) as [LeaseRow];
  return (await leases.take(row, owner, 0))!.epoch;
}

const parkedRow = (offset: number, hookId: string, event = `event ${offset}`): ParkedRow => ({ partition: 0, offset, hookId, hookVersion: 4, acceptedAtMs: 1_000 + offset, tenantId: 'acme', eventId: `evt_${offset}`, trigger: 'event', replayId: '', orderingKey: '', event: Buffer.from(event) });

describe('leases', () => {
  it('are taken once, with a higher epoch each time', async () => {
    const [row] = (await leases.read([0])) as [LeaseRow];
    expect(row).toMatchObject({ owner: null, expired: true });
    const both = await Promise.all([leases.take(row, 'a', 0), leases.take(row, 'b', 0)]);
    expect(both.filter(Boolean)).toHaveLength(1);
    const [now] = (await leases.read([0])) as [LeaseRow];
    expect(now.expired).toBe(false);
    expect((await leases.take(now, 'c', 41))?.epoch).toBe(41);
  });

  it('carry the progress from owner to owner, and answer a former owner that they are gone', async () => {
    const epoch = await take('a');
    const progress = { partition: 0, epoch, watermark: 12, marks: new Map([['lineage/1', { position: 9, hookId: 'hook_z' }]]), outcomesFrom: 5 };
    expect((await leases.renew('a', [progress])).partitions).toEqual(new Set([0]));
    const [row] = (await leases.read([0])) as [LeaseRow];
    const taken = await leases.take(row, 'b', 0);
    expect(taken?.progress).toEqual({ watermark: 12, marks: progress.marks, outcomesFrom: 5 });
    expect((await leases.renew('a', [{ ...progress, watermark: 99 }])).partitions.size).toBe(0);
    await leases.release('b', [{ ...progress, epoch: taken!.epoch, watermark: 20, suspectBelow: 7 }], []);
    const [free] = (await leases.read([0])) as [LeaseRow];
    expect(free.owner).toBeNull();
    expect(await leases.take(free, 'c', 0)).toMatchObject({ suspectBelow: 7, progress: { watermark: 20 } });
  });

  it('are let go of together with the rows of lanes whose requests are in flight, by their owner only', async () => {
    const epoch = await take('a');
    const progress = { partition: 0, epoch, watermark: 3, marks: new Map(), outcomesFrom: 2, suspectBelow: 0 };
    const row = (hookId: string, state: string) => ({ partition: 0, hookId, tenantId: 'acme', state, unpublished: null });
    await lanes.write('a', [{ partition: 0, epoch }], [{ ...row('hook_1', 'before'), unpublished: Buffer.from('outcome') }, row('hook_3', 'stays')]);
    await leases.release('b', [progress], [row('hook_1', 'of another')]);
    await leases.release('a', [{ ...progress, epoch: epoch - 1 }], [row('hook_1', 'of another epoch')]);
    expect(await leases.read([0])).toMatchObject([{ owner: 'a' }]);
    await leases.release('a', [progress], [row('hook_1', 'busy'), row('hook_2', 'busy')]);
    expect(await leases.read([0])).toMatchObject([{ owner: null }]);
    expect(await lanes.read(0)).toEqual([row('hook_1', 'busy'), row('hook_2', 'busy'), row('hook_3', 'stays')]);
    // The answer was lost, and it is said again: by then it may be another's.
    await take('b');
    await leases.release('a', [progress], [row('hook_1', 'again')]);
    expect(await leases.read([0])).toMatchObject([{ owner: 'b' }]);
    expect(await lanes.read(0, 'hook_1')).toEqual([row('hook_1', 'busy')]);
  });

  it('keep a row small: under 2 KiB with a mark for each of 48 sources', async () => {
    const epoch = await take('a');
    const marks = new Map(Array.from({ length: 48 }, (_, n) => [`${n.toString(16).padStart(12, '0')}/${n}`, { position: 2 ** 31, hookId: 'hook_01a1fe7d363d73dd9f27a00e953a7539' }]));
    await leases.renew('a', [{ partition: 0, epoch, watermark: 1, marks, outcomesFrom: 1 }]);
    const { rows } = await database.pool('spec', 4).query<{ bytes: number }>('SELECT pg_column_size(p.*)::int AS bytes FROM delivery.progress p');
    expect(rows[0]?.bytes).toBeLessThan(2_048);
  });
});

describe('lane rows', () => {
  it('are written and removed only by the owner of the epoch', async () => {
    const epoch = await take('a');
    const row = { partition: 0, hookId: 'hook_1', tenantId: 'acme', state: '{"n":1}', unpublished: Buffer.from('outcome') };
    expect(await lanes.write('a', [{ partition: 0, epoch }], [row])).toEqual(new Set([0]));
    expect(await lanes.read(0)).toEqual([row]);
    const newer = await take('b');
    expect((await lanes.write('a', [{ partition: 0, epoch }], [{ ...row, state: '' }])).size).toBe(0);
    expect(await lanes.read(0, 'hook_1')).toHaveLength(1);
    await lanes.write('b', [{ partition: 0, epoch: newer }], [{ ...row, state: '' }]);
    expect(await lanes.read(0)).toEqual([]);
  });
});

describe('parking', () => {
  it('stores the bytes of an event once for all its hooks and drops them with the last', async () => {
    const epoch = await take('a');
    await parking.park('a', [{ partition: 0, epoch }], [parkedRow(1, 'hook_1'), parkedRow(1, 'hook_2'), parkedRow(2, 'hook_1')]);
    await parking.park('a', [{ partition: 0, epoch }], [parkedRow(1, 'hook_1', 'another text')]);
    const events = async (): Promise<number> => (await database.pool('spec', 4).query<{ n: number }>('SELECT count(*)::int AS n FROM delivery.parked_events')).rows[0]!.n;
    expect(await events()).toBe(2);
    expect((await parking.page({ partition: 0, hookId: 'hook_1', after: -1, records: 10, bytes: 1_000 })).map(({ offset, event }) => [offset, event.toString()])).toEqual([[1, 'event 1'], [2, 'event 2']]);
    await parking.remove([{ partition: 0, offset: 1, hookId: 'hook_1' }]);
    expect(await events()).toBe(2);
    await parking.remove([{ partition: 0, offset: 1, hookId: 'hook_2' }, { partition: 0, offset: 2, hookId: 'hook_1' }]);
    expect(await events()).toBe(0);
  });

  it('hands out pages in order, within their records and bytes, but always at least one', async () => {
    const epoch = await take('a');
    await parking.park('a', [{ partition: 0, epoch }], Array.from({ length: 10 }, (_, n) => parkedRow(9 - n, 'hook_1', 'x'.repeat(100))));
    const offsets = async (after: number, records: number, bytes: number): Promise<number[]> => (await parking.page({ partition: 0, hookId: 'hook_1', after, records, bytes })).map(({ offset }) => offset);
    expect(await offsets(-1, 4, 1e6)).toEqual([0, 1, 2, 3]);
    expect(await offsets(3, 100, 250)).toEqual([4, 5, 6]);
    expect(await offsets(3, 100, 1)).toEqual([4]);
    expect(await parking.stats(0)).toEqual([{ hookId: 'hook_1', tenantId: 'acme', count: 10, lowest: 0, highest: 9, oldestAcceptedAtMs: 1_000, catchUps: 0 }]);
    expect((await parking.keysFrom(0, 8)).map(({ offset }) => offset)).toEqual([8, 9]);
  });

  it('hands out of a key, and of the line, nothing that waits for the end of a catch-up', async () => {
    const epoch = await take('a');
    const row = (offset: number, orderingKey: string, trigger = 'event') => ({ ...parkedRow(offset, 'hook_1'), orderingKey, trigger });
    await parking.park('a', [{ partition: 0, epoch }], [row(1, 'k'), row(2, ''), row(4, 'k'), row(5, ''), row(6, 'k', 'catch-up'), row(7, '', 'catch-up'), row(8, 'k')]);
    const offsets = async (which: object): Promise<number[]> => (await parking.page({ partition: 0, hookId: 'hook_1', after: -1, records: 10, bytes: 1e6, border: 3, ...which })).map(({ offset }) => offset);
    expect([await offsets({}), await offsets({ after: 2 })]).toEqual([[1, 2], [6, 7]]);
    expect([await offsets({ upTo: 8, orderingKey: 'k' }), await offsets({ upTo: 8, orderingKey: '' }), await offsets({ upTo: 6 })]).toEqual([[1, 6], [2, 7], [1, 2, 6]]);
    expect([await offsets({ upTo: 8, orderingKey: 'k', border: undefined }), await offsets({ upTo: 4, border: undefined })]).toEqual([[1, 4, 6, 8], [1, 2, 4]]);
  });

  it('stores nothing for a former owner', async () => {
    const epoch = await take('a');
    await take('b');
    expect((await parking.park('a', [{ partition: 0, epoch }], [parkedRow(1, 'hook_1')])).size).toBe(0);
    expect(await parking.stats(0)).toEqual([]);
  });
});
