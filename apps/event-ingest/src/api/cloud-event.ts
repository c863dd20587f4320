import { CloudEventContext, EventFields } from '@hooklane/contracts/rest';
import { limits } from '@hooklane/contracts';
import { AppError } from '@hooklane/kernel';
import { invalidRequest, validated } from '@hooklane/service-host';
import type { IncomingHttpHeaders } from 'node:http';
import { inTurns } from '../admission/in-turns.js';
import type { Submission } from '../accept/event-acceptor.js';
import { elementSlices, memberSlice, valueSlice, type Slice } from '../publish/json-slices.js';
import type { PublishedEvent } from '../publish/published-event.js';
import { assertDataDepth, declaredData, isJsonType, JSON_CONTENT_TYPE, parseJson, publishedEvent, type EventData, type Place } from './event-fields.js';
import { attempt, keyOfItem } from './native-body.js';

/** CloudEvents 1.0: context attributes with a meaning here; every other one becomes an attribute of the event. */
const KNOWN = new Set(['specversion', 'id', 'type', 'time', 'datacontenttype', 'partitionkey', 'project', 'traceparent']);
/** CloudEvents 1.0, "Naming conventions"; the length is ours. */
const CONTEXT_NAME = /^[a-z0-9]{1,64}$/;

/** Structured mode, `application/cloudevents+json` (JSON format 1.0.2). */
export function structuredCloudEvent(body: Uint8Array, traceparent: string | undefined): PublishedEvent {
  return structuredAt(body, valueSlice(body, 0), parseJson(body), traceparent, []);
}

/** Batched mode, `application/cloudevents-batch+json`. */
export async function cloudEventBatch(body: Uint8Array, idempotencyKey: string | null, traceparent: string | undefined): Promise<readonly Submission[]> {
  const parsed = parseJson(body);
  if (!Array.isArray(parsed) || parsed.length === 0 || parsed.length > limits.batchEvents) {
    throw invalidRequest([{ path: [], message: `Must be a list of 1 to ${limits.batchEvents} events.` }]);
  }
  const slices = elementSlices(body, valueSlice(body, 0));
  return inTurns(parsed as readonly unknown[], (event, index) => attempt(() => structuredAt(body, slices[index] as Slice, event, traceparent, [String(index)]), keyOfItem(idempotencyKey, index)));
}

/** Binary mode: the context in `ce-` headers, the data is the body. */
export function binaryCloudEvent(body: Uint8Array, headers: IncomingHttpHeaders): PublishedEvent {
  const context: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(headers)) if (name.startsWith('ce-') && typeof value === 'string') context[name.slice(3)] = unescaped(value, name);
  const contentType = headers['content-type'] ?? '';
  const data = body.length === 0 ? { contentType, bytes: body, parsed: undefined } : declaredData(body, contentType, [], 'content-type');
  if (data.parsed !== undefined) assertDataDepth(valueSlice(body, 0).depth, []);
  return eventOf(context, data, headers.traceparent as string | undefined, []);
}

function structuredAt(body: Uint8Array, at: Slice, parsed: unknown, traceparent: string | undefined, place: Place): PublishedEvent {
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw invalidRequest([{ path: [...place], message: 'Must be an object.' }]);
  const { data, data_base64: base64, ...members } = parsed as Record<string, unknown>;
  // JSON format, section 2.2: null is the same as not being there.
  const context = Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));
  const contentType = typeof context.datacontenttype === 'string' ? context.datacontenttype : '';
  if (data !== undefined && base64 !== undefined) throw invalidRequest([{ path: [...place, 'data_base64'], message: 'Must not stand beside data.' }]);
  if (base64 !== undefined) return eventOf(context, base64Data(base64, contentType, place), traceparent, place);
  if (data === undefined) return eventOf(context, { contentType, bytes: new Uint8Array(), parsed: undefined }, traceparent, place);
  if (typeof data === 'string' && contentType !== '' && !isJsonType(contentType)) return eventOf(context, declaredData(Buffer.from(data), contentType, place, 'datacontenttype'), traceparent, place);
  // Well-formed, and the member is there.
  const slice = memberSlice(body, at, 'data') as ReturnType<typeof valueSlice>;
  assertDataDepth(slice.depth, place);
  return eventOf(context, { contentType: contentType === '' ? JSON_CONTENT_TYPE : contentType, bytes: body.subarray(slice.start, slice.end), parsed: data }, traceparent, place);
}

function base64Data(base64: unknown, contentType: string, place: Place): EventData {
  if (typeof base64 !== 'string' || !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(base64)) throw invalidRequest([{ path: [...place, 'data_base64'], message: 'Must be base64.' }]);
  return declaredData(Buffer.from(base64, 'base64'), contentType === '' ? 'application/octet-stream' : contentType, place, 'datacontenttype');
}

function eventOf(context: Readonly<Record<string, unknown>>, data: EventData, traceparent: string | undefined, place: Place): PublishedEvent {
  const known = validated(CloudEventContext, context, undefined, place);
  const { id, type, time, partitionkey, project } = known;
  const fields = validated(EventFields, { id, type, occurredAt: time, orderingKey: partitionkey, project, attributes: attributesOf(context, place) }, undefined, place);
  return publishedEvent(fields, data, known.traceparent ?? traceparent, place);
}

function attributesOf(context: Readonly<Record<string, unknown>>, place: Place): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [name, value] of Object.entries(context)) {
    if (KNOWN.has(name)) continue;
    if (!CONTEXT_NAME.test(name)) throw invalidRequest([{ path: [...place, name], message: 'Unknown field: names of context attributes are lower-case letters and digits.' }]);
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') throw invalidRequest([{ path: [...place, name], message: 'Must be a string, a number or a boolean.' }]);
    attributes[name] = String(value);
  }
  return attributes;
}

/** HTTP binding, section 3.1.3.2: percent-encoding where a header cannot carry the character. */
function unescaped(value: string, header: string): string {
  if (!value.includes('%')) return value;
  try {
    return decodeURIComponent(value);
  } catch (cause) {
    throw new AppError('invalid-request', `The header ${header} is not well percent-encoded.`, { details: { errors: [{ pointer: '', message: `The header ${header} is not well percent-encoded.` }] }, cause });
  }
}
