import type { MigrationInterface, QueryRunner } from 'typeorm';
import { AppError } from '@hooklane/kernel';
import type { MasterKey } from '@hooklane/secret-box';
import type { Database, MigrationSet } from '@hooklane/postgres';

class CreateMasterKeys1763700000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE process.master_keys (key_id text PRIMARY KEY, first_used_at timestamptz NOT NULL DEFAULT now())');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE process.master_keys');
  }
}

/** Which master key the secrets of this database were sealed with: only its id, which tells nothing of the key. */
export const processMigrations: MigrationSet = { schema: 'process', migrations: [CreateMasterKeys1763700000001] };

/** @returns null when nothing was sealed yet. */
export async function masterKeyIdOf(database: Database): Promise<string | null> {
  const { rows } = await database.pool('process', 1).query<{ key_id: string }>('SELECT key_id FROM process.master_keys ORDER BY first_used_at LIMIT 1');
  return rows[0]?.key_id ?? null;
}

/**
 * Binds a new database to the key, and keeps a process with another key from starting: it could not open one secret.
 * @param source where the key came from, for the person who reads the error
 * @throws AppError `master-key-wrong`
 */
export async function checkMasterKey(database: Database, key: MasterKey, source: string): Promise<void> {
  // Of processes that start at the same time on an empty database the first one wins.
  await database.pool('process', 1).query('INSERT INTO process.master_keys (key_id) SELECT $1 WHERE NOT EXISTS (SELECT FROM process.master_keys)', [key.id]);
  const expected = await masterKeyIdOf(database);
  if (expected === key.id) return;
  throw new AppError('master-key-wrong', `The secrets in this database were sealed with master key ${expected}, but ${source} holds ${key.id}: put the right key back.`);
}
