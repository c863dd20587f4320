import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemClock } from '@hooklane/kernel';
import { migrate, openDatabase, type Database } from '@hooklane/postgres';
import { testDatabase, type TestDatabase } from '@hooklane/testkit';
import { ClaimsAndQuota1763730000000 } from '../migrations/1-claims-and-quota.js';
import { QuotaKeeper } from '../quota/quota-keeper.js';
import { quotaStore } from './quota-store.pg.js';

let server: TestDatabase;
let database: Database;

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

const store = () => quotaStore(database.pool('ingest', 4), 5_000);
const keeper = () => new QuotaKeeper(store(), systemClock, (error) => { throw error; });

describe('token buckets in Postgres', () => {
  it('begin full, are emptied, and refill by time up to the burst', async () => {
    const wish = { tenantId: 'a', eventsPerSecond: 100, burst: 20 };
    expect(await store().lease([{ ...wish, tokens: 15 }])).toEqual([15]);
    expect(await store().lease([{ ...wish, tokens: 15 }])).toEqual([expect.any(Number)]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await store().lease([{ ...wish, tokens: 1_000 }])).toEqual([20]);
  });

  it('hold one limit over two processes and a restart', async () => {
    const limit = { eventsPerSecond: 20, burst: 40 };
    const started = performance.now();
    const publish = async (process: QuotaKeeper): Promise<number> => {
      const taken: number[] = [];
      for (let round = 0; round < 40; round++) taken.push(await process.take('b', 1, limit));
      return taken.reduce((sum, count) => sum + count, 0);
    };
    const [one, other] = await Promise.all([publish(keeper()), publish(keeper())]);
    // A process that starts anew has an empty hand.
    const granted = one + other + (await publish(keeper()));
    const seconds = (performance.now() - started) / 1_000;
    expect(granted).toBeLessThanOrEqual(40 + Math.ceil(seconds * 20));
    expect(granted).toBeGreaterThanOrEqual(30);
  });

  it('serve many tenants in one statement', async () => {
    const wishes = Array.from({ length: 50 }, (_, index) => ({ tenantId: `many-${index}`, eventsPerSecond: index + 1, burst: index + 1, tokens: 5 }));
    expect(await store().lease(wishes)).toEqual(wishes.map(({ burst }) => Math.min(5, burst)));
  });
});
