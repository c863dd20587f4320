import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migrate, openDatabase, type Database } from '@hooklane/postgres';
import { testDatabase, type TestDatabase } from '@hooklane/testkit';
import { ClaimsAndQuota1763730000000 } from '../migrations/1-claims-and-quota.js';
import type { ClaimRow, ClaimStore } from '../ports.js';
import { claimStore } from './claim-store.pg.js';

let server: TestDatabase;
let database: Database;
let keyNumber = 0;

beforeAll(async () => {
  server = await testDatabase();
  const settings = { url: server.url, tls: 'disable' as const };
  await migrate(settings, [{ schema: 'event_ingest', migrations: [ClaimsAndQuota1763730000000] }]);
  database = openDatabase(settings);
}, 60_000);

afterAll(async () => {
  await database?.close();
  await server?.drop();
});

const process_ = (owner: string, part: { leaseMs?: number; keptMs?: number; timeoutMs?: number; soleOwner?: boolean } = {}): ClaimStore =>
  claimStore(database.pool('ingest', 4), { owner, leaseMs: 10_000, keptMs: 86_400_000, timeoutMs: 5_000, soleOwner: false, ...part });
const row = (part: Partial<ClaimRow> = {}): ClaimRow => ({ tenantId: 't1', key: `id:${++keyNumber}`, hash: Buffer.alloc(32, 1), eventId: 'evt_1', acceptedAtMs: 1_000, ...part });

describe('claims in Postgres', () => {
  it('lets one process have an id, and shows the others that it is pending', async () => {
    const claim = row();
    expect(await process_('a').claim([claim])).toEqual([{ state: 'granted', eventId: 'evt_1', acceptedAtMs: 1_000 }]);
    expect(await process_('b').claim([claim])).toEqual([{ state: 'pending', sameRequest: true }]);
    expect(await process_('b').claim([{ ...claim, hash: Buffer.alloc(32, 2) }])).toEqual([{ state: 'pending', sameRequest: false }]);
  });

  it('answers what was settled with the first answer, and tells another request from the same', async () => {
    const claim = row({ acceptedAtMs: 1_763_730_000_123 });
    const a = process_('a');
    await a.claim([claim]);
    await a.settle([claim]);
    expect(await process_('b').claim([{ ...claim, eventId: 'evt_2', acceptedAtMs: 5 }])).toEqual([{ state: 'settled', sameRequest: true, eventId: 'evt_1', acceptedAtMs: 1_763_730_000_123 }]);
    expect(await process_('b').claim([{ ...claim, hash: Buffer.alloc(32, 2) }])).toMatchObject([{ state: 'settled', sameRequest: false }]);
  });

  it('grants one of many processes that ask at once', async () => {
    const claim = row();
    const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => process_(`p${index}`).claim([claim])));
    expect(answers.flat().filter(({ state }) => state === 'granted')).toHaveLength(1);
  });

  it('gives a process again what it claimed without hearing the answer', async () => {
    const claim = row();
    await process_('a').claim([claim]);
    expect(await process_('a').claim([{ ...claim, eventId: 'evt_2', acceptedAtMs: 2_000 }])).toEqual([{ state: 'granted', eventId: 'evt_1', acceptedAtMs: 1_000 }]);
  });

  it('keeps the first event id and time when another process takes over after the lease', async () => {
    const claim = row();
    await process_('a', { leaseMs: 1 }).claim([claim]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await process_('b').claim([{ ...claim, hash: Buffer.alloc(32, 9) }])).toEqual([{ state: 'pending', sameRequest: false }]);
    expect(await process_('b').claim([{ ...claim, eventId: 'evt_2', acceptedAtMs: 2_000 }])).toEqual([{ state: 'granted', eventId: 'evt_1', acceptedAtMs: 1_000 }]);
    await process_('a').settle([claim]);
    expect(await process_('c').claim([claim])).toEqual([{ state: 'pending', sameRequest: true }]);
  });

  it('gives the only owner at once what a former one left, with its first event id and time, but for another request', async () => {
    const claim = row();
    await process_('dead').claim([claim]);
    const alone = process_('alone', { soleOwner: true });
    expect(await alone.claim([{ ...claim, hash: Buffer.alloc(32, 9) }])).toEqual([{ state: 'pending', sameRequest: false }]);
    expect(await alone.claim([{ ...claim, eventId: 'evt_2', acceptedAtMs: 2_000 }])).toEqual([{ state: 'granted', eventId: 'evt_1', acceptedAtMs: 1_000 }]);
    await alone.settle([claim]);
    expect(await alone.claim([claim])).toMatchObject([{ state: 'settled', eventId: 'evt_1' }]);
  });

  it('keeps others off for as long as it is renewed', async () => {
    const claim = row();
    const a = process_('a', { leaseMs: 200 });
    await a.claim([claim]);
    await process_('a', { leaseMs: 60_000 }).renew([claim]);
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(await process_('b').claim([claim])).toEqual([{ state: 'pending', sameRequest: true }]);
  });

  it('is free again once released, but only by its owner and not when settled', async () => {
    const [released, foreign, settled] = [row(), row(), row()];
    const a = process_('a');
    await a.claim([released, foreign, settled]);
    await a.settle([settled]);
    await a.release([released, settled]);
    await process_('b').release([foreign]);
    expect((await process_('c').claim([released, foreign, settled])).map(({ state }) => state)).toEqual(['granted', 'pending', 'settled']);
  });

  it('forgets after 24 hours, and removes what it forgot', async () => {
    const claim = row();
    const short = process_('a', { keptMs: 1 });
    await short.claim([claim]);
    await short.settle([claim]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await process_('b', { keptMs: 1 }).claim([{ ...claim, hash: Buffer.alloc(32, 5), eventId: 'evt_9' }])).toMatchObject([{ state: 'granted', eventId: 'evt_9' }]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await process_('b').removeExpired()).toBeGreaterThanOrEqual(1);
  });

  it('keeps tenants apart', async () => {
    const claim = row();
    expect(await process_('a').claim([claim, { ...claim, tenantId: 't2', hash: Buffer.alloc(32, 3) }])).toMatchObject([{ state: 'granted' }, { state: 'granted' }]);
  });

  it('says that the database is away, and does not wait for one that hangs', async () => {
    const away = openDatabase({ url: 'postgres://nobody@127.0.0.1:1/none', tls: 'disable' });
    await expect(claimStore(away.pool('ingest', 1), { owner: 'a', leaseMs: 1, keptMs: 1, timeoutMs: 100, soleOwner: false }).claim([row()])).rejects.toMatchObject({ code: 'database-unavailable', retryable: true });
    await away.close();
    const holder = await database.pool('holder', 1).connect();
    try {
      await holder.query('BEGIN; LOCK TABLE event_ingest.claims IN ACCESS EXCLUSIVE MODE');
      await expect(process_('a', { timeoutMs: 100 }).claim([row()])).rejects.toMatchObject({ code: 'database-unavailable' });
    } finally {
      await holder.query('ROLLBACK');
      holder.release();
    }
  });
});
