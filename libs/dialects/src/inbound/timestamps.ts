const SECONDS = /^\d{1,12}$/;

/** @returns null for what is no number of seconds since 1970 */
export function unixSeconds(text: string | undefined): number | null {
  return text !== undefined && SECONDS.test(text) ? Number(text) : null;
}

/** Neither older nor younger than the tolerance: a captured call cannot be sent later, nor one be signed for later. */
export function isWithin(seconds: number, nowMs: number, toleranceSeconds: number): boolean {
  return Math.abs(nowMs / 1_000 - seconds) <= toleranceSeconds;
}
