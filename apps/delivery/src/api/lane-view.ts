import type { AttemptView, LaneView, ResendScheduled } from '@hooklane/contracts/rest';
import type { DeliveryOutcome } from '@hooklane/contracts/topics';
import type { FoundLane } from '../inspect/hook-lanes.js';
import type { Resent } from '../inspect/resends.js';

export function laneViewOf({ hook, partition, report }: FoundLane, nowMs: number): LaneView {
  const { head, oldestAcceptedAtMs } = report;
  return {
    hookId: hook.hookId,
    state: report.state,
    waitsFor: report.waitsFor,
    sentence: report.sentence,
    head: head && { deliveryId: `dlv_${partition}_${head.offset}_${hook.hookId}`, eventId: head.eventId, attempts: head.attempts, acceptedAt: timeOf(head.acceptedAtMs) },
    nextAttemptAt: timeOf(report.nextAttemptAtMs),
    failures: report.failures,
    inFlight: report.inFlight,
    blocked: report.blocked,
    lastError: report.lastErrorCode,
    backlog: { count: report.backlogCount, oldestAcceptedAt: timeOf(oldestAcceptedAtMs), oldestAgeMs: oldestAcceptedAtMs === null ? null : Math.max(0, Math.round(nowMs - oldestAcceptedAtMs)) },
  };
}

/** The attempt of a test or of a resend, in the shape in which the log shows every attempt. @param eventData the body, where that is the event's data as it is and the outcome does not keep it */
export function attemptViewOf(outcome: DeliveryOutcome, eventData: Buffer = Buffer.alloc(0)): AttemptView {
  const attempt = outcome.attempt;
  if (!attempt) throw new Error('what goes past the lane always has an attempt');
  return {
    id: attempt.attemptId,
    deliveryId: outcome.deliveryId || null,
    eventId: outcome.eventId,
    hookId: outcome.hookId,
    type: outcome.eventType,
    project: outcome.project || null,
    at: new Date(outcome.atMs).toISOString(),
    number: attempt.number,
    trigger: outcome.trigger,
    class: attempt.outcomeClass,
    status: attempt.status || null,
    errorCode: attempt.errorCode || null,
    totalMs: attempt.totalUs / 1_000,
    fate: null,
    startedAt: new Date(attempt.startedAtMs).toISOString(),
    connectMs: attempt.connectUs / 1_000,
    firstByteMs: attempt.firstByteUs / 1_000,
    errorSentence: attempt.errorSentence || null,
    hookVersion: outcome.hookVersion,
    request: { url: attempt.requestUrl, headers: attempt.requestHeaders, body: bodyOf(attempt.requestBodyIsEventData ? eventData : attempt.requestBody, false) },
    response: attempt.status === 0 ? null : { status: attempt.status, headers: attempt.responseHeaders, body: bodyOf(attempt.responseBody, attempt.responseBodyCut) },
  };
}

export function resentViewOf(resent: Resent): AttemptView | ResendScheduled {
  return resent.kind === 'attempt' ? attemptViewOf(resent.outcome, resent.event.data) : { commandId: resent.commandId };
}

function bodyOf(body: Buffer, cut: boolean): { encoding: 'utf8' | 'base64'; content: string; bytes: number; cut: boolean } {
  const text = body.toString('utf8');
  const isText = Buffer.from(text, 'utf8').equals(body);
  return { encoding: isText ? 'utf8' : 'base64', content: isText ? text : body.toString('base64'), bytes: body.length, cut };
}

function timeOf(ms: number | null): string | null {
  return ms === null || ms === 0 ? null : new Date(ms).toISOString();
}
