import { codeOf, fates, outcomeClasses, triggers } from './codes.js';
import type { ReadOutcome } from './read-outcome.js';
import type { AttemptRow } from './rows.js';
import { storable } from './storable.js';

/** @param partition of the outcome, which is that of the request it answers */
export function attemptRow(partition: number, outcome: ReadOutcome, record: Buffer): AttemptRow {
  const { attempt } = outcome;
  const belongs = outcome.deliveryId !== '';
  return {
    tenantId: outcome.tenantId,
    atMs: outcome.atMs,
    hookId: outcome.hookId,
    eventId: outcome.eventId,
    type: storable(outcome.eventType),
    project: storable(outcome.project),
    requestPartition: belongs ? partition : -1,
    requestOffset: belongs ? outcome.requestOffset : -1,
    attemptId: attempt?.attemptId ?? '',
    number: attempt?.number ?? 0,
    trigger: codeOf(triggers, outcome.trigger),
    outcomeClass: attempt ? codeOf(outcomeClasses, attempt.outcomeClass) : 0,
    status: attempt?.status ?? 0,
    errorCode: attempt ? storable(attempt.errorCode) : '',
    totalUs: attempt?.totalUs ?? 0,
    fate: codeOf(fates, outcome.fate),
    record,
  };
}
