import type { HookChanged } from '@hooklane/contracts/topics';
import type { LaneHealth } from '../attempt/lane-health.js';
import type { Lane } from './lane.js';

/** What a person may know of a lane, whoever owns it. */
export interface LaneReport {
  readonly state: 'live' | 'waiting' | 'parked' | 'draining' | 'held' | 'disabled';
  /** Null: nothing. */
  readonly waitsFor: string | null;
  readonly sentence: string;
  readonly head: { readonly offset: number; readonly eventId: string | null; readonly attempts: number; readonly acceptedAtMs: number | null } | null;
  readonly nextAttemptAtMs: number | null;
  readonly failures: number;
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
  if (!lane) return reportOf({ state: hook.enabled ? 'live' : 'disabled', waitsFor: null, health: null, head: null, backlogCount: 0, oldestAcceptedAtMs: null });
  const first = lane.live.first();
  const inMemory = [...lane.live].filter(({ row }) => row === 'none').length;
  const head = first
    ? { offset: first.request.offset, eventId: first.request.eventId, attempts: attemptsOf(lane.health, first.request.offset), acceptedAtMs: first.request.event.acceptedAtMs }
    : null;
  return reportOf({
    state: stateOf(lane, hook),
    waitsFor: hook.enabled ? waitsForOf(lane) : null,
    health: lane.health,
    head,
    backlogCount: lane.parkedCount + inMemory,
    oldestAcceptedAtMs: head?.acceptedAtMs ?? (lane.parkedCount > 0 && lane.oldestParkedAtMs > 0 ? lane.oldestParkedAtMs : null),
  });
}

export function reportOfStored(health: LaneHealth | null, backlog: StoredBacklog | null, hook: Pick<HookChanged, 'enabled'>): LaneReport {
  const state = !hook.enabled ? 'disabled' : health?.held ? 'held' : health?.head ? 'waiting' : backlog ? 'parked' : 'live';
  const head = backlog ? { offset: backlog.lowest, eventId: null, attempts: health ? attemptsOf(health, backlog.lowest) : 0, acceptedAtMs: backlog.oldestAcceptedAtMs } : null;
  return reportOf({ state, waitsFor: hook.enabled ? (health?.held?.reason ?? (health?.head ? 'retry' : null)) : null, health, head, backlogCount: backlog?.count ?? 0, oldestAcceptedAtMs: backlog?.oldestAcceptedAtMs ?? null });
}

type Facts = Pick<LaneReport, 'state' | 'waitsFor' | 'head' | 'backlogCount' | 'oldestAcceptedAtMs'> & { readonly health: LaneHealth | null };

function reportOf({ health, ...facts }: Facts): LaneReport {
  const nextAttemptAtMs = facts.waitsFor === 'retry' ? (health?.nextAttemptAtMs ?? null) : null;
  return { ...facts, sentence: sentenceOf(facts.state, facts.waitsFor), nextAttemptAtMs, failures: health?.streak ?? 0, lastErrorCode: health?.lastErrorCode || null };
}

function stateOf(lane: Lane, hook: Pick<HookChanged, 'enabled'>): LaneReport['state'] {
  if (!hook.enabled) return 'disabled';
  if (lane.health.held) return 'held';
  if (lane.phase === 'recording' || (lane.phase === 'idle' && lane.waitsFor === 'retry')) return 'waiting';
  if (lane.phase === 'idle' && lane.waitsFor !== '' && lane.waitsFor !== 'take-over') return 'waiting';
  if (lane.parkedCount === 0) return 'live';
  return lane.live.length > 0 ? 'draining' : 'parked';
}

function waitsForOf(lane: Lane): string | null {
  if (lane.health.held) return lane.health.held.reason;
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

function attemptsOf(health: LaneHealth, offset: number): number {
  return health.head?.offset === offset ? health.head.attempts : 0;
}

function sentenceOf(state: LaneReport['state'], waitsFor: string | null): string {
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
    case 'rate-limit':
      return 'The hook’s rate limit, or a receiver that asked for fewer requests, spreads them over time.';
    case 'busy-elsewhere':
      return 'A request of the instance that had the lane before is still under way.';
    case 'shutdown':
      return 'This instance is stopping.';
    default:
      return state === 'parked' || state === 'draining' ? 'Deliveries come back from the database, in order.' : 'Nothing waits.';
  }
}
