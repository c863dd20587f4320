import type { EventAccepted } from '@hooklane/contracts/topics';
import type { OpenRecord } from './progress.js';

/** What the deliveries of one record share: the event once, whichever hooks it goes to. */
export interface RequestedEvent {
  readonly offset: number;
  readonly tenantId: string;
  readonly eventId: string;
  readonly trigger: string;
  readonly replayId: string;
  /** The EventAccepted record as it stands in the log. */
  readonly encoded: Buffer;
  readonly event: EventAccepted;
}

/** One event for one hook, as it waits in memory. */
export interface Delivery {
  readonly request: RequestedEvent;
  readonly hookVersion: number;
  readonly arrivedAtMs: number;
  /** The record whose settling moves the watermark; null when that was done (it comes from Postgres). */
  record: OpenRecord | null;
  /** Its row in Postgres. */
  row: 'none' | 'queued' | 'stored';
  /** Written because the lane gave up its memory: rows of lower offsets may still be on their way, so no page is read before. */
  spilling: boolean;
  /** Parked behind this head; see KeyedLine. */
  behind: { parksPending: number } | null;
}
