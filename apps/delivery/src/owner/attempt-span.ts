import type { Traces, TraceSpan } from '@hooklane/telemetry';
import type { Classified, SendResult } from '../attempt/classify.js';
import type { Delivery, Lane } from '../lanes/lane.js';
import type { HookProfile } from './hook-profile.js';

/** The span of one attempt. Of the address only the host is told: paths and queries of webhooks are often secrets. @returns null when the event's trace is not sampled */
export function attemptSpan(traces: Traces, lane: Lane, { request }: Delivery, number: number, { hook, target }: HookProfile): TraceSpan | null {
  const { event } = request;
  if (event.traceparent === '') return null;
  const address = target ? hostOf(target.origin) : {};
  return traces.begin('deliver', event.traceparent, {
    kind: 'client',
    attributes: {
      'hooklane.tenant.id': lane.tenantId,
      'hooklane.event.id': request.eventId,
      'hooklane.event.type': event.type,
      'hooklane.hook.id': lane.hookId,
      'hooklane.hook.version': hook.version,
      'hooklane.attempt.number': number,
      'hooklane.attempt.trigger': request.trigger || 'event',
      'http.request.method': 'POST',
      ...address,
    },
  });
}

/** @param fate of the delivery after this attempt */
export function endedAttempt(span: TraceSpan, { outcomeClass, errorCode }: Classified, result: SendResult, fate: string): void {
  const status = result.kind === 'answer' ? { 'http.response.status_code': result.status } : {};
  span.end({ 'hooklane.outcome.class': outcomeClass, 'hooklane.delivery.fate': fate, ...status }, errorCode === '' ? undefined : errorCode);
}

function hostOf(origin: string): { 'server.address': string; 'server.port': number } {
  const { hostname, port, protocol } = new URL(origin);
  return { 'server.address': hostname, 'server.port': port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port) };
}
