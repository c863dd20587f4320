import type { AttemptResult, DeliveryOutcome } from '@hooklane/contracts/topics';
import { attemptNumber, type LogPlace } from '@hooklane/routing';
import type { LoggedAttempt } from '../ports.js';

const US_PER_MS = 1_000;

/**
 * An outcome as the dialects' log views show it: one that the log gave, or one that a receiver was tried with a moment ago (`Receivers`), before the log has it.
 * @param eventData what was sent where the body was the event's data; empty when that has expired
 */
export function loggedAttempt(outcome: DeliveryOutcome, place: LogPlace, eventData: Uint8Array = NOTHING): LoggedAttempt {
  const { tenantId: _, hookId, eventId, deliveryId, eventType, project, trigger, atMs } = outcome;
  return { number: attemptNumber(place), hookId, eventId, deliveryId, eventType, project, trigger, ...(outcome.attempt ? sent(outcome.attempt, eventData) : { ...NOT_SENT, startedAtMs: atMs }) };
}

type Sent = Omit<LoggedAttempt, 'number' | 'hookId' | 'eventId' | 'deliveryId' | 'eventType' | 'project' | 'trigger'>;

function sent(attempt: AttemptResult, eventData: Uint8Array): Sent {
  const { attemptId, startedAtMs, totalUs, outcomeClass, status, requestUrl, requestHeaders, responseHeaders, errorCode, errorSentence } = attempt;
  return {
    attemptId, startedAtMs, outcomeClass, status, requestUrl, requestHeaders, responseHeaders, errorCode, errorSentence,
    totalMs: totalUs / US_PER_MS,
    requestBody: Buffer.from(attempt.requestBodyIsEventData ? eventData : attempt.requestBody),
    responseBody: Buffer.from(attempt.responseBody),
  };
}

const NOTHING = new Uint8Array();
const NOT_SENT: Omit<Sent, 'startedAtMs'> = {
  attemptId: '', totalMs: 0, outcomeClass: '', status: 0, requestUrl: '', requestHeaders: [], requestBody: Buffer.alloc(0), responseHeaders: [], responseBody: Buffer.alloc(0), errorCode: '', errorSentence: '',
};
