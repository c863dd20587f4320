import { AppError } from '@hooklane/kernel';

const DAY_MS = 86_400_000;
const UUID_V7 = /_([0-9a-f]{12})7[0-9a-f]{3}[89ab][0-9a-f]{15}$/;

/** From when on a tenant's log is shown. */
export function keptFromMs(nowMs: number, retentionDays: number): number {
  return nowMs - retentionDays * DAY_MS;
}

/** @returns when one of our ids was made, or null when it is not one of ours */
function madeAtMs(id: string): number | null {
  const hex = UUID_V7.exec(id)?.[1];
  return hex === undefined ? null : Number.parseInt(hex, 16);
}

/** What is not there: expired, if its id says that it is older than what is kept; never there otherwise. */
export function absence(what: string, id: string, keptFrom: number): AppError {
  const made = madeAtMs(id);
  return made !== null && made < keptFrom ? expired(what) : notFound(what);
}

export function notFound(what: string): AppError {
  return new AppError('not-found', `There is no such ${what}.`);
}

export function expired(what: string): AppError {
  return new AppError('expired', `The ${what} was removed when its retention ended.`);
}
