import type { HookChanged } from '@hooklane/contracts/topics';
import type { LaneHealth } from '../attempt/lane-health.js';
import type { Delivery, Lane } from './lane.js';
import type { LaneOrders } from './lane-orders.js';
import type { LaneRowState } from './take-over.js';

/** What a person may know of a lane, whoever owns it. */
export interface LaneReport {
  readonly state: 'live' | 'waiting' | 'parked' | 'draining' | 'held' | 'catching-up' | 'disabled';
  /** Null: nothing. */
  readonly waitsFor: string | null;
  readonly sentence: string;
  readonly head: { readonly offset: number; readonly eventId: string | null; readonly attempts: number; readonly acceptedAtMs: number | null } | null;
  readonly nextAttemptAtMs: number | null;
  readonly failures: number;
  /** Requests under way. */
  readonly inFlight: number;
  /** Deliveries, or ordering keys, that failed and wait by themselves while others go on; 0 in fifo. */
  readonly blocked: number;
  readonly lastErrorCode: string | null;
  readonly backlogCount: number;
  readonly oldestAcceptedAtMs: number | null;
}

/** What is parked of a lane that another process owns, or that nobody owns. */
export interface StoredBacklog {
  readonly count: number;
  readonly lowest: number;
  readonly oldestAcceptedAtMs: number;
}

/** @param lane null: nothing was ever sent from here, or it is long ago and went well */
export function reportOfLane(lane: Lane | null, hook: Pick<HookChanged, 'enabled'>): LaneReport {
  if (!lane) return reportOf({ state: hook.enabled ? 'live' : 'disabled', waitsFor: null, health: null, head: null, backlogCount: 0, oldestAcceptedAtMs: null, inFlight: 0, blocked: 0 });
  const first = lane.live.first() ?? lowestOf(lane);
  const inMemory = [...lane.live, ...inHeads(lane)].filter(({ row }) => row === 'none').length;
  const head = first
    ? { offset: first.request.offset, eventId: first.request.eventId, attempts: attemptsOf(lane.health, first.request.offset), acceptedAtMs: first.request.event.acceptedAtMs }
    : null;
  return reportOf({
    state: stateOf(lane, hook),
    waitsFor: hook.enabled ? waitsForOf(lane) : null,
    health: lane.health,
    nextStartAtMs: lane.pace?.nextAtMs ?? 0,
    head,
    inFlight: lane.keyed ? lane.keyed.inFlight - lane.keyed.slots.length : lane.phase === 'sending' ? 1 : 0,
    blocked: lane.keyed?.blocked ?? lane.remembered?.size ?? 0,
    backlogCount: lane.parkedCount + (lane.waiting?.count ?? 0) + (lane.joining?.count ?? 0) + lane.asides.length + lane.overtaken.length + inMemory,
    oldestAcceptedAtMs: head?.acceptedAtMs ?? (lane.parkedCount > 0 && lane.oldestParkedAtMs > 0 ? lane.oldestParkedAtMs : null),
  });
}

/** @param blocked how many failed deliveries wait by themselves */
export function reportOfStored(row: Pick<LaneRowState, 'health' | 'orders'> | null, backlog: StoredBacklog | null, hook: Pick<HookChanged, 'enabled'>, blocked: number): LaneReport {
  const health = row?.health ?? null;
  const waitsFor = hook.enabled ? storedWaitsFor(health, row?.orders ?? null) : null;
  const state = hook.enabled ? storedState(waitsFor, backlog) : 'disabled';
  const head = backlog ? { offset: backlog.lowest, eventId: null, attempts: health ? attemptsOf(health, backlog.lowest) : 0, acceptedAtMs: backlog.oldestAcceptedAtMs } : null;
  return reportOf({ state, waitsFor, health, head, backlogCount: backlog?.count ?? 0, oldestAcceptedAtMs: backlog?.oldestAcceptedAtMs ?? null, inFlight: 0, blocked });
}

function storedWaitsFor(health: LaneHealth | null, orders: LaneOrders | null): string | null {
  if (health?.held) return health.held.reason;
  if (orders?.isHeld) return 'command';
  if (orders?.catchUp) return 'catch-up';
  return health?.head ? 'retry' : null;
}

function storedState(waitsFor: string | null, backlog: StoredBacklog | null): LaneReport['state'] {
  if (waitsFor === null) return backlog ? 'parked' : 'live';
  if (waitsFor === 'catch-up') return 'catching-up';
  return waitsFor === 'retry' ? 'waiting' : 'held';
}

