import { z } from 'zod';
import { limits } from '../limits.js';
import { eventIdPattern, eventTypePattern } from './event-ingest.js';
import { line, moment } from './text.js';

export const deliveryFates = ['pending', 'delivered', 'exhausted', 'discarded', 'skipped'] as const;
export const undeliveredFates = ['pending', 'exhausted', 'discarded', 'skipped', 'matched-nothing'] as const;
export const attemptTriggers = ['event', 'retry', 'replay', 'catch-up', 'resend', 'test', 'probe'] as const;
export const attemptClasses = ['success', 'unavailable', 'rejected', 'blocked', 'invalid', 'interrupted'] as const;
export const statusClasses = ['1xx', '2xx', '3xx', '4xx', '5xx', 'none'] as const;
export const incidentStates = ['open', 'reinjected', 'skipped', 'acknowledged'] as const;
export const tailKinds = ['event', 'attempt', 'decision'] as const;

/** Ids in filters and paths: what no id of ours can be finds nothing, so any line will do. */
const id = line(256);
const eventType = z.string().regex(eventTypePattern);
const project = line(128);

const paging = {
  cursor: z.string().max(1_024).optional().describe('`next` of the page before. Good for the same tenant, list and filters only.'),
  limit: z.coerce.number().int().min(1).max(limits.pageSizeMax).optional().describe(`Default ${limits.pageSize}.`),
};
const range = {
  from: moment.optional().describe('Not before this moment.'),
  to: moment.optional().describe('Before this moment.'),
};
/** `key=value`; the value may hold further equals signs. */
const attribute = z.string().max(limits.attributeKeyLength + 1 + limits.attributeValueLength).regex(/^[^=]+=/, 'Must be key=value.');

export const EventListQuery = z
  .strictObject({
    ...paging,
    ...range,
    type: eventType.optional(),
    project: project.optional(),
    attribute: attribute.optional().describe('`key=value`: events with this attribute.'),
    text: z.string().min(1).max(256).optional().describe('Events whose data holds this text, letter for letter.'),
  })
  .meta({ id: 'EventListQuery' });
export type EventListQuery = z.infer<typeof EventListQuery>;

export const DeliveryListQuery = z
  .strictObject({
    ...paging,
    ...range,
    hook: id.optional(),
    event: id.optional(),
    type: eventType.optional(),
    project: project.optional(),
    fate: z.enum(deliveryFates).optional(),
    status: z.enum(statusClasses).optional().describe('Class of the last answer; `none`: nothing was answered.'),
    trigger: z.enum(attemptTriggers).optional(),
  })
  .meta({ id: 'DeliveryListQuery' });
export type DeliveryListQuery = z.infer<typeof DeliveryListQuery>;

export const AttemptListQuery = z
  .strictObject({
    ...paging,
    ...range,
    hook: id.optional(),
    event: id.optional(),
    type: eventType.optional(),
    project: project.optional(),
    class: z.enum(attemptClasses).optional(),
    status: z.enum(statusClasses).optional(),
    trigger: z.enum(attemptTriggers).optional(),
  })
  .meta({ id: 'AttemptListQuery' });
export type AttemptListQuery = z.infer<typeof AttemptListQuery>;

export const UndeliveredListQuery = z
  .strictObject({
    ...paging,
    ...range,
    hook: id.optional(),
    event: id.optional(),
    type: eventType.optional(),
    project: project.optional(),
    fate: z.enum(undeliveredFates).optional().describe('Default: all but `matched-nothing`, which is a list of its own: of events that no hook wanted.'),
    reason: line(128).optional().describe('The stable code of the reason, such as `disabled` or `gave-up`.'),
  })
  .meta({ id: 'UndeliveredListQuery' });
export type UndeliveredListQuery = z.infer<typeof UndeliveredListQuery>;

export const MissedQuery = z.strictObject({ event: z.string().regex(eventIdPattern) }).meta({ id: 'MissedQuery' });
export type MissedQuery = z.infer<typeof MissedQuery>;

export const TailQuery = z
  .strictObject({
    kind: z.enum(tailKinds).optional().describe('Default: all.'),
    hook: id.optional().describe('Attempts and decisions of this hook.'),
    type: eventType.optional(),
    project: project.optional(),
    class: z.enum(attemptClasses).optional(),
  })
  .meta({ id: 'TailQuery' });
export type TailQuery = z.infer<typeof TailQuery>;

