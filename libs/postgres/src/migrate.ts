import pg from 'pg';
import { DataSource, type MigrationInterface } from 'typeorm';
import { clientSettings, type DatabaseSettings } from './database.js';

/** The migrations of one service; they live in its own Postgres schema, with typeorm's bookkeeping table beside them. */
export interface MigrationSet {
  /** The service's Postgres schema, created when it is not there. */
  readonly schema: string;
  /** In order; typeorm takes the order from the timestamp at the end of each class name. */
  readonly migrations: readonly (new () => MigrationInterface)[];
}

// "hooklane" as a number that no other user of the server is likely to lock.
const LOCK_KEY = 0x686f6f6b;

/**
 * Brings every schema up to date. Several processes may call it at once: an advisory lock lets one work and the others find nothing to do
 * (typeorm itself takes no lock; two of three migrating pods failed with 23505, stack.md 4).
 */
export async function migrate(settings: DatabaseSettings, sets: readonly MigrationSet[]): Promise<void> {
  const client = new pg.Client(clientSettings(settings));
  // A loss shows in the query that meets it.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK_KEY]);
    for (const set of sets) {
      await client.query(`CREATE SCHEMA IF NOT EXISTS ${pg.escapeIdentifier(set.schema)}`);
      await migrateSchema(settings, set);
    }
  } finally {
    // Ending the session releases the lock.
    await client.end();
  }
}

async function migrateSchema(settings: DatabaseSettings, set: MigrationSet): Promise<void> {
  const source = new DataSource({
    type: 'postgres',
    url: settings.url,
    ssl: clientSettings(settings).ssl,
    schema: set.schema,
    migrations: [...set.migrations],
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'each',
    extra: { options: `-c search_path=${set.schema}` },
  });
  await source.initialize();
  try {
    await source.runMigrations();
  } finally {
    await source.destroy();
  }
}
