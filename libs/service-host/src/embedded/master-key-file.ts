import { AppError, type RandomSource } from '@hooklane/kernel';
import { masterKeyFrom, type MasterKey } from '@hooklane/secret-box';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';

const KEY_BYTES = 32;

/**
 * The master key of an embedded installation, made when the database is new.
 * @param sealedWith id of the key that the database's secrets were sealed with; null: none yet
 * @throws AppError `master-key-lost` when there are sealed secrets and no key file
 */
export function masterKeyOf(path: string, sealedWith: string | null, random: RandomSource): MasterKey {
  if (existsSync(path)) return masterKeyFrom(read(path));
  if (sealedWith !== null) {
    throw new AppError('master-key-lost', `The master key file ${path} is gone, and the secrets in this database (key ${sealedWith}) cannot be opened without it: put it back from your backup, or begin anew with "npm start -- --reset".`);
  }
  const text = random.bytes(KEY_BYTES).toString('base64');
  writeWhole(path, `${text}\n`);
  return masterKeyFrom(text);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new AppError('master-key-lost', `The master key file ${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`, { cause: error });
  }
}

/** Half a key after a power cut would be as good as none. */
function writeWhole(path: string, text: string): void {
  const unfinished = `${path}.new`;
  const file = openSync(unfinished, 'w', 0o600);
  writeSync(file, text);
  fsyncSync(file);
  closeSync(file);
  renameSync(unfinished, path);
}
