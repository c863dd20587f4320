import type { DeliveryOutcome } from '@hooklane/contracts/topics';
import { healthInEpoch } from '../attempt/decide-attempt.js';
import type { LaneHealth } from '../attempt/lane-health.js';

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
}

/** Stands in a lane's row from the hand-over until every request of it is answered or the time is up: nothing of the lane starts before. */
export interface BusyElsewhere {
  /** Of the owner whose requests they are; they answer with outcomes of this epoch. */
  readonly ownerEpoch: number;
  /** Postgres time in milliseconds from which on nobody sends them any more: what is not answered by then counts as failed. */
  readonly untilMs: number;
  readonly requests: readonly RequestElsewhere[];
}

/** An outcome that its owner published after it had let go. */
export interface AnswerElsewhere {
  readonly outcome: DeliveryOutcome;
  /** Of the lane after it: what its row would say, had its owner still been allowed to write one. */
  readonly health: LaneHealth;
  /** Its place in the outcomes partition. */
  readonly offset: number;
}

/** Under which header of the outcome's record the lane's health stands, as JSON. */
export const LANE_HEALTH_HEADER = 'lane-health';

/** @returns what is left to wait for, null: nothing; the same object when the outcome answers none of it */
export function leftAfter(busy: BusyElsewhere, outcome: DeliveryOutcome): BusyElsewhere | null {
  const { attempt, ownerEpoch, requestOffset } = outcome;
  if (!attempt || ownerEpoch !== busy.ownerEpoch) return busy;
  return leftWhere(busy, ({ offset, number }) => offset !== requestOffset || number !== attempt.number);
}

/** As `leftAfter`, for any reason. */
export function leftWhere(busy: BusyElsewhere, isWaitedFor: (request: RequestElsewhere) => boolean): BusyElsewhere | null {
  const requests = busy.requests.filter(isWaitedFor);
  if (requests.length === busy.requests.length) return busy;
  return requests.length === 0 ? null : { ...busy, requests };
}

/** A lane's health as its new owner goes on with it. What happened to the lane here in the meantime (enabling) stays. */
export function healthAnswered(mine: LaneHealth, answer: AnswerElsewhere): LaneHealth {
  return healthInEpoch(answer.health, mine.enabledEpoch);
}

/** The time is up and nobody knows what came of them: each counts as a failed attempt of the epoch in which it went out (promise 5). */
export function healthCharged(mine: LaneHealth, busy: BusyElsewhere): LaneHealth {
  const health = structuredClone(mine);
  for (const { offset, number, enabledEpoch } of busy.requests) {
    if (enabledEpoch === health.enabledEpoch) health.streak += 1;
    const known = health.head?.offset === offset ? health.head : { offset, firstAttemptAtMs: 0, rejectedStep: 0, interrupted: 0 };
    health.head = { ...known, attempts: number, started: number };
  }
  return health;
}
