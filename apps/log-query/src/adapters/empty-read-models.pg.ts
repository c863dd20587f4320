import { AppError } from '@hooklane/kernel';
import type { Database } from '@hooklane/postgres';

/** Everything that is made of the streams, and how far they were read. What is made of tables is read whole at every start, and keeps versions of hooks that the log has no more. */
const READ_MODELS = ['events', 'deliveries', 'attempts', 'unmatched', 'positions'].map((table) => `log_query.${table}`);

/**
 * The job `rebuild`: empties the read models, so that the next start builds them again from the log.
 * @throws AppError `invalid-state` while a log-query runs: it would go on where it stood and leave a gap
 */
export async function emptyReadModels(database: Database): Promise<string> {
  const pool = database.pool('rebuild', 1);
  const { rows } = await pool.query<{ running: number }>(`SELECT count(*)::int AS running FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'hooklane-log-query%'`);
  if (rows[0]!.running > 0) throw new AppError('invalid-state', 'log-query is running on this database: stop every instance of it first.');
  await pool.query(`TRUNCATE ${READ_MODELS.join(', ')}`);
  return 'The read models of the log are empty; they are built again from the event log at the next start. What the log no longer holds is gone.';
}
