import { AppError } from '@hooklane/kernel';
import { accessSync, chmodSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/**
 * Makes the directory that everything of an embedded installation lives in: the lock, the master key, the database.
 * Others may pass through it (0711), because a database started by root runs as nobody; what is in it is closed to them.
 * @throws AppError `unusable-data-directory`
 */
export function prepareDataDirectory(path: string): string {
  const dataDir = resolve(path);
  try {
    const isNew = !existsSync(dataDir);
    makeDirectory(dataDir);
    if (isNew) chmodSync(dataDir, 0o711);
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
    return dataDir;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOSPC') throw new AppError('disk-full', `The disk of ${dataDir} is full.`, { cause: error });
    throw new AppError('unusable-data-directory', `The data directory ${dataDir} cannot be ${code === 'EEXIST' || code === 'ENOTDIR' ? 'made: there is a file of that name' : `made or written (${code})`}; choose another with HOOKLANE_DATA_DIR.`, { cause: error });
  }
}

/** Not `recursive: true`: that never returns where a directory refuses children without saying why (/proc). */
function makeDirectory(path: string): void {
  if (existsSync(path)) {
    if (!statSync(path).isDirectory()) throw Object.assign(new Error('not a directory'), { code: 'ENOTDIR' });
    return;
  }
  makeDirectory(dirname(path));
  mkdirSync(path, { mode: 0o711 });
}

export function postgresDirectory(dataDir: string): string {
  return join(dataDir, 'postgres');
}

export function masterKeyPath(dataDir: string): string {
  return join(dataDir, 'master.key');
}
