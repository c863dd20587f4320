import type { InboundCallSummary, InboundCallView } from '@hooklane/contracts/rest';
import type { InboundCalled } from '@hooklane/contracts/topics';
import { httpBody } from './http-body.js';
import { momentOf, momentOrNull, textOrNull } from './moments.js';

export function inboundCallSummary(called: InboundCalled): InboundCallSummary {
  return {
    id: called.callId,
    at: momentOf(called.atMs),
    endpoint: called.endpoint,
    sourceId: textOrNull(called.sourceId),
    sourceName: textOrNull(called.sourceName),
    user: textOrNull(called.user),
    outcome: called.outcome,
    reason: textOrNull(called.reason),
    sentence: textOrNull(called.sentence),
    status: called.status || null,
    method: textOrNull(called.method),
    path: textOrNull(called.path),
    remoteAddress: textOrNull(called.remoteAddress),
    bodyBytes: called.bodyBytes,
    eventId: textOrNull(called.eventId),
    notKept: called.notKept,
    notKeptSince: momentOrNull(called.notKeptSinceMs),
  };
}

export function inboundCallView(called: InboundCalled): InboundCallView {
  const { headers, body, bodyBytes } = called;
  return { ...inboundCallSummary(called), headers: headers.map(({ name, value }) => ({ name, value })), body: { ...httpBody(body, body.length < bodyBytes), bytes: bodyBytes } };
}
