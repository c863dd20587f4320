import { initialHealth, type LaneHealth } from '../attempt/lane-health.js';
import type { Pace } from './pace.js';
import type { Delivery, RequestedEvent } from './delivery.js';
import type { KeyedHealth, KeyedLine } from './keyed-line.js';
import type { LaneOrders } from './lane-orders.js';
import { Queue } from './queue.js';
import type { LaneStanding, Schedulable } from './scheduler.js';

export type { Delivery, RequestedEvent };

/** Deliveries that wait in Postgres for the end of a catch-up, whatever goes out before them. */
export interface WaitingRoom {
  count: number;
  lowest: number;
  highest: number;
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
  waitsFor: '' | 'retry' | 'hook-version' | 'lease' | 'outcomes' | 'take-over' | 'held' | 'shutdown' | 'rate-limit' | 'busy-elsewhere' | 'command' | 'catch-up' | 'blocked-keys' | 'answer';
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
  /** How many such requests there may have been at once. */
  suspects: number;
  /** Where order allows more than one request at once: the heads of its keys. Null: a straight line. */
  keyed: KeyedLine | null;
  /** What is known of failed deliveries of other heads than that of a straight line, by offset. */
  remembered: Map<number, KeyedHealth> | null;
  /** Of heads, to be written with the next row: JSON, or empty where it goes. */
  headWrites: Map<number, string> | null;
  /** Offsets of requests that were announced together and may be under way; and how many may be so without. */
  announced: readonly number[];
  width: number;
  /** What commands made of it; null: nothing. */
  orders: LaneOrders | null;
  waiting: WaitingRoom | null;
  /** Everything in memory goes back to Postgres, and is read again from the lowest, as soon as nothing is under way. */
  mustRewind: boolean;
  /** With it, what waits for the end of a catch-up that another has overtaken: in Postgres, and in memory. */
  joining: WaitingRoom | null;
  readonly overtaken: Delivery[];
  isOpeningCatchUp: boolean;
  /** Epoch of the catch-up that the lane's row knows of. Before, what is to wait for its end is kept in memory: a new owner would take its row for a part of the line. */
  durableCatchUp: number;
  readonly asides: Delivery[];
  /** Answers that came while a row was being written; they are looked at in their order. */
  readonly answers: (() => void)[];
  isAnswering: boolean;
  /** To be told when the next row is there. */
  rowDone: (() => void)[] | null;
  /** Final outcomes that are not acked. */
  unackedFates: number;
  /** Deliveries that have their fate and whose row is still there; the highest of all that ever left so. */
  leaving: number;
  goneMax: number;
  /** Rows that ever arrived in Postgres, and how many it takes before the line may be read again from a lower offset. */
  parksStored: number;
  rereadFrom: number;
  /** Of the parked ones, those of a catch-up: they do not count towards the cap. */
  parkedExempt: number;
  /** Events whose replays wait, with the offset of the delivery; see pending-replays.ts. Null: none. */
  replays: Map<string, number> | null;
  lastActiveMs: number;
  succeededAtMs: number;
}

const NONE: readonly number[] = [];

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
    suspects: 1,
    keyed: null,
    remembered: null,
    headWrites: null,
    announced: NONE,
    width: 0,
    orders: null,
    waiting: null,
    mustRewind: false,
    joining: null,
    overtaken: [],
    isOpeningCatchUp: false,
    durableCatchUp: 0,
    asides: [],
    answers: [],
    isAnswering: false,
    rowDone: null,
    unackedFates: 0,
    leaving: 0,
    goneMax: -1,
    parksStored: 0,
    rereadFrom: 0,
    parkedExempt: 0,
    replays: null,
    lastActiveMs: nowMs,
    succeededAtMs: 0,
  };
}
