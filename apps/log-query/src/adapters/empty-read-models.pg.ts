import { AppError } from '@hooklane/kernel';
import type { Database } from '@hooklane/postgres';

/**
 * Everything that is made of the streams. What is made of tables is read whole at every start, and keeps versions of hooks that the log has no more.
 * `flushes` stays: it says which records have which numbers, so that who followed the live log goes on where they were.
 */
const READ_MODELS = ['events', 'deliveries', 'attempts', 'unmatched', 'inbound_calls'].map((table) => `log_query.${table}`);
/** Everything is read again from the beginning; `numbered` stays. */
const READ_AGAIN = `UPDATE log_query.positions SET next_offset = 0, marks = CASE topic WHEN 'deliveries.requested' THEN '[]' ELSE '{}' END`;

/**
 * The job `rebuild`: empties the read models, so that the next start builds them again from the log.
 * @throws AppError `invalid-state` while a log-query runs: it would go on where it stood and leave a gap
 */
export async function emptyReadModels(database: Database): Promise<string> {
  const pool = database.pool('rebuild', 1);
  const { rows } = await pool.query<{ running: number }>(`SELECT count(*)::int AS running FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'hooklane-log-query%'`);
  if (rows[0]!.running > 0) throw new AppError('invalid-state', 'log-query is running on this database: stop every instance of it first.');
  await pool.query(`BEGIN; TRUNCATE ${READ_MODELS.join(', ')}; ${READ_AGAIN}; COMMIT`);
  return 'The read models of the log are empty; they are built again from the event log at the next start. What the log no longer holds is gone.';
}
