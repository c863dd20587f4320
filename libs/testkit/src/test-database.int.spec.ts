import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { testDatabase } from './test-database.js';

describe('testDatabase', () => {
  it('gives every caller an empty database of its own, and removes it under its users', async () => {
    const [one, other] = await Promise.all([testDatabase(), testDatabase()]);
    expect(one.name).not.toBe(other.name);
    const client = new pg.Client({ connectionString: one.url });
    client.on('error', () => undefined);
    await client.connect();
    await client.query('CREATE TABLE t ()');
    const neighbour = new pg.Client({ connectionString: other.url });
    await neighbour.connect();
    expect((await neighbour.query("SELECT count(*)::int AS n FROM pg_tables WHERE schemaname = 'public'")).rows).toEqual([{ n: 0 }]);
    await neighbour.end();
    await one.drop();
    await other.drop();
    await expect(client.query('SELECT 1')).rejects.toThrow();
    await client.end().catch(() => undefined);
  });
});
