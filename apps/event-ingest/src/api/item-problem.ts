import type { AppError } from '@hooklane/kernel';
import { problemHeaders, problemOf, type ProblemDocument } from '@hooklane/service-host';
import type { Acceptance } from '../accept/turn.js';

/** The problem of one event of a batch. It has no headers of its own, so it says what `Retry-After` would. */
export function itemProblem(error: AppError): ProblemDocument & { readonly retryable: boolean; readonly retryAfterMs?: number } {
  const { retryable, retryAfterMs } = error;
  return { ...problemOf(error), retryable, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** @returns the header `Retry-After` of a batch of which nothing was accepted and something may be later: the longest wait; else null */
export function retryAfterOf(acceptances: readonly Acceptance[]): string | null {
  const waits: number[] = [];
  for (const acceptance of acceptances) {
    if (acceptance.ok) return null;
    if (acceptance.error.retryable) waits.push(Number(problemHeaders(acceptance.error)['retry-after'] ?? 1));
  }
  return waits.length === 0 ? null : String(Math.max(...waits));
}
