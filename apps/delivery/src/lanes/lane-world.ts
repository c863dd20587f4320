import type { HookChanged } from '@hooklane/contracts/topics';
import type { DisableRules } from '../attempt/decide-attempt.js';
import type { KeyHead } from './keyed-line.js';
import type { Delivery, Lane } from './lane.js';
import type { CatchUp } from './lane-orders.js';

/** `busy-elsewhere`: a request of the former owner is still in flight. */
export type LaneObstacle = '' | 'lease' | 'outcomes' | 'shutdown' | 'busy-elsewhere';

/** What a lane may look at. */
export interface LaneView {
  /** Milliseconds by Postgres' clock: due times count from it. */
  nowMs(): number;
  monotonicMs(): number;
  /** The newest known state of the hook, deleted ones included. */
  hook(hookId: string): HookChanged | undefined;
  disableRules(hook: HookChanged): DisableRules;
  /** Empty, or why nothing may be published or sent for this lane now. */
  obstacle(lane: Lane): LaneObstacle;
  /** Postgres time in milliseconds before which no request of the lane starts (rate limit, adaptive back-off); 0: now. */
  startAtMs(lane: Lane, hook: HookChanged): number;
  /** Requests of the lane that may be in flight at once: 1 in fifo, else the hook's concurrency. */
  maxInFlight(lane: Lane, hook: HookChanged): number;
  /** The offset up to which the partition has been read. */
  readUpTo(lane: Lane): number;
  maxParked(lane: Lane): number;
  isMemoryShort(): boolean;
}

/** What a lane may cause. Nothing of it calls back before it returns, but for `requestSlot`. */
export interface LaneEffects {
  /** Calls `begin` at once or later. */
  requestSlot(lane: Lane): void;
  releaseSlot(lane: Lane): void;
  /** The request goes out; `finished` follows. */
  send(lane: Lane, delivery: Delivery, attemptNumber: number): void;
  /** An outcome without a request. With a final fate the delivery is settled when it is acked. */
  conclude(lane: Lane, delivery: Delivery, fate: 'skipped' | 'discarded', reason: string): void;
  /** The hook has used up its failures, says the lane once more. */
  repeatVerdict(lane: Lane, delivery: Delivery): void;
  /** Writes `health`; `announced` follows. */
  announce(lane: Lane): void;
  /** Writes `health`, or removes the row when there is nothing to remember. Nothing follows. */
  saveRow(lane: Lane): void;
  /** Writes rows; `parked` follows. */
  park(lane: Lane, deliveries: readonly Delivery[]): void;
  /** Reads rows beyond `drainedTo`; `loaded` follows, with the token and the commits of the moment it was asked. */
  load(lane: Lane, token: number, commits: number): void;
  /** Reads rows of the head's key beyond `after` and up to `upTo`; `keyLoaded` follows. */
  loadKey(lane: Lane, head: KeyHead, after: number, upTo: number): void;
  /** Publishes that everything before the catch-up's border has its fate; `catchUpOpened` follows. */
  openCatchUp(lane: Lane, catchUp: CatchUp): void;
  /** Calls `advance` at that Postgres time. */
  wake(lane: Lane, atMs: number): void;
}

/** Requests in flight at once of a hook that says nothing, where order allows more than one. */
export const DEFAULT_CONCURRENCY = 8;

export interface LaneLimits {
  readonly records: number;
  readonly bytes: number;
  /** In place of `records` while memory is short. */
  readonly recordsWhenShort: number;
  readonly oldestMs: number;
}

/** A publisher's batch of 1,000, even several at once, is no reason to go through Postgres. */
export const laneLimits: LaneLimits = { records: 4_000, bytes: 4 * 1024 * 1024, recordsWhenShort: 16, oldestMs: 5_000 };
