import type { EventSummary } from '@hooklane/contracts/rest';
import type { EventAccepted } from '@hooklane/contracts/topics';
import { momentOf, textOrNull } from './moments.js';

export function eventSummary(event: EventAccepted): EventSummary {
  return {
    id: event.eventId,
    type: event.type,
    project: textOrNull(event.project),
    orderingKey: textOrNull(event.orderingKey),
    occurredAt: momentOf(event.occurredAtMs),
    acceptedAt: momentOf(event.acceptedAtMs),
    attributes: event.attributes,
    contentType: event.contentType,
    dataBytes: event.data.length,
  };
}

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json(?:\s*;|$)/i;

/** Whether the data may stand in a JSON document as it is. Ingest has checked that data declared as JSON is JSON. */
export function isJson(event: Pick<EventAccepted, 'contentType'>): boolean {
  return event.contentType === '' || JSON_TYPE.test(event.contentType);
}
