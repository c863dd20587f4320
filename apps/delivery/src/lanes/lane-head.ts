import type { Lane } from './lane.js';

/** @returns which attempt of the delivery at `offset`, the head of a straight line, the next one is; 1 is the first */
export function attemptNumber(lane: Lane, offset: number): number {
  if (lane.remembered !== null) recall(lane, offset);
  return lane.health.head?.offset === offset ? lane.health.head.attempts + 1 : 1;
}

/** The next attempt of it is about to be announced. */
export function startHead(lane: Lane, offset: number): void {
  const number = attemptNumber(lane, offset);
  if (lane.health.head?.offset === offset) lane.health.head.started = number;
  else lane.health.head = { offset, attempts: 0, started: number, firstAttemptAtMs: 0, rejectedStep: 0, interrupted: 0 };
}

/** What is remembered of its attempts under another order goes with the next row of the lane. */
export function forgetHead(lane: Lane, offset: number): void {
  if (!lane.remembered?.delete(offset)) return;
  if (lane.remembered.size === 0) lane.remembered = null;
  (lane.headWrites ??= new Map()).set(offset, '');
  lane.hasRow = true;
}

/** It has its fate, and no attempt said so: what is known of its earlier ones goes. @returns whether the lane's health has changed */
export function dropHead(lane: Lane, offset: number): boolean {
  forgetHead(lane, offset);
  const { health } = lane;
  if (health.head?.offset !== offset) return false;
  health.head = null;
  // A refusal was its own; an outage is the hook's.
  if (health.unavailableStep === 0) health.nextAttemptAtMs = 0;
  return true;
}

/** The order was another when it failed. */
function recall(lane: Lane, offset: number): void {
  const known = lane.remembered?.get(offset);
  if (!known) return;
  if (lane.health.head?.offset !== offset) lane.health.head = { ...known.health, started: known.health.attempts };
  forgetHead(lane, offset);
}
