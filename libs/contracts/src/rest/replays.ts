import { z } from 'zod';
import { limits } from '../limits.js';
import { eventTypePattern } from './event-ingest.js';
import { line, moment } from './text.js';

/** What a replay can be of; `all`: whatever came of it. Pending deliveries are never replayed. */
export const replayFates = ['delivered', 'exhausted', 'discarded', 'skipped', 'all'] as const;
export const replayStates = ['selecting', 'running', 'paused', 'done', 'cancelled', 'failed'] as const;
export const replayKinds = ['replay', 'catch-up'] as const;

const hookId = line(256);
/** A name, or every name below a prefix, as in a hook's `eventTypes`. */
const eventTypes = z.string().max(258).refine((text) => eventTypePattern.test(text.endsWith('.*') ? text.slice(0, -2) : text), 'Must be the name of an event type, or a prefix and `.*`.');
const ratePerSecond = z.number().min(0.01).max(10_000);

/** Which deliveries, by the acceptance time of their event. */
export const ReplayRequest = z
  .strictObject({
    hookIds: z.array(hookId).min(1).max(1_000).optional().describe('Default: every hook of the tenant.'),
    from: moment.describe('Events accepted at this moment or later.'),
    to: moment.optional().describe('Events accepted before this moment. Default: the moment of the request.'),
    types: z.array(eventTypes).min(1).max(200).optional().describe('Exact names or `prefix.*`. Default: all.'),
    projects: z.array(line(128)).min(1).max(200).optional().describe('Ids of projects. Default: all, and events without one.'),
    fates: z.array(z.enum(replayFates)).min(1).optional().describe('Default: exhausted, discarded and skipped, which is all that did not arrive.'),
    onlyLatest: z.boolean().optional().describe('Whether an event counts by what came of it last, so that one that arrived by an earlier replay is left out. Default: true. An event goes to a hook once in either case.'),
    ratePerSecond: ratePerSecond.optional().describe('Deliveries a second, spread evenly. Default: as fast as the receivers take them.'),
    dryRun: z.boolean().optional().describe('Only count.'),
    reason: line(1_000).optional().describe('Kept with the replay.'),
  })
  .refine(({ from, to }) => to === undefined || Date.parse(from) < Date.parse(to), { path: ['to'], message: 'Must be later than `from`.' })
  .meta({ id: 'ReplayRequest' });
export type ReplayRequest = z.infer<typeof ReplayRequest>;

export const ReplayListQuery = z
  .strictObject({
    cursor: z.string().max(1_024).optional().describe('`next` of the page before. Good for the same tenant and filters only.'),
    limit: z.coerce.number().int().min(1).max(limits.pageSizeMax).optional().describe(`Default ${limits.pageSize}.`),
    state: z.enum(replayStates).optional(),
    kind: z.enum(replayKinds).optional(),
  })
  .meta({ id: 'ReplayListQuery' });
export type ReplayListQuery = z.infer<typeof ReplayListQuery>;

export const ReplayChange = z.strictObject({ reason: line(1_000).optional() }).meta({ id: 'ReplayChange' });
export type ReplayChange = z.infer<typeof ReplayChange>;

export const ReplayPreview = z
  .object({
    count: z.int().describe('Deliveries that would be made.'),
    atLeast: z.boolean().describe('Counting took too long: there are so many, or more.'),
    from: moment,
    to: moment,
    expiredBefore: moment.nullable().describe('When `from` reaches further back than the tenant\'s retention: what is older than this was removed and cannot be replayed.'),
  })
  .meta({ id: 'ReplayPreview' });
export type ReplayPreview = z.infer<typeof ReplayPreview>;

const nullableMoment = moment.nullable();

export const ReplayView = z
  .object({
    id: z.string(),
    kind: z.enum(replayKinds).describe('catch-up: what a hook missed while it was disabled, after an enabling with `catchUp: missed`.'),
    state: z.enum(replayStates).describe('done: everything selected stands in the log; what came of it is in `fates`.'),
    sentence: z.string().describe('What it does or waits for, or why it ended.'),
    createdAt: moment,
    createdBy: z.string(),
    reason: z.string().nullable(),
    changedAt: moment.describe('When its state changed last.'),
    changedBy: z.string(),
    changeReason: z.string().nullable(),
    selection: z.object({
      hookIds: z.array(z.string()).nullable(),
      from: nullableMoment,
      to: nullableMoment,
      types: z.array(z.string()).nullable(),
      projects: z.array(z.string()).nullable(),
      fates: z.array(z.string()),
      onlyLatest: z.boolean(),
    }),
    ratePerSecond: z.number().nullable(),
    expiredBefore: nullableMoment.describe('What was selected from is younger than this, although `from` is older: the rest was removed when its retention ended.'),
    selected: z.int().describe('Deliveries to be made; final once it is not selecting any more.'),
    produced: z.int().describe('Deliveries made so far; each has a fate of its own in the log.'),
    expired: z.int().describe('Selected, but removed by retention before their turn came.'),
    alreadyPending: z.int().describe('Selected, but on their way again by something else when their turn came.'),
    remaining: z.int().describe('Selected and not yet dealt with; of a cancelled one: given up.'),
    fates: z.object({ pending: z.int(), delivered: z.int(), exhausted: z.int(), discarded: z.int(), skipped: z.int() }).describe('What came of the deliveries made, as far as the log shows them.'),
  })
  .meta({ id: 'ReplayView' });
export type ReplayView = z.infer<typeof ReplayView>;

export const ReplayPage = z
  .object({ items: z.array(ReplayView), next: z.string().nullable().describe('Cursor of the next page; null: there is none.') })
  .meta({ id: 'ReplayPage' });
export type ReplayPage = z.infer<typeof ReplayPage>;