export const IncidentListQuery = z.strictObject({ ...paging, state: z.enum(incidentStates).optional() }).meta({ id: 'IncidentListQuery' });
export type IncidentListQuery = z.infer<typeof IncidentListQuery>;

export const IncidentAnswer = z.strictObject({ reason: line(1_000) }).meta({ id: 'IncidentAnswer' });
export type IncidentAnswer = z.infer<typeof IncidentAnswer>;

const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({
    items: z.array(item).describe('May be fewer than asked for, even none, although there is more: only `next` says whether there is.'),
    next: z.string().nullable().describe('Cursor of the next page; null: there is none.'),
    expiredBefore: moment.nullable().describe('When `from` reaches further back than the tenant\'s retention: what is older than this was removed.'),
  });

const nullableMoment = moment.nullable();

export const EventSummary = z
  .object({
    id: z.string(),
    type: z.string(),
    project: z.string().nullable(),
    orderingKey: z.string().nullable(),
    occurredAt: moment,
    acceptedAt: moment,
    attributes: z.record(z.string(), z.string()),
    contentType: z.string(),
    dataBytes: z.int(),
  })
  .meta({ id: 'EventSummary' });
export type EventSummary = z.infer<typeof EventSummary>;
export const EventSummaryPage = pageOf(EventSummary).meta({ id: 'EventSummaryPage' });
export type EventSummaryPage = z.infer<typeof EventSummaryPage>;

export const DeliverySummary = z
  .object({
    id: z.string(),
    eventId: z.string(),
    hookId: z.string(),
    hookVersion: z.int(),
    type: z.string(),
    project: z.string().nullable(),
    trigger: z.string(),
    replayId: z.string().nullable(),
    eventAcceptedAt: moment,
    requestedAt: nullableMoment,
    fate: z.string().describe('pending, delivered, exhausted, discarded or skipped.'),
    fateReason: z.string().nullable(),
    attempts: z.int(),
    lastStatus: z.int().nullable(),
    lastError: z.string().nullable().describe('The stable code of the last failure.'),
    lastOutcomeAt: nullableMoment,
    nextAttemptAt: nullableMoment,
  })
  .meta({ id: 'DeliverySummary' });
export type DeliverySummary = z.infer<typeof DeliverySummary>;
export const DeliverySummaryPage = pageOf(DeliverySummary).meta({ id: 'DeliverySummaryPage' });
export type DeliverySummaryPage = z.infer<typeof DeliverySummaryPage>;

export const UndeliveredView = z
  .object({
    eventId: z.string(),
    eventAcceptedAt: moment,
    type: z.string(),
    project: z.string().nullable(),
    hookId: z.string().nullable().describe('Null: no hook wanted it.'),
    fate: z.string().describe('pending, exhausted, discarded, skipped or matched-nothing.'),
    reason: z.string().nullable().describe('A stable code.'),
    waitsFor: z.enum(['retry', 'turn']).nullable().describe('Of a pending one. retry: its next attempt is due at `delivery.nextAttemptAt`. turn: others of its hook go first, or its lane waits; GET hooks/{hook}/lane says for what.'),
    sentence: z.string(),
    delivery: DeliverySummary.nullable().describe('The newest one of this event to this hook.'),
  })
  .meta({ id: 'UndeliveredView' });
export type UndeliveredView = z.infer<typeof UndeliveredView>;
export const UndeliveredPage = pageOf(UndeliveredView).meta({ id: 'UndeliveredPage' });
export type UndeliveredPage = z.infer<typeof UndeliveredPage>;

export const AttemptSummary = z
  .object({
    id: z.string(),
    deliveryId: z.string().nullable(),
    eventId: z.string(),
    hookId: z.string(),
    type: z.string(),
    project: z.string().nullable(),
    at: moment.describe('When its outcome was known.'),
    number: z.int(),
    trigger: z.string(),
    class: z.string(),
    status: z.int().nullable(),
    errorCode: z.string().nullable(),
    totalMs: z.number(),
    fate: z.string().nullable().describe('What the delivery came to by this attempt.'),
  })
  .meta({ id: 'AttemptSummary' });
export type AttemptSummary = z.infer<typeof AttemptSummary>;
export const AttemptSummaryPage = pageOf(AttemptSummary).meta({ id: 'AttemptSummaryPage' });
export type AttemptSummaryPage = z.infer<typeof AttemptSummaryPage>;

