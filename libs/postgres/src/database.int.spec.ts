import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startFaultProxy, testDatabase, type TestDatabase } from '@hooklane/testkit';
import pg from 'pg';
import { isConnectionFailure, openDatabase, type Database } from './index.js';
import { endWhenSilent } from './silent-connection.js';

let test: TestDatabase;
let database: Database;

beforeAll(async () => {
  test = await testDatabase();
  database = openDatabase({ url: test.url, tls: 'disable' });
}, 60_000);

afterAll(async () => {
  await database.close();
  await test.drop();
});

describe('openDatabase', () => {
  it('survives the loss of a connection between two statements of a transaction', async () => {
    const client = await database.pool('lost', 1).connect();
    await client.query('BEGIN');
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    // The pool's own listener is for idle connections: without another one the process ends here.
    const loss = new Promise<void>((done) => client.once('end', done));
    expect(client.listenerCount('error')).toBeGreaterThan(0);
    await database.pool('other', 1).query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
    await loss;
    await expect(client.query('COMMIT')).rejects.toThrow();
    client.release(true);
    expect((await database.pool('lost', 1).query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });
});

describe('a connection that nobody answers on', () => {
  it('is ended when a statement gets no answer, is not while it idles, and is replaced', async () => {
    const url = new URL(test.url);
    const proxy = await startFaultProxy({ host: url.hostname, port: Number(url.port) });
    url.port = String(proxy.port);
    const pool = new pg.Pool({ connectionString: url.href, max: 1, onConnect: (client) => endWhenSilent(client, 200) });
    pool.on('error', () => undefined);
    const pid = async (): Promise<unknown> => (await pool.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid;
    try {
      const first = await pid();
      await new Promise((done) => setTimeout(done, 500));
      expect(await pid()).toBe(first);
      proxy.halfOpen();
      const failure = await pid().catch((error: unknown) => error);
      expect([failure instanceof Error, isConnectionFailure(failure)]).toEqual([true, true]);
      expect(await pid()).not.toBe(first);
    } finally {
      await pool.end();
      await proxy.stop();
    }
  });

  it('keeps no locks: a session that does nothing in a transaction is ended by the server', async () => {
    const { rows } = await database.pool('idle', 1).query<{ idle_in_transaction_session_timeout: string }>('SHOW idle_in_transaction_session_timeout');
    expect(rows[0]?.idle_in_transaction_session_timeout).toBe('20s');
  });
});
