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

/** What happened as lately may still be on its way from the log to the tables that are read. */
const ON_ITS_WAY_MS = 2_000;

/** What is not there: expired, if its id says that it is older than what is kept; never there otherwise, unless it is too young to be shown, which an id that tells no time cannot exclude. */
export function absence(what: string, id: string, keptFrom: number, nowMs: number): AppError {
  const made = madeAtMs(id);
  if (made !== null && made < keptFrom) return expired(what);
  if (made !== null && Math.abs(nowMs - made) > ON_ITS_WAY_MS) return notFound(what);
  return new AppError('not-found', `There is no such ${what}, or it is not two seconds old: then it may not be shown yet, so ask again.`);
}

export function notFound(what: string): AppError {
  return new AppError('not-found', `There is no such ${what}.`);
}

export function expired(what: string): AppError {
  return new AppError('expired', `The ${what} was removed when its retention ended.`);
}
