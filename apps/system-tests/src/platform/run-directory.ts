import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory made for one run. Others may pass through it: as root our Postgres runs as another user, who must reach its data below. */
export function makeRunDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'hooklane-'));
  chmodSync(directory, 0o711);
  return directory;
}
