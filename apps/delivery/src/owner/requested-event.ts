import { decodeDeliveriesRequested, decodeEventAccepted, encodeEventAccepted, type DeliveryOutcome, type DeliveryRequest, type EventAccepted } from '@hooklane/contracts/topics';
import type { LogRecord } from '@hooklane/event-log';
import type { RequestedEvent } from '../lanes/lane.js';
import type { ParkedRow } from '../ports.js';

export interface ReadRequest {
  readonly kind: 'request';
  readonly request: DeliveryRequest;
  readonly event: RequestedEvent;
}

export type ReadRecord = ReadRequest | { readonly kind: 'unreadable'; readonly reason: string };

const NO_BYTES = Buffer.alloc(0);

/** Parses a record of deliveries.requested. The event's data stays the slice of the log's bytes that it is. */
export function requestedEventFrom(record: LogRecord): ReadRecord {
  try {
    const { kind } = decodeDeliveriesRequested(record.value);
    if (kind?.$case !== 'request') return unreadable(kind ? 'Lane commands are not understood by this version.' : 'The record is neither a request nor a command.');
    if (!record.attachment) return unreadable('The record has no event attached.');
    const request = kind.value;
    const event = decodeEventAccepted(record.attachment);
    if (event.tenantId !== request.tenantId) return unreadable('The event belongs to another tenant than the request.');
    const { tenantId, eventId, trigger, replayId } = request;
    const encoded = takenUnder(event, record.headers['traceparent']) ? encodeEventAccepted(event) : record.attachment;
    return { kind: 'request', request, event: { offset: record.offset, tenantId, eventId, trigger, replayId, encoded, event } };
  } catch (error) {
    return unreadable(`The record cannot be read: ${(error as Error).message}`);
  }
}

/** The request may come from a span of its own, below that of the event: what is sent, and parked, belongs under it. @returns whether the event was changed */
function takenUnder(event: EventAccepted, traceparent: string | undefined): boolean {
  if (traceparent === undefined || traceparent === event.traceparent) return false;
  event.traceparent = traceparent;
  return true;
}

export function requestedEventOf({ offset, tenantId, eventId, trigger, replayId, event }: ParkedRow): RequestedEvent {
  return { offset, tenantId, eventId, trigger, replayId, encoded: event, event: decodeEventAccepted(event) };
}

/** Enough of a delivery to publish an outcome of it that was encoded before. */
export function placeholderOf({ requestOffset, tenantId, eventId, trigger, replayId, eventAcceptedAtMs }: DeliveryOutcome): RequestedEvent {
  return { offset: requestOffset, tenantId, eventId, trigger, replayId, encoded: NO_BYTES, event: { ...decodeEventAccepted(NO_BYTES), tenantId, eventId, acceptedAtMs: eventAcceptedAtMs } };
}

function unreadable(reason: string): { readonly kind: 'unreadable'; readonly reason: string } {
  return { kind: 'unreadable', reason };
}
