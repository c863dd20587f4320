import { decodeDeliveriesRequested, decodeEventAccepted, encodeEventAccepted, type DeliveryOutcome, type DeliveryRequest, type EventAccepted, type LaneCommand } from '@hooklane/contracts/topics';
import type { LogRecord } from '@hooklane/event-log';
import { laneCommandKinds, type LaneCommandFacts } from '../lanes/command-machine.js';
import type { RequestedEvent } from '../lanes/lane.js';
import type { ParkedRow } from '../ports.js';

export interface ReadRequest {
  readonly kind: 'request';
  readonly request: DeliveryRequest;
  readonly event: RequestedEvent;
}

export interface ReadCommand {
  readonly kind: 'command';
  readonly tenantId: string;
  readonly hookId: string;
  readonly command: LaneCommandFacts;
}

export type ReadRecord = ReadRequest | ReadCommand | { readonly kind: 'unreadable'; readonly reason: string };

const NO_BYTES = Buffer.alloc(0);

/** Parses a record of deliveries.requested. The event's data stays the slice of the log's bytes that it is. */
export function requestedEventFrom(record: LogRecord): ReadRecord {
  try {
    const { kind } = decodeDeliveriesRequested(record.value);
    if (kind?.$case === 'command') return commandFrom(record, kind.value);
    if (kind?.$case !== 'request') return unreadable('The record is neither a request nor a command.');
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

function commandFrom({ offset, partition }: LogRecord, { kind, tenantId, hookId, deliveryId, attempt, epoch, position }: LaneCommand): ReadRecord {
  const known = laneCommandKinds.find((name) => name === kind);
  if (known === undefined) return unreadable(`The lane command ${kind} is not known to this version.`);
  const delivery = deliveryId === '' ? null : deliveryOffset(deliveryId, partition, hookId);
  if (delivery === undefined) return unreadable(`The lane command names ${deliveryId}, which is no delivery of its hook.`);
  return { kind: 'command', tenantId, hookId, command: { kind: known, offset, delivery, attempt, epoch, position } };
}

/** @returns undefined for one of another hook or partition */
function deliveryOffset(deliveryId: string, partition: number, hookId: string): number | undefined {
  const [, place, offset, hook] = /^dlv_(\d+)_(\d+)_(.+)$/.exec(deliveryId) ?? [];
  return Number(place) === partition && hook === hookId ? Number(offset) : undefined;
}

/** The request may come from a span of its own, below that of the event: what is sent, and parked, belongs under it. @returns whether the event was changed */
function takenUnder(event: EventAccepted, traceparent: string | undefined): boolean {
  if (traceparent === undefined || traceparent === event.traceparent) return false;
  event.traceparent = traceparent;
  return true;
}

/** A row of Postgres. */
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
