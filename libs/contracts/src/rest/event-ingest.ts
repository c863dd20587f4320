import { z } from 'zod';
import { limits } from '../limits.js';
import { line, moment } from './text.js';

const UNPRINTABLE_ASCII = 'Must be printable ASCII without a space at either end.';

/** It *is* the event's id, unique per tenant. */
export const eventIdPattern = /^[A-Za-z0-9._:-]{1,128}$/;
/** Travels in a header of every delivery, as do project and ordering key. */
export const eventTypePattern = /^[A-Za-z0-9_][A-Za-z0-9_.:/-]{0,255}$/;

const attributes = z
  .record(z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/), line(limits.attributeValueLength, 0))
  .refine((map) => Object.keys(map).length <= limits.attributes, `At most ${limits.attributes} members.`);

const eventFields = {
  type: z.string().regex(eventTypePattern, 'Must be 1 to 256 of A-Z a-z 0-9 _ . : / - and begin with a letter, a digit or _.'),
  id: z.string().regex(eventIdPattern, 'Must be 1 to 128 of A-Z a-z 0-9 . _ : -').optional().describe('Becomes the event\'s id. The same request again within 24 hours gets the first answer again; another one gets 409.'),
  project: z.string().max(limits.eventIdLength).regex(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/, UNPRINTABLE_ASCII).optional(),
  orderingKey: z.string().max(limits.orderingKeyLength).regex(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/, UNPRINTABLE_ASCII).optional().describe('Events of the tenant with the same key stay in order; without one, the tenant\'s whole stream.'),
  occurredAt: moment.optional().describe('Default: when it was accepted.'),
  attributes: attributes.optional(),
};

/** The members beside `data`, whose bytes are taken as they are. */
export const EventFields = z.strictObject(eventFields);
export type EventFields = z.infer<typeof EventFields>;

export const EventPublish = z
  .strictObject({ ...eventFields, data: z.unknown().refine((data) => data !== undefined, 'Required.').describe('Any JSON. Delivered byte for byte as it stands in the request.') })
  .meta({ id: 'EventPublish' });
export type EventPublish = z.infer<typeof EventPublish>;

/** The events themselves are checked one by one, so that one that does not fit refuses itself only. */
export const EventBatchPublish = z.strictObject({ events: z.array(z.unknown()).min(1).max(limits.batchEvents) });
export const EventBatchPublishDocument = z.strictObject({ events: z.array(EventPublish).min(1).max(limits.batchEvents) }).meta({ id: 'EventBatchPublish' });

export const EventAnswer = z.object({ id: z.string(), acceptedAt: moment }).meta({ id: 'EventAnswer' });
export type EventAnswer = z.infer<typeof EventAnswer>;

const itemProblem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  retryable: z.boolean().describe('Whether the same event may be accepted later without being changed.'),
  retryAfterMs: z.int().optional().describe('How long to wait before it is repeated, in milliseconds; absent where nothing is known.'),
});

export const EventBatchAnswer = z
  .object({
    results: z.array(
      z.union([
        z.object({ status: z.literal(202), id: z.string(), acceptedAt: moment }),
        z.object({ status: z.int().describe('What the event alone would have got.'), problem: itemProblem }),
      ]),
    ),
  })
  .meta({ id: 'EventBatchAnswer' });
export type EventBatchAnswer = z.infer<typeof EventBatchAnswer>;

/** Header `Idempotency-Key`. */
export const IdempotencyKeyHeader = z.string().regex(/^[\x21-\x7e]{1,255}$/, 'Must be 1 to 255 visible ASCII characters.');

/** CloudEvents 1.0 context attributes; extensions go to `attributes`, but for those with a meaning of their own. */
export const CloudEventContext = z.looseObject({
  specversion: z.literal('1.0'),
  id: eventFields.id.unwrap(),
  source: line(limits.attributeValueLength),
  type: eventFields.type,
  time: moment.optional(),
  subject: line(limits.attributeValueLength).optional(),
  datacontenttype: line(256).optional(),
  dataschema: line(limits.attributeValueLength).optional(),
  partitionkey: eventFields.orderingKey.describe('Ordering key.'),
  project: eventFields.project,
  traceparent: z.string().max(64).optional(),
});
export type CloudEventContext = z.infer<typeof CloudEventContext>;
