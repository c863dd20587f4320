import { z } from 'zod';
import { limits } from '../limits.js';
import { line, moment } from './text.js';

export const inboundOutcomes = ['accepted', 'repeated', 'refused', 'failed', 'not-kept'] as const;

const id = line(256);

export const InboundCallListQuery = z
  .strictObject({
    cursor: z.string().max(1_024).optional().describe('`next` of the page before. Good for the same tenant, list and filters only.'),
    limit: z.coerce.number().int().min(1).max(limits.pageSizeMax).optional().describe(`Default ${limits.pageSize}.`),
    from: moment.optional().describe('Not before this moment.'),
    to: moment.optional().describe('Before this moment.'),
    source: id.optional().describe('The id of a source: calls that it verified, and those that were meant for it alone.'),
    endpoint: id.optional().describe('What was called: `tiki`, the id of a source, or `unknown`.'),
    outcome: z.enum(inboundOutcomes).optional(),
  })
  .meta({ id: 'InboundCallListQuery' });
export type InboundCallListQuery = z.infer<typeof InboundCallListQuery>;

const nullableText = z.string().nullable();

export const InboundCallSummary = z
  .object({
    id: z.string(),
    at: moment,
    endpoint: z.string(),
    sourceId: nullableText,
    sourceName: nullableText,
    user: nullableText.describe('Of an accepted call: whose event it became.'),
    outcome: z.string().describe('accepted; repeated: it had come before, and is no second event; refused; failed: we could not take it, and its sender may try again; not-kept: no call, but how many refused ones are not in this list.'),
    reason: nullableText.describe('A stable code.'),
    sentence: nullableText,
    status: z.int().nullable().describe('What was answered.'),
    method: nullableText,
    path: nullableText.describe('With the values of its query masked.'),
    remoteAddress: nullableText,
    bodyBytes: z.int(),
    eventId: nullableText,
    notKept: z.int(),
    notKeptSince: moment.nullable(),
  })
  .meta({ id: 'InboundCallSummary' });
export type InboundCallSummary = z.infer<typeof InboundCallSummary>;

export const InboundCallPage = z
  .object({
    items: z.array(InboundCallSummary).describe('May be fewer than asked for, even none, although there is more: only `next` says whether there is.'),
    next: z.string().nullable().describe('Cursor of the next page; null: there is none.'),
    expiredBefore: moment.nullable().describe('When `from` reaches further back than the tenant\'s retention: what is older than this was removed.'),
  })
  .meta({ id: 'InboundCallPage' });
export type InboundCallPage = z.infer<typeof InboundCallPage>;

export const InboundCallView = InboundCallSummary.extend({
  headers: z.array(z.object({ name: z.string(), value: z.string() })).describe('Secrets and signatures are masked.'),
  body: z.object({ encoding: z.enum(['utf8', 'base64']), content: z.string(), bytes: z.int(), cut: z.boolean().describe('Only the beginning was kept.') }),
}).meta({ id: 'InboundCall' });
export type InboundCallView = z.infer<typeof InboundCallView>;
