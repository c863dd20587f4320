import type { EventAccepted } from '@hooklane/contracts/topics';
import { initialHealth, type LaneHealth } from '../attempt/lane-health.js';
import type { Pace } from './pace.js';
import type { OpenRecord } from './progress.js';
import { Queue } from './queue.js';
import type { LaneStanding, Schedulable } from './scheduler.js';

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
}

/**
 * `idle`: nothing is under way. `queued`: waits for a slot. `announcing`: charge-first, its row is being written. `sending`: a request is in flight.
 * `recording`: a failure's row and outcome are on their way; nothing else happens before they are there.
 */
export type LanePhase = 'idle' | 'queued' | 'announcing' | 'sending' | 'recording';

export interface Lane extends Schedulable {
  readonly partition: number;
  readonly tenantId: string;
  readonly hookId: string;
  standing: LaneStanding;
  phase: LanePhase;
  /** What it waits for while idle, for people. */
  waitsFor: '' | 'retry' | 'hook-version' | 'lease' | 'outcomes' | 'take-over' | 'held' | 'shutdown' | 'rate-limit' | 'busy-elsewhere';
  health: LaneHealth;
  /** Postgres has, or is about to have, a row of its health. */
  hasRow: boolean;
  /** In offset order; the first one is the head. */
  readonly live: Queue<Delivery>;
  liveBytes: number;
  /** New records go to Postgres, at the end of the lane. */
  spilled: boolean;
  /** Highest offset parked or queued for parking; -1: none. */
  parkedMax: number;
  /** Rows in Postgres or on their way there. */
  parkedCount: number;
  oldestParkedAtMs: number;
  /** Highest offset that is, or was, in `live`. */
  drainedTo: number;
  /** Rows on their way to Postgres, and those of them that were given up from memory. */
  parksPending: number;
  spillsPending: number;
  /** How often rows arrived there: tells an empty page from one that was read too early. */
  parkCommits: number;
  isLoading: boolean;
  /** The last page was empty although rows are on their way: nothing is read before they are there. */
  isDry: boolean;
  /** Names the page being read; one that was asked for before the lane gave up its memory is thrown away. */
  loadToken: number;
  /** After a take-over: no page is read before the partition was read beyond this offset. */
  readGate: number;
  /** After an unclean take-over: a head below this offset may have been sent by the last owner and have failed without a trace; 0: none. */
  suspectBelow: number;
  /** Null: its hook has no rate limit, and its receiver asked for nothing. */
  pace: Pace | null;
  /** When its last request started, and how far apart its first attempts were lately (0: not known); monotonic. */
  startedMs: number;
  gapMs: number;
  lastActiveMs: number;
  succeededAtMs: number;
}

export function createLane(partition: number, tenantId: string, hookId: string, enabledEpoch: number, nowMs: number): Lane {
  return {
    partition,
    tenantId,
    hookId,
    standing: 'fresh',
    phase: 'idle',
    waitsFor: '',
    health: initialHealth(enabledEpoch),
    hasRow: false,
    live: new Queue(),
    liveBytes: 0,
    spilled: false,
    parkedMax: -1,
    parkedCount: 0,
    oldestParkedAtMs: 0,
    drainedTo: -1,
    parksPending: 0,
    spillsPending: 0,
    parkCommits: 0,
    isLoading: false,
    isDry: false,
    loadToken: 0,
    readGate: -1,
    suspectBelow: 0,
    pace: null,
    startedMs: -Infinity,
    gapMs: 0,
    lastActiveMs: nowMs,
    succeededAtMs: 0,
  };
}
