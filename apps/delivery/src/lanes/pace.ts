/**
 * How far apart the starts of a lane must be: by the hook's own rate limit, and by what its receiver bears. A lane that has neither has no pace and pays nothing for it.
 * Times are monotonic milliseconds of this process.
 */
export interface Pace {
  /** When the last start was due: the next one counts from there, so that what a timer is late does not add up. */
  lastDueMs: number;
  /** The next start in Postgres time, for people; 0: it need not wait. */
  nextAtMs: number;
  /** Requests a second that the receiver bears as far as we know; Infinity: as many as there are. */
  perSecond: number;
  /** What the lane made when the receiver first asked for fewer: it is forgotten once the lane is back there. */
  fromPerSecond: number;
  /** By how much each success raises `perSecond`. */
  stepPerSecond: number;
  loweredAtMs: number;
}

/** A failing answer of a receiver that may be asked too much. */
export interface Overload {
  readonly status: number;
  /** When its request started. */
  readonly startedMs: number;
  readonly nowMs: number;
  /** How far apart the lane's starts were lately. */
  readonly gapMs: number;
  /** The attempt before this one found the receiver away, too, and a wait lay between them. */
  readonly isAgain: boolean;
}

/** A start that was this late is caught up with: timers of a process are no better. Less than any interval that a person would call a burst. */
const CAUGHT_UP_MS = 5;
/** A receiver that bears less than one request in ten seconds is left to the retry schedule. */
const LEAST_PER_SECOND = 0.1;
/** From half back to all takes so many successes, and so long: each new refusal costs seconds of retry, so trying must be rare. */
const RECOVERY_SUCCESSES = 50;
const RECOVERY_SECONDS = 60;
/** What a receiver said so long ago says nothing of now. */
const REMEMBERED_MS = 600_000;
const TOO_MANY_REQUESTS = 429;
const OVERLOADED_STATUS: ReadonlySet<number> = new Set([TOO_MANY_REQUESTS, 502, 503, 504]);

/** Whether the status is what receivers and the proxies before them say when they have too much to do. */
export function isOverloaded(status: number): boolean {
  return OVERLOADED_STATUS.has(status);
}

/** @param notBeforeMs when somebody else may have started the last request, so that a limit also holds across a change of owner; -Infinity: nobody did */
export function createPace(notBeforeMs: number): Pace {
  return { lastDueMs: notBeforeMs, nextAtMs: 0, perSecond: Infinity, fromPerSecond: 0, stepPerSecond: 0, loweredAtMs: -Infinity };
}

/** @param limitPerSecond of the hook; 0: none. @returns milliseconds between two starts; 0: none */
function intervalMs({ perSecond }: Pace, limitPerSecond: number): number {
  return 1_000 / Math.min(perSecond, limitPerSecond || Infinity);
}

/** @returns when the lane may start its next request; in the past: now */
export function nextStartMs(pace: Pace, limitPerSecond: number): number {
  return pace.lastDueMs + intervalMs(pace, limitPerSecond);
}

/** A request starts. After a pause the next one still has to wait a whole interval: nothing is saved up for a burst. */
export function started(pace: Pace, limitPerSecond: number, nowMs: number): void {
  pace.lastDueMs = Math.max(nextStartMs(pace, limitPerSecond), nowMs - CAUGHT_UP_MS);
}

/**
 * Multiplicative decrease: half of what the lane made, once for all requests that were under way together. 429 speaks of the rate, whenever it is said; 502, 503 and 504 do so only
 * while the receiver otherwise answers – one that is still away after a wait is down, and when it is back, nothing is known of what it bears.
 */
export function lowered(pace: Pace, { status, startedMs, nowMs, gapMs, isAgain }: Overload): void {
  if (startedMs <= pace.loweredAtMs) return;
  if (isAgain && status !== TOO_MANY_REQUESTS) return forget(pace);
  const made = isAgain ? pace.perSecond : Math.min(pace.perSecond, 1_000 / gapMs);
  if (made === Infinity) return;
  if (pace.perSecond === Infinity) pace.fromPerSecond = made;
  pace.perSecond = Math.max(made / 2, LEAST_PER_SECOND);
  pace.stepPerSecond = pace.perSecond / Math.max(RECOVERY_SUCCESSES, RECOVERY_SECONDS * pace.perSecond);
  pace.loweredAtMs = nowMs;
}

/** Additive increase, until the lane is where it was when the receiver first asked for fewer. */
export function raised(pace: Pace): void {
  if (pace.perSecond === Infinity) return;
  pace.perSecond += pace.stepPerSecond;
  if (pace.perSecond >= pace.fromPerSecond) forget(pace);
}

/** The share of what it may usually do that the lane may do now, above 0 to 1: of the requests under way at once, where there may be several. */
export function shareOf({ perSecond, fromPerSecond }: Pace): number {
  return perSecond === Infinity ? 1 : Math.min(1, perSecond / fromPerSecond);
}

/** Whether a lane that does nothing may go without it. */
export function isPaceOver(pace: Pace, limitPerSecond: number, nowMs: number): boolean {
  if (pace.perSecond !== Infinity && nowMs - pace.loweredAtMs < REMEMBERED_MS) return false;
  return pace.lastDueMs + (limitPerSecond > 0 ? 1_000 / limitPerSecond : 0) <= nowMs;
}

function forget(pace: Pace): void {
  pace.perSecond = Infinity;
  pace.fromPerSecond = 0;
}
