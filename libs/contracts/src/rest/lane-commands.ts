import { z } from 'zod';
import { line } from './text.js';

/** `dlv_<requests partition>_<request offset>_<hook id>`, as `lane.head` and the log name it. */
const deliveryId = z.string().regex(/^dlv_\d{1,9}_\d{1,15}_[A-Za-z0-9_-]{1,200}$/, 'Must be the id of a delivery: dlv_….');
const reason = line(500).optional().describe('Why; the history of the hook shows it. Instead of the header Hooklane-Reason.');

/** Of the commands that need nothing else: `hold`, `release` and `release-catch-up`. */
export const LaneCommandReason = z.strictObject({ reason }).meta({ id: 'LaneCommandReason' });
export type LaneCommandReason = z.infer<typeof LaneCommandReason>;

export const LaneRetryNow = z
  .strictObject({
    reason,
    deliveryId: deliveryId.optional().describe('Only if this one is what the lane waits for; default: whatever it is.'),
    attempt: z.int().min(1).max(1_000_000).optional().describe('Only if this one is the attempt that the delivery waits for.'),
  })
  .refine(({ deliveryId: delivery, attempt }) => attempt === undefined || delivery !== undefined, { path: ['attempt'], message: 'Goes with deliveryId.' })
  .meta({ id: 'LaneRetryNow' });
export type LaneRetryNow = z.infer<typeof LaneRetryNow>;

export const LaneSkipHead = z.strictObject({ reason, deliveryId: deliveryId.describe('Which one to give up: skipped only while it is what the lane waits for.') }).meta({ id: 'LaneSkipHead' });
export type LaneSkipHead = z.infer<typeof LaneSkipHead>;

export const LaneCommandGiven = z.object({ commandId: z.string().describe('Stands in the history of the hook too.') }).meta({ id: 'LaneCommandGiven' });
export type LaneCommandGiven = z.infer<typeof LaneCommandGiven>;
