import pg from 'pg';
import type { Platform } from '../platform/platform.js';

/** What the platform's Postgres has done since it started. */
export interface DatabaseWork {
  /** Transactions; every statement outside a transaction is one, so this is an upper bound of the round trips that matter. */
  readonly commits: number;
  readonly rowsWritten: number;
}

/** Postgres publishes its counters with a delay of up to a second; the caller's run is long against that. */
export async function databaseWork(platform: Platform): Promise<DatabaseWork> {
  const client = new pg.Client({ connectionString: platform.databaseUrl() });
  await client.connect();
  try {
    const { rows } = await client.query<{ commits: string; written: string }>(
      'SELECT xact_commit AS commits, tup_inserted + tup_updated + tup_deleted AS written FROM pg_stat_database WHERE datname = current_database()',
    );
    return { commits: Number(rows[0]?.commits), rowsWritten: Number(rows[0]?.written) };
  } finally {
    await client.end();
  }
}
