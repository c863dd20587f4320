import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { sharedServer } from './shared-servers.js';

/** A database of one spec's own. */
export interface TestDatabase {
  readonly url: string;
  readonly name: string;
  /** Removes it; whoever is still connected is cut off. */
  drop(): Promise<void>;
}

/**
 * Makes an empty database on the Postgres server that all specs of a run share. The server is the one that `HOOKLANE_TEST_POSTGRES_URL`
 * names, else an embedded one that the run starts when the first spec asks and ends with the run.
 */
export async function testDatabase(): Promise<TestDatabase> {
  const server = await sharedServer('postgres');
  const name = `test_${randomBytes(8).toString('hex')}`;
  await asAdmin(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, name, drop: () => asAdmin(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function asAdmin(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
