import { chownSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { AppError } from '@hooklane/kernel';

/** The user that the server runs as; `null` means ours. */
export type RunAs = { readonly uid: number; readonly gid: number } | null;

/** `nobody` on every system we know: it owns nothing and needs no entry made for it. */
const NOBODY = 65_534;
const OTHERS_MAY_ENTER = 0o001;
const GROUP_MAY_ENTER = 0o010;
const OWNER_MAY_ENTER = 0o100;

/** Postgres refuses to run as root, so root runs it as `nobody`. */
export function serverUser(): RunAs {
  return process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : null;
}

/** @returns the uppermost directory above `path` (or `path` itself) that the server's user may not enter, or null. */
export function firstClosedDirectory(path: string, runAs: RunAs): string | null {
  if (runAs === null) return null;
  const ancestors: string[] = [];
  for (let at = resolve(path); ; at = dirname(at)) {
    ancestors.unshift(at);
    if (dirname(at) === at) break;
  }
  return ancestors.find((directory) => !mayEnter(directory, runAs)) ?? null;
}

function mayEnter(directory: string, runAs: { uid: number; gid: number }): boolean {
  const { uid, gid, mode } = statSync(directory);
  if (uid === runAs.uid) return (mode & OWNER_MAY_ENTER) !== 0;
  if (gid === runAs.gid) return (mode & GROUP_MAY_ENTER) !== 0;
  return (mode & OTHERS_MAY_ENTER) !== 0;
}

export function giveTo(path: string, runAs: RunAs): void {
  if (runAs === null) return;
  try {
    chownSync(path, runAs.uid, runAs.gid);
  } catch (error) {
    throw new AppError('unusable-data-directory', `The database runs as user ${runAs.uid}, because Postgres refuses root, but ${path} cannot be given to that user: start Hooklane as an ordinary user instead.`, { cause: error });
  }
}
