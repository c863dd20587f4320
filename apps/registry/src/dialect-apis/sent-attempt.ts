import type { LoggedAttempt, SentOutcome } from '../ports.js';

/** The row of a request that was just made, as the log will show it in a moment. */
export function loggedAttemptOf({ outcome, place }: SentOutcome): LoggedAttempt {
  const { attempt, hookId, eventId, deliveryId, eventType, project, trigger } = outcome;
  if (!attempt) throw new Error(`The ${trigger} of ${hookId} has no attempt.`);
  const { attemptId, startedAtMs, totalUs, outcomeClass, status, requestUrl, requestHeaders, requestBody, responseHeaders, responseBody, errorCode, errorSentence } = attempt;
  return {
    number: attemptNumber(place),
    attemptId, hookId, eventId, deliveryId, eventType, project, trigger, startedAtMs,
    totalMs: totalUs / 1_000,
    outcomeClass, status, requestUrl, requestHeaders, requestBody, responseHeaders, responseBody, errorCode, errorSentence,
  };
}

/** Partitions a log may have at most: 48 are usual (design: "The log"). */
const PARTITIONS_MAX = 1_024;

function attemptNumber({ partition, offset }: SentOutcome['place']): number {
  return offset * PARTITIONS_MAX + partition + 1;
}
