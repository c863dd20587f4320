import type { OutcomeHealth } from '@hooklane/contracts/topics';
import type { HookHealth } from '../ports.js';

/** A hook's health with the place of the newest outcome in it: outcomes are ordered by (owner epoch, owner sequence), never by arrival. */
export interface HealthState extends HookHealth {
  readonly ownerEpoch: number;
  readonly ownerSequence: number;
}

/** Tests, probes and resends of settled deliveries say nothing about the lane and never count (semantics.md "Verdict"). */
const BYPASSES_LANE: ReadonlySet<string> = new Set(['test', 'probe', 'resend']);
const FAILURES: ReadonlySet<string> = new Set(['unavailable', 'rejected', 'blocked']);

export function initialHealth(hookId: string): HealthState {
  return {
    hookId,
    ownerEpoch: 0,
    ownerSequence: 0,
    enabledEpoch: 0,
    isFailing: false,
    failureCount: 0,
    lastErrorAtMs: 0,
    lastErrorCode: '',
    lastErrorSentence: '',
    lastErrorStatus: 0,
    lastSuccessAtMs: 0,
  };
}

/** @returns the same object when the outcome changes nothing. */
export function withOutcome(health: HealthState, outcome: OutcomeHealth): HealthState {
  const { attempt, enabledEpoch, ownerEpoch, ownerSequence } = outcome;
  if (!attempt || BYPASSES_LANE.has(outcome.trigger) || !isNewer(health, outcome)) return health;
  // A failure of epoch k never counts in k + 1: it began before the hook was enabled anew.
  if (enabledEpoch < health.enabledEpoch) return { ...health, ownerEpoch, ownerSequence };
  const place = { ownerEpoch, ownerSequence, enabledEpoch };
  if (attempt.outcomeClass === 'success') return { ...health, ...place, isFailing: false, failureCount: outcome.streak, lastSuccessAtMs: outcome.atMs };
  // An interruption counts from the third in a row on; that it did shows in the streak.
  const counted = FAILURES.has(attempt.outcomeClass) || (attempt.outcomeClass === 'interrupted' && outcome.streak > (enabledEpoch > health.enabledEpoch ? 0 : health.failureCount));
  if (!counted) return { ...health, ...place, ...(enabledEpoch > health.enabledEpoch ? { isFailing: false, failureCount: 0 } : {}) };
  return {
    ...health,
    ...place,
    isFailing: true,
    failureCount: outcome.streak,
    lastErrorAtMs: outcome.atMs,
    lastErrorCode: attempt.errorCode,
    lastErrorSentence: storable(attempt.errorSentence),
    lastErrorStatus: attempt.status,
  };
}

/** Whether somebody who looks at the hook would see a difference that matters at once. Another success of a healthy hook is not one. */
export function isUrgent(before: HealthState, after: HealthState): boolean {
  return before.isFailing !== after.isFailing || before.failureCount !== after.failureCount || before.enabledEpoch !== after.enabledEpoch;
}

function isNewer(health: HealthState, { ownerEpoch, ownerSequence }: OutcomeHealth): boolean {
  return ownerEpoch > health.ownerEpoch || (ownerEpoch === health.ownerEpoch && ownerSequence > health.ownerSequence);
}

/** What a receiver made us say may hold anything; Postgres text holds no U+0000. */
function storable(sentence: string): string {
  return sentence.replaceAll('\u0000', '').slice(0, 1_000);
}
