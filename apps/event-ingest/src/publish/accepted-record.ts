import { encodeEventAccepted, Topics } from '@hooklane/contracts/topics';
import type { AppendRecord } from '@hooklane/event-log';
import type { PublishedEvent } from './published-event.js';

export interface Stamp {
  readonly tenantId: string;
  readonly eventId: string;
  readonly acceptedAtMs: number;
  /** Of this process, with the number of the record in it: late duplicate appends are dropped by them. */
  readonly incarnation: string;
  readonly sequence: number;
  readonly partition: number;
}

/** The record of events.accepted. */
export function acceptedRecord(event: PublishedEvent, stamp: Stamp): AppendRecord {
  const value = encodeEventAccepted({
    tenantId: stamp.tenantId,
    eventId: stamp.eventId,
    type: event.type,
    project: event.project,
    orderingKey: event.orderingKey,
    occurredAtMs: event.occurredAtMs ?? stamp.acceptedAtMs,
    acceptedAtMs: stamp.acceptedAtMs,
    attributes: event.attributes,
    contentType: event.contentType,
    data: event.data as Buffer,
    incarnation: stamp.incarnation,
    sequence: stamp.sequence,
    traceparent: event.traceparent,
  });
  return { topic: Topics.eventsAccepted, partition: stamp.partition, key: null, value, ...(event.traceparent === '' ? {} : { headers: { traceparent: event.traceparent } }) };
}
