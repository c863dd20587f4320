import { AppError } from '@hooklane/kernel';
import { isConnectionFailure, sqlStateOf, type Database } from '@hooklane/postgres';
import type pg from 'pg';

/** Reads of the read models: failures become what the caller is told, and nothing runs longer than its time. */
export interface Queries {
  rows<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

const QUERY_CANCELED = '57014';
const RETRY_AFTER_MS = 2_000;

export function openQueries(database: Database, connections: number, timeoutMs: number): Queries {
  const pool = database.pool('log-query-read', connections);
  const prepared = new WeakSet<pg.PoolClient>();
  const connect = async (): Promise<pg.PoolClient> => {
    const client = await pool.connect();
    if (prepared.has(client)) return client;
    try {
      // Plans of a page are cheap to run and dear to compile.
      await client.query(`SET statement_timeout = ${timeoutMs}; SET jit = off`);
    } catch (error) {
      client.release(true);
      throw error;
    }
    prepared.add(client);
    return client;
  };
  return {
    async rows<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) {
      try {
        const client = await connect();
        let failure: unknown;
        try {
          return (await client.query<Row>(text, [...values])).rows;
        } catch (error) {
          failure = error;
          throw error;
        } finally {
          client.release(isConnectionFailure(failure));
        }
      } catch (error) {
        throw publicError(error, timeoutMs);
      }
    },
  };
}

function publicError(error: unknown, timeoutMs: number): unknown {
  const options = { retryable: true, retryAfterMs: RETRY_AFTER_MS, cause: error };
  if (sqlStateOf(error) === QUERY_CANCELED) return new AppError('database-unavailable', `The query took longer than ${timeoutMs} ms; narrow its time range or filters.`, options);
  if (isConnectionFailure(error)) return new AppError('database-unavailable', 'The database cannot be reached.', options);
  return error;
}
