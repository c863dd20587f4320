import { limits } from '@hooklane/contracts';
import { EventBatchPublish, EventPublish } from '@hooklane/contracts/rest';
import { isAppError } from '@hooklane/kernel';
import { invalidRequest, validated } from '@hooklane/service-host';
import { inTurns } from '../admission/in-turns.js';
import type { Submission } from '../accept/event-acceptor.js';
import { elementSlices, memberSlice, valueSlice, type Slice } from '../publish/json-slices.js';
import type { PublishedEvent } from '../publish/published-event.js';
import { assertDataDepth, JSON_CONTENT_TYPE, parseJson, publishedEvent, type Place } from './event-fields.js';

/** The body of `POST …/events`. @throws AppError `malformed-json`, `invalid-request`, `too-large` */
export function nativeEvent(body: Uint8Array, traceparent: string | undefined): PublishedEvent {
  const parsed = parseJson(body);
  return eventOf(body, { start: 0, end: body.length }, parsed, traceparent, []);
}

/** The body of `POST …/events:batch`: one submission an event, or the reason why it is none. @throws AppError what makes the whole batch unreadable */
export async function nativeBatch(body: Uint8Array, idempotencyKey: string | null, traceparent: string | undefined): Promise<readonly Submission[]> {
  const { events } = validated(EventBatchPublish, parseJson(body));
  // Validated: the body is an object with the member `events`.
  const slices = elementSlices(body, memberSlice(body, valueSlice(body, 0), 'events') as Slice);
  return inTurns(events, (event, index) => attempt(() => eventOf(body, slices[index] as Slice, event, traceparent, ['events', String(index)]), keyOfItem(idempotencyKey, index)));
}

/** @returns what `read` throws if it is about the event, so that one bad event refuses itself only */
export function attempt(read: () => PublishedEvent, idempotencyKey: string | null): Submission {
  try {
    return { event: read(), idempotencyKey };
  } catch (error) {
    if (isAppError(error)) return error;
    throw error;
  }
}

/** One header for a batch; each of its events has a claim of its own. */
export function keyOfItem(idempotencyKey: string | null, index: number): string | null {
  return idempotencyKey === null ? null : `${idempotencyKey}/${index}`;
}

function eventOf(body: Uint8Array, at: Slice, parsed: unknown, traceparent: string | undefined, place: Place): PublishedEvent {
  const fields = validated(EventPublish, parsed, undefined, place);
  const data = memberSlice(body, at, 'data');
  if (data === null) throw invalidRequest([{ path: [...place, 'data'], message: 'Required.' }]);
  assertDataDepth(data.depth, place);
  return publishedEvent(fields, { contentType: JSON_CONTENT_TYPE, bytes: body.subarray(data.start, data.end), parsed: fields.data }, traceparent, place);
}

export const bodyLimits = {
  /** One event in its envelope, with room for escapes and odd spacing. */
  eventBytes: 2 * limits.eventDataBytes + 128 * 1024,
  batchBytes: limits.batchBytes,
} as const;
