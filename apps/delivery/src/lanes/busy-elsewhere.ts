import type { DeliveryOutcome } from '@hooklane/contracts/topics';
import { healthInEpoch, type AttemptDecision } from '../attempt/decide-attempt.js';
import type { LaneHealth } from '../attempt/lane-health.js';
import type { KeyedHealth } from './keyed-line.js';
import type { Delivery, Lane } from './lane.js';
import { dropHead } from './lane-head.js';

/** What is given to a request beyond its deadline before its outcome is no longer waited for: to be noticed, and to be appended to the log. */
export const BUSY_MARGIN_MS = 2_000;

/** A request that was in flight when its owner let go of the partition. */
export interface RequestElsewhere {
  /** Of the delivery. */
  readonly offset: number;
  /** Of the attempt. */
  readonly number: number;
  /** Of the hook, when it started. */
  readonly enabledEpoch: number;
  /** Where the lane was no straight line: the key whose head the delivery was. */
  readonly key?: string;
}

/** Stands in a lane's row from the hand-over until every request of it is answered or the time is up: nothing of the lane starts before. */
export interface BusyElsewhere {
  /** Of the owner whose requests they are; they answer with outcomes of this epoch. */
  readonly ownerEpoch: number;
  /** Postgres time in milliseconds from which on nobody sends them any more: what is not answered by then counts as failed. */
  readonly untilMs: number;
  readonly requests: readonly RequestElsewhere[];
}

/** What an owner that may write no row any more would have written after a request. */
export interface LaneAfter {
  readonly health: LaneHealth;
  /** Of the delivery, where the lane was no straight line; null: it has its fate. */
  readonly head?: KeyedHealth | null;
}

/** An outcome that its owner published after it had let go. */
export interface AnswerElsewhere {
  readonly outcome: DeliveryOutcome;
  readonly after: LaneAfter;
  /** Its place in the outcomes partition. */
  readonly offset: number;
}

/** The header of the outcome's record in which `LaneAfter` stands, as JSON. */
export const LANE_AFTER_HEADER = 'lane-after';

/** The former owner's side: what the next one is to go on with. The lane of the former owner does nothing any more but remember. */
export function laneAfter(lane: Lane, { health, fate, scope, nextAttemptAtMs }: AttemptDecision, delivery: Delivery): LaneAfter {
  const head = lane.keyed?.headOf(delivery);
  if (!head) {
    lane.health = health;
    return { health };
  }
  const isOwnDelay = fate === 'pending' && scope === 'delivery';
  const hookDueMs = health.unavailableStep === 0 ? 0 : lane.health.nextAttemptAtMs;
  lane.health = { ...health, head: null, ...(isOwnDelay ? { nextAttemptAtMs: hookDueMs } : {}) };
  head.health = fate === 'pending' ? health.head : null;
  return { health: lane.health, head: head.health && { key: head.key, health: head.health, dueMs: isOwnDelay ? nextAttemptAtMs : 0 } };
}

/** The new owner's side: goes on with what the former one found. @returns what is left to wait for, null: nothing; `busy` itself when the outcome answers none of it */
export function answered(lane: Lane, busy: BusyElsewhere, { outcome, after }: AnswerElsewhere): BusyElsewhere | null {
  const { attempt, ownerEpoch, requestOffset } = outcome;
  if (!attempt || ownerEpoch !== busy.ownerEpoch) return busy;
  const left = leftWhere(busy, ({ offset, number }) => offset !== requestOffset || number !== attempt.number);
  if (left === busy) return busy;
  // What happened to the lane here in the meantime, which is enabling, stays.
  lane.health = healthInEpoch(after.health, lane.health.enabledEpoch);
  if (after.head !== undefined) remember(lane, requestOffset, after.head);
  return left;
}

/** The time is up and nobody knows what came of them: each counts as a failed attempt of the epoch in which it went out (promise 5). */
export function charged(lane: Lane, busy: BusyElsewhere): void {
  const health = structuredClone(lane.health);
  for (const { offset, number, enabledEpoch, key } of busy.requests) {
    if (enabledEpoch === health.enabledEpoch) health.streak += 1;
    const known = key === undefined ? health.head : lane.remembered?.get(offset)?.health;
    const head = { ...(known?.offset === offset ? known : { offset, firstAttemptAtMs: 0, rejectedStep: 0, interrupted: 0 }), attempts: number, started: number };
    if (key === undefined) health.head = head;
    else remember(lane, offset, { key, health: head, dueMs: 0 });
  }
  lane.health = health;
}

/** What they were for may have its fate without them: an owner in between skipped it, and died before it had written the row anew. */
export function dropSettled(lane: Lane, busy: BusyElsewhere, isSettled: (offset: number) => boolean): void {
  for (const { offset } of busy.requests) if (isSettled(offset)) dropHead(lane, offset);
}

export function leftWhere(busy: BusyElsewhere, isWaitedFor: (request: RequestElsewhere) => boolean): BusyElsewhere | null {
  const requests = busy.requests.filter(isWaitedFor);
  if (requests.length === busy.requests.length) return busy;
  return requests.length === 0 ? null : { ...busy, requests };
}

function remember(lane: Lane, offset: number, head: KeyedHealth | null): void {
  (lane.headWrites ??= new Map()).set(offset, head ? JSON.stringify(head) : '');
  if (head) (lane.remembered ??= new Map()).set(offset, head);
  else if (lane.remembered?.delete(offset) && lane.remembered.size === 0) lane.remembered = null;
}
