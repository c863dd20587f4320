import type { LogRecord } from '@hooklane/event-log';
import { codeOf, fates, outcomeClasses, triggers } from './codes.js';
import type { ReadOutcome } from './read-outcome.js';
import type { AttemptRow } from './rows.js';
import { storable } from './storable.js';

/** @param record of the outcome; its partition is that of the request it answers */
export function attemptRow(record: Pick<LogRecord, 'partition' | 'offset' | 'value'>, outcome: ReadOutcome): AttemptRow {
  const { attempt } = outcome;
  return {
    tenantId: outcome.tenantId,
    atMs: outcome.atMs,
    hookId: outcome.hookId,
    eventId: outcome.eventId,
    type: storable(outcome.eventType),
    project: storable(outcome.project),
    logOffset: record.offset,
    requestPartition: record.partition,
    requestOffset: outcome.deliveryId === '' ? -1 : outcome.requestOffset,
    attemptId: attempt?.attemptId ?? '',
    number: attempt?.number ?? 0,
    trigger: codeOf(triggers, outcome.trigger),
    outcomeClass: attempt ? codeOf(outcomeClasses, attempt.outcomeClass) : 0,
    status: attempt?.status ?? 0,
    errorCode: attempt ? storable(attempt.errorCode) : '',
    totalUs: attempt?.totalUs ?? 0,
    fate: codeOf(fates, outcome.fate),
    record: record.value,
  };
}
