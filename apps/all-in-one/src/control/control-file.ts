import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How another command of the same user reaches a running Hooklane; whoever can read it could read the database as well. */
export interface ControlFile {
  readonly url: string;
  readonly token: string;
}

const TOKEN_BYTES = 32;

export function newControlToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

export function writeControlFile(dataDir: string, control: ControlFile): void {
  const path = controlPath(dataDir);
  writeFileSync(`${path}.new`, JSON.stringify(control), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** @returns null when no Hooklane has written one, or it is not readable to us. */
export function readControlFile(dataDir: string): ControlFile | null {
  try {
    return JSON.parse(readFileSync(controlPath(dataDir), 'utf8')) as ControlFile;
  } catch {
    return null;
  }
}

function controlPath(dataDir: string): string {
  return join(dataDir, 'control.json');
}