type Facts = Pick<LaneReport, 'state' | 'waitsFor' | 'head' | 'backlogCount' | 'oldestAcceptedAtMs' | 'inFlight' | 'blocked'> & { readonly health: LaneHealth | null; readonly nextStartAtMs?: number };

function reportOf({ health, nextStartAtMs = 0, ...facts }: Facts): LaneReport {
  const nextAttemptAtMs = facts.waitsFor === 'retry' ? (health?.nextAttemptAtMs ?? null) : facts.waitsFor === 'rate-limit' ? nextStartAtMs || null : null;
  return { ...facts, sentence: sentenceOf(facts.state, facts.waitsFor, facts.blocked), nextAttemptAtMs, failures: health?.streak ?? 0, lastErrorCode: health?.lastErrorCode || null };
}

function stateOf(lane: Lane, hook: Pick<HookChanged, 'enabled'>): LaneReport['state'] {
  if (!hook.enabled) return 'disabled';
  if (lane.health.held || lane.orders?.isHeld) return 'held';
  if (lane.orders?.catchUp || lane.waitsFor === 'catch-up') return 'catching-up';
  if (lane.phase === 'recording' || (lane.phase === 'idle' && lane.waitsFor === 'retry')) return 'waiting';
  if (lane.phase === 'idle' && lane.waitsFor !== '' && lane.waitsFor !== 'take-over' && lane.waitsFor !== 'answer') return 'waiting';
  if (lane.parkedCount === 0 || (lane.keyed !== null && !lane.spilled)) return 'live';
  return lane.live.length > 0 ? 'draining' : 'parked';
}

function waitsForOf(lane: Lane): string | null {
  if (lane.health.held) return lane.health.held.reason;
  if (lane.orders?.isHeld) return 'command';
  switch (lane.phase) {
    case 'queued':
      return 'slot';
    case 'sending':
      return 'answer';
    case 'announcing':
    case 'recording':
      return 'outcomes';
    case 'idle':
      return lane.waitsFor || null;
  }
}

/** Of an overlay, what stands first in memory. */
function lowestOf(lane: Lane): Delivery | undefined {
  let lowest: Delivery | undefined;
  for (const delivery of inHeads(lane)) if (!lowest || delivery.request.offset < lowest.request.offset) lowest = delivery;
  return lowest;
}

function* inHeads({ keyed }: Lane): Iterable<Delivery> {
  for (const { delivery, followers } of keyed?.heads.values() ?? []) {
    if (delivery) yield delivery;
    yield* followers;
  }
}

function attemptsOf(health: LaneHealth, offset: number): number {
  return health.head?.offset === offset ? health.head.attempts : 0;
}

function sentenceOf(state: LaneReport['state'], waitsFor: string | null, blocked: number): string {
  if (state === 'disabled') return 'The hook is disabled; what is published for it is recorded as skipped.';
  switch (waitsFor) {
    case 'retry':
      return 'The last attempt failed; the next one is scheduled.';
    case 'failure-limit':
      return 'The hook has used up its failures; it is about to be disabled.';
    case 'gone':
      return 'The receiver answered 410 Gone; the hook is about to be disabled.';
    case 'exhausted':
      return 'A delivery used up its attempts and the hook holds then; change the hook to go on.';
    case 'hook-version':
      return 'The newest version of the hook has not arrived here yet.';
    case 'lease':
      return 'The right to send could not be renewed in the database.';
    case 'outcomes':
      return 'What was sent is being recorded.';
    case 'take-over':
      return 'The lane was taken over and is being read.';
    case 'slot':
      return 'Other hooks use all the requests that may be under way.';
    case 'answer':
      return 'A request is under way.';
    case 'command':
      return 'Somebody holds the lane; it goes on when it is released.';
    case 'catch-up':
      return 'What was missed while the hook was disabled goes out first; what is new waits for the end of that.';
    case 'blocked-keys':
      return `${blocked} ordering keys or deliveries have failed and wait for their retry; until some of them succeed the whole hook waits.`;
    case 'rate-limit':
      return 'The hook’s rate limit, or a receiver that asked for fewer requests, spreads them over time; the next one goes out at nextAttemptAt.';
    case 'busy-elsewhere':
      return 'A request of the instance that had the lane before is still under way.';
    case 'shutdown':
      return 'This instance is stopping.';
    default:
      if (blocked > 0) return `Some deliveries failed and wait for their retry (${blocked}); the others go on.`;
      return state === 'parked' || state === 'draining' ? 'Deliveries come back from the database, in order.' : 'Nothing waits.';
  }
}
