import { missingEntries, readLock } from '../driver/lock-file.js';

/** The lock file holds the binaries of every system, so that `npm ci` takes it. */
export async function lock() {
  const missing = missingEntries(readLock());
  return { ok: missing.length === 0, output: `package-lock.json lacks ${missing.map(({ name }) => name).join(', ')}: run "npm run fix-lock".` };
}
