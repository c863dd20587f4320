import type pg from 'pg';

/** Commits what `work` did, or nothing of it. Plans are not compiled: these statements take milliseconds, compiling them tenths of a second. */
export async function inTransaction<Result>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  let failed = true;
  try {
    await client.query('BEGIN; SET LOCAL jit = off');
    const result = await work(client);
    await client.query('COMMIT');
    failed = false;
    return result;
  } finally {
    // After a failure the connection's state is unknown; a new one costs a millisecond.
    client.release(failed);
  }
}