const httpBody = z.object({ encoding: z.enum(['utf8', 'base64']), content: z.string(), bytes: z.int(), cut: z.boolean().describe('Only the beginning was kept.') }).meta({ id: 'HttpBody' });
const httpHeaders = z.array(z.object({ name: z.string(), value: z.string() }));

export const AttemptView = AttemptSummary.extend({
  startedAt: moment,
  connectMs: z.number().describe('0 on a reused connection.'),
  firstByteMs: z.number(),
  errorSentence: z.string().nullable(),
  hookVersion: z.int(),
  request: z.object({ url: z.string(), headers: httpHeaders, body: httpBody.nullable().describe('Null: the event has expired.') }).describe('Secrets are masked.'),
  response: z.object({ status: z.int(), headers: httpHeaders, body: httpBody }).nullable(),
}).meta({ id: 'AttemptView' });
export type AttemptView = z.infer<typeof AttemptView>;

export const TimelineEntry = z
  .object({
    at: moment,
    what: z.enum(['accepted', 'requested', 'attempt', 'decision']),
    attempt: AttemptSummary.nullable(),
    fate: z.string().nullable(),
    reason: z.string().nullable(),
    nextAttemptAt: nullableMoment,
  })
  .meta({ id: 'TimelineEntry' });
export type TimelineEntry = z.infer<typeof TimelineEntry>;

export const DeliveryView = DeliverySummary.extend({ timeline: z.array(TimelineEntry) }).meta({ id: 'DeliveryView' });
export type DeliveryView = z.infer<typeof DeliveryView>;

export const EventView = EventSummary.extend({
  traceparent: z.string().nullable(),
  matching: z.enum(['pending', 'matched', 'matched-nothing']),
  deliveries: z.array(DeliverySummary),
  deliveriesCut: z.boolean().describe('There are more; ask the list of deliveries.'),
  data: z.unknown().optional().describe('Byte for byte as published, where it is JSON.'),
  dataBase64: z.string().optional().describe('Where it is not.'),
}).meta({ id: 'EventView' });
export type EventView = z.infer<typeof EventView>;

export const MissedView = z
  .object({
    eventId: z.string(),
    hookId: z.string(),
    verdict: z.enum(['requested', 'not-matched', 'hook-not-there', 'hook-deleted', 'not-matched-yet', 'unexplained']),
    condition: z.enum(['tenant', 'event-type', 'project', 'filter']).nullable().describe('The first condition of the hook that the event does not fulfil.'),
    sentence: z.string(),
    hookVersion: z.int().nullable().describe('The hook as it was when the event was matched.'),
    matchedAt: nullableMoment,
    delivery: DeliverySummary.nullable(),
  })
  .meta({ id: 'MissedView' });
export type MissedView = z.infer<typeof MissedView>;

export const IncidentSummary = z
  .object({
    id: z.string(),
    tenant: z.string().nullable(),
    kind: z.string(),
    service: z.string(),
    topic: z.string(),
    partition: z.int(),
    firstOffset: z.int(),
    lastOffset: z.int(),
    reason: z.string(),
    raisedAt: moment,
    state: z.string(),
    answeredBy: z.string().nullable(),
    answerReason: z.string().nullable(),
    answeredAt: nullableMoment,
    canBeReinjected: z.boolean(),
  })
  .meta({ id: 'IncidentSummary' });
export type IncidentSummary = z.infer<typeof IncidentSummary>;
export const IncidentPage = z.object({ items: z.array(IncidentSummary), next: z.string().nullable() }).meta({ id: 'IncidentPage' });
export type IncidentPage = z.infer<typeof IncidentPage>;

export const IncidentView = IncidentSummary.extend({
  recordKey: z.string().nullable(),
  recordValueBase64: z.string().nullable(),
  recordAttachmentBase64: z.string().nullable(),
}).meta({ id: 'IncidentView' });
export type IncidentView = z.infer<typeof IncidentView>;

const hookIds = z.array(z.string().min(1).max(64)).max(10_000);
const attemptNumber = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
/** Of gRPC only: what services of one installation ask each other. */
export const ListLoggedAttempts = z
  .strictObject({ hooks: hookIds, project: z.string().max(256), number: attemptNumber, before: attemptNumber, limit: z.int().min(1).max(10) })
  .refine(({ hooks, number }) => hooks.length > 0 || number > 0, { path: ['hooks'], message: 'Needed without a number.' });
export const CountLoggedAttempts = z.strictObject({ hooks: hookIds, atMost: z.int().min(1).max(100) });
