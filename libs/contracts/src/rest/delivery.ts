import { z } from 'zod';
import { eventTypePattern } from './event-ingest.js';
import { line, moment } from './text.js';

export const laneStates = ['live', 'waiting', 'parked', 'draining', 'held', 'catching-up', 'disabled'] as const;

export const LaneView = z
  .object({
    hookId: z.string(),
    state: z.enum(laneStates).describe('live: sends as it comes. waiting: the head waits. parked: waits in Postgres. draining: comes back from there. held: needs a person or a new version of the hook. catching-up: what was missed goes out first.'),
    waitsFor: z.string().nullable().describe('retry, rate-limit, blocked-keys, hook-version, lease, busy-elsewhere, outcomes, take-over, slot, answer, failure-limit, gone, exhausted, command, catch-up, shutdown; null: nothing.'),
    sentence: z.string().describe('The same for a person.'),
    head: z.object({ deliveryId: z.string(), eventId: z.string().nullable(), attempts: z.int(), acceptedAt: moment.nullable() }).nullable().describe('What goes out next.'),
    nextAttemptAt: moment.nullable(),
    failures: z.int().describe('That count towards the limit of the hook.'),
    inFlight: z.int().describe('Requests under way.'),
    blocked: z.int().describe('Deliveries, or ordering keys, that failed and wait by themselves while others go on; 0 in fifo.'),
    lastError: z.string().nullable().describe('Stable code of the last failure.'),
    backlog: z.object({ count: z.int(), oldestAcceptedAt: moment.nullable(), oldestAgeMs: z.int().nullable() }),
  })
  .meta({ id: 'LaneView' });
export type LaneView = z.infer<typeof LaneView>;

export const HookTest = z
  .strictObject({
    type: z.string().regex(eventTypePattern).optional().describe('Default: what the dialect sends for a test; hooklane.test where it has nothing of its own.'),
    data: z.unknown().optional().describe('Any JSON; default: the dialect\'s sample for the type, or an object that says that this is a test.'),
    project: line(128).optional().describe('Default: the first project of the hook.'),
    by: z
      .strictObject({ id: z.int().min(1).optional(), userName: line(254).optional(), fullName: line(200).optional(), email: z.email().max(254).optional() })
      .optional()
      .describe('Whom the sample names as the one who did it: the person who presses the button. Default: the API key.'),
  })
  .meta({ id: 'HookTest' });
export type HookTest = z.infer<typeof HookTest>;

export const ResendScheduled = z.object({ commandId: z.string().describe('Of the command `retry-now` to its lane.') }).meta({ id: 'ResendScheduled' });
export type ResendScheduled = z.infer<typeof ResendScheduled>;
