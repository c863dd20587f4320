import { limits } from '@hooklane/contracts';
import type { EventFields } from '@hooklane/contracts/rest';
import { AppError } from '@hooklane/kernel';
import { invalidRequest } from '@hooklane/service-host';
import type { PublishedEvent } from '../publish/published-event.js';

/** Where in the request the event stands: `['events', '3']` in a batch. */
export type Place = readonly string[];

export const JSON_CONTENT_TYPE = 'application/json';
const JSON_TYPE = /^(?:application|text)\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;
const CONTENT_TYPE = /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}(?:\s*;[\x20-\x7e]{0,127})?$/;
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
// Refuses what is not UTF-8 and keeps a byte order mark, which is not JSON.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export interface EventData {
  readonly contentType: string;
  readonly bytes: Uint8Array;
  readonly parsed: unknown;
}

/** @throws AppError `malformed-json` */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? cause.message : 'The body is not UTF-8.';
    throw new AppError('malformed-json', `The body is not well-formed JSON: ${reason}`, { publicMessage: 'The body is not well-formed JSON in UTF-8.', cause });
  }
}

/** Data that came as bytes of a declared type. @throws AppError `malformed-json` where it says JSON and is not, `invalid-request` */
export function declaredData(bytes: Uint8Array, contentType: string, place: Place, field: string): EventData {
  if (contentType !== '' && !CONTENT_TYPE.test(contentType)) throw invalidRequest([{ path: [...place, field], message: 'Must be a media type such as application/json.' }]);
  return { contentType, bytes, parsed: JSON_TYPE.test(contentType) ? parseJson(bytes) : undefined };
}

/** Whether what a content type names is JSON. CloudEvents says that no type means JSON. */
export function isJsonType(contentType: string): boolean {
  return JSON_TYPE.test(contentType);
}

/** @throws AppError `too-large`, `invalid-request` for data that nests too deep */
export function publishedEvent(fields: EventFields, data: EventData, traceparent: string | undefined, place: Place): PublishedEvent {
  if (data.bytes.length > limits.eventDataBytes) throw new AppError('too-large', `The event's data is larger than ${limits.eventDataBytes} bytes.`, { details: { maxBytes: limits.eventDataBytes } });
  return {
    id: fields.id ?? null,
    type: fields.type,
    project: fields.project ?? '',
    orderingKey: fields.orderingKey ?? '',
    occurredAtMs: fields.occurredAt === undefined ? null : momentOf(fields.occurredAt, place),
    attributes: fields.attributes ?? NO_ATTRIBUTES,
    contentType: data.contentType,
    data: data.bytes,
    parsedData: data.parsed,
    // One that is not well-formed is as good as none (W3C Trace Context, section 3.2.2.3: it must not be passed on).
    traceparent: traceparent !== undefined && TRACEPARENT.test(traceparent) ? traceparent : '',
  };
}

const NO_ATTRIBUTES = {};

/** @param depth levels of objects and arrays in the event's data */
export function assertDataDepth(depth: number, place: Place): void {
  if (depth > limits.jsonDepth) throw invalidRequest([{ path: [...place, 'data'], message: `Nests deeper than ${limits.jsonDepth} levels.` }]);
}

function momentOf(text: string, place: Place): number {
  const ms = Date.parse(text);
  // Before 1970 there was nothing to publish, and positions in time are kept as whole numbers above 0.
  if (!(ms >= 0)) throw invalidRequest([{ path: [...place, 'occurredAt'], message: 'Must be a moment since 1970.' }]);
  return ms;
}
