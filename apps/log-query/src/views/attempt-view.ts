import type { AttemptSummary, AttemptView } from '@hooklane/contracts/rest';
import type { AttemptResult, DeliveryOutcome } from '@hooklane/contracts/topics';
import type { StoredAttempt } from '../query/stored.js';
import { fates, nameOf, outcomeClasses, triggers } from '../read-model/codes.js';
import { deliveryIdOf } from '../read-model/delivery-row.js';
import { httpBody } from './http-body.js';
import { momentOf, textOrNull } from './moments.js';

const US_PER_MS = 1_000;

export function attemptSummary(attempt: StoredAttempt): AttemptSummary {
  return {
    id: attempt.attemptId,
    deliveryId: attempt.requestOffset < 0 ? null : deliveryIdOf(attempt.requestPartition, attempt.requestOffset, attempt.hookId),
    eventId: attempt.eventId,
    hookId: attempt.hookId,
    type: attempt.type,
    project: textOrNull(attempt.project),
    at: momentOf(attempt.atMs),
    number: attempt.number,
    trigger: nameOf(triggers, attempt.trigger),
    class: nameOf(outcomeClasses, attempt.outcomeClass),
    status: attempt.status || null,
    errorCode: textOrNull(attempt.errorCode),
    totalMs: attempt.totalUs / US_PER_MS,
    fate: attempt.fate < 0 ? null : nameOf(fates, attempt.fate),
  };
}

/** @param eventData what was sent when the body was the event's data; null when the event has expired */
export function attemptView(attempt: StoredAttempt, outcome: DeliveryOutcome, result: AttemptResult, eventData: Buffer | null): AttemptView {
  const requestBody = result.requestBodyIsEventData ? eventData : result.requestBody;
  return {
    ...attemptSummary(attempt),
    startedAt: momentOf(result.startedAtMs),
    connectMs: result.connectUs / US_PER_MS,
    firstByteMs: result.firstByteUs / US_PER_MS,
    errorSentence: textOrNull(result.errorSentence),
    hookVersion: outcome.hookVersion,
    request: { url: result.requestUrl, headers: result.requestHeaders, body: requestBody && httpBody(requestBody, false) },
    response: result.status === 0 ? null : { status: result.status, headers: result.responseHeaders, body: httpBody(result.responseBody, result.responseBodyCut) },
  };
}
