import { startEmbeddedPostgres } from '@hooklane/embedded-postgres';
import { AppError } from '@hooklane/kernel';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { postgresDirectory, prepareDataDirectory } from './data-directory.js';
import { lockDataDirectory } from './data-lock.js';

/** Everything that an embedded installation puts into its data directory; anything else there is somebody else's. */
const OURS = /^(?:postgres|master\.key(?:\.new)?|control\.json(?:\.new)?|lock(?:\.\d+)?)$/;

/**
 * Deletes what an embedded installation stored. A Postgres that a killed process left is stopped first: it would go on writing into what is gone.
 * @returns whether there was anything
 * @throws AppError `data-directory-in-use`, `unusable-data-directory` when the directory holds things that are not ours
 */
export async function removeEmbeddedData(path: string): Promise<boolean> {
  const dataDir = resolve(path);
  if (!existsSync(dataDir) || readdirSync(dataDir).length === 0) return false;
  const foreign = readdirSync(dataDir).find((name) => !OURS.test(name));
  if (foreign !== undefined) throw new AppError('unusable-data-directory', `${dataDir} holds "${foreign}", which Hooklane did not put there: nothing was deleted.`);
  prepareDataDirectory(dataDir);
  const unlock = lockDataDirectory(dataDir);
  try {
    await stopOrphan(postgresDirectory(dataDir));
    for (const name of readdirSync(dataDir)) if (name !== 'lock') rmSync(join(dataDir, name), { recursive: true, force: true });
  } finally {
    unlock();
  }
  return true;
}

async function stopOrphan(directory: string): Promise<void> {
  if (!existsSync(join(directory, 'data', 'postmaster.pid'))) return;
  try {
    await (await startEmbeddedPostgres({ dataDir: directory })).stop();
  } catch {
    // It does not start, so none is running: what cannot be started can be deleted.
  }
}

