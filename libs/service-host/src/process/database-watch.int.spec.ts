import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openDatabase, type Database } from '@hooklane/postgres';
import { startFaultProxy, testDatabase, type FaultProxy, type TestDatabase } from '@hooklane/testkit';
import { needDatabase, watchDatabase } from './database-watch.js';

describe('the watch over the database', () => {
  let server: TestDatabase;
  let proxy: FaultProxy;
  let database: Database;
  let unwatch: () => void;
  let told: { next(state: string): Promise<string> };

  beforeEach(async () => {
    server = await testDatabase();
    const url = new URL(server.url);
    proxy = await startFaultProxy({ host: url.hostname, port: Number(url.port) });
    url.hostname = '127.0.0.1';
    url.port = String(proxy.port);
    database = openDatabase({ url: url.href, tls: 'disable' });
    const states: string[] = [];
    told = {
      async next(wanted) {
        while (!(states.at(-1) ?? '').startsWith(wanted)) await new Promise((resolve) => setTimeout(resolve, 20));
        return states.at(-1) as string;
      },
    };
    unwatch = watchDatabase(database, { ready: () => void states.push('ready'), notReady: (reason) => void states.push(`not ready: ${reason}`) }, { everyMs: 50, withinMs: 300 });
  });

  afterEach(async () => {
    unwatch();
    proxy.heal();
    await database.close();
    await proxy.stop();
    await server.drop();
  });

  it('says so when the server stands still, which breaks no connection, and when it goes on', async () => {
    await told.next('ready');
    proxy.freeze();
    expect(await told.next('not ready')).toContain('Postgres does not answer');
    proxy.heal();
    await told.next('ready');
  });

  it('says so when the server is away', async () => {
    await told.next('ready');
    proxy.away();
    await told.next('not ready');
  });

  it('is for processes that can do nothing without it', () => {
    const stores = { schema: 's', migrations: [] };
    expect(needDatabase([{ migrations: null }, { migrations: stores, worksWithoutDatabase: true }])).toBe(false);
    expect(needDatabase([{ migrations: stores, worksWithoutDatabase: true }, { migrations: stores }])).toBe(true);
  });
});
