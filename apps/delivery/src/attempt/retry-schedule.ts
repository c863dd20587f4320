/** A hook's retry rules; `RetryPolicy` of the contracts fits once the dialect's defaults have filled its gaps. */
export interface RetryRules {
  readonly unavailableDelaysMs: readonly number[];
  readonly unavailableGiveUpMs: number;
  readonly rejectedDelaysMs: readonly number[];
  readonly onExhausted: string;
}

const JITTER = 0.2;
const HOUR_MS = 3_600_000;

/**
 * @param step how many delays of the list were used before; beyond the list its last one repeats
 * @param fraction in [0, 1), spreads the delay over ±20 % so that lanes that failed together do not return together
 */
export function delayAt(delaysMs: readonly number[], step: number, fraction: number): number {
  const delayMs = delaysMs[Math.min(step, delaysMs.length - 1)] ?? 0;
  return Math.round(delayMs * (1 - JITTER + 2 * JITTER * fraction));
}

/**
 * Both forms of Retry-After (RFC 9110, 10.2.3): seconds, or a date. At most an hour is honoured; a date in the past is no wait.
 * @param date the answer's Date header: a date is meant by the receiver's clock, which may be wrong by more than the wait
 * @returns milliseconds from now, or null when the header is absent or unreadable
 */
export function retryAfterMs(value: string | undefined, date: string | undefined, nowMs: number): number | null {
  if (value === undefined) return null;
  const text = value.trim();
  const delayMs = /^\d+$/.test(text) ? Number(text) * 1_000 : httpDateMs(text) - (httpDateMs(date?.trim() ?? '') || nowMs);
  return Number.isNaN(delayMs) ? null : Math.min(Math.max(delayMs, 0), HOUR_MS);
}

/** The three forms of RFC 9110, 5.6.7: `Date.parse` alone would take “5.5” for a day in May. */
const HTTP_DATE = /^(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT|[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4})$/;

/** NaN when it is none. */
function httpDateMs(text: string): number {
  if (!HTTP_DATE.test(text)) return Number.NaN;
  return Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
}
