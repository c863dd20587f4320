import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testDatabase, type TestDatabase } from '@hooklane/testkit';
import { openDatabase, type Database } from './index.js';

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
