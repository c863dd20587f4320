import type { Classified, OutcomeClass } from './classify.js';
import { chargedFailures, initialHealth, type HeadHealth, type LaneHealth } from './lane-health.js';
import { delayAt, type RetryRules } from './retry-schedule.js';

export interface DisableRules {
  /** 0: never. */
  readonly limit: number;
  readonly count: string;
}

export interface AttemptFacts {
  readonly classified: Classified;
  readonly offset: number;
  readonly number: number;
  /** Postgres time. */
  readonly startedAtMs: number;
  readonly nowMs: number;
  /** What the receiver asked for, at most an hour; null: nothing. */
  readonly retryAfterMs: number | null;
  /** In [0, 1). */
  readonly jitter: number;
  /** Of the hook, when the attempt started. */
  readonly enabledEpoch: number;
  readonly hookVersion: number;
  readonly policyVersion: number;
  readonly retry: RetryRules;
  readonly disable: DisableRules;
}

export interface AttemptDecision {
  readonly health: LaneHealth;
  readonly fate: 'delivered' | 'pending' | 'exhausted' | 'discarded';
  readonly fateReason: string;
  /** 0: not scheduled. */
  readonly nextAttemptAtMs: number;
  /** Who waits until then: an outage is the hook's, a refusal the delivery's own. */
  readonly scope: 'hook' | 'delivery';
  readonly verdict: { readonly reason: 'failure-limit' | 'gone'; readonly count: number } | null;
}

const INTERRUPTED_THAT_COUNT = 3;
const INTERRUPTED_DELAY_MS = 1_000;

/** What becomes of the delivery, the lane and the hook after one attempt. Pure: the health handed in stays as it was. */
export function decideAttempt(before: LaneHealth, facts: AttemptFacts): AttemptDecision {
  const health = begin(before, facts);
  switch (facts.classified.outcomeClass) {
    case 'success':
      return succeeded(health, facts);
    case 'invalid':
      return { health: { ...health, head: null }, fate: 'discarded', fateReason: 'invalid', nextAttemptAtMs: 0, scope: 'delivery', verdict: null };
    case 'interrupted':
      return interrupted(health, facts);
    case 'unavailable':
    case 'blocked':
    case 'rejected':
      return failed(health, facts, facts.classified.outcomeClass);
  }
}

/** Whether attempt `number` must be announced in Postgres before it goes out (charge-first): from the first failure on that there may have been, and always when one failure is the limit. */
export function mustAnnounce(health: LaneHealth, disable: DisableRules): boolean {
  return disable.limit > 0 && (chargedFailures(health) > 0 || disable.limit === 1);
}

/** Whether the hook has used up its failures, known and possible ones. */
export function isLimitReached(health: LaneHealth, disable: DisableRules): boolean {
  return disable.limit > 0 && chargedFailures(health) >= disable.limit;
}

/** The same attempts, seen by the lane after enabling: failures of the older epoch do not count. */
export function healthInEpoch(health: LaneHealth, enabledEpoch: number): LaneHealth {
  if (enabledEpoch <= health.enabledEpoch) return health;
  const head = health.head && { ...health.head, started: health.head.attempts, rejectedStep: 0, interrupted: 0, firstAttemptAtMs: 0 };
  return { ...initialHealth(enabledEpoch), head };
}

function begin(before: LaneHealth, facts: AttemptFacts): LaneHealth & { head: HeadHealth } {
  const known = before.head?.offset === facts.offset ? before.head : null;
  const head: HeadHealth = known
    ? { ...known, firstAttemptAtMs: known.firstAttemptAtMs || facts.startedAtMs }
    : { offset: facts.offset, attempts: 0, started: 0, firstAttemptAtMs: facts.startedAtMs, rejectedStep: 0, interrupted: 0 };
  head.attempts = facts.number;
  head.started = facts.number;
  return { ...before, head };
}

function succeeded(health: LaneHealth, { disable }: AttemptFacts): AttemptDecision {
  const counted = disable.count === 'total' ? { streak: health.streak, ...(health.brokenOff ? { brokenOff: health.brokenOff } : {}) } : {};
  // A verdict stands, also where another request of the hook was under way and went well.
  const next: LaneHealth = { ...initialHealth(health.enabledEpoch), ...counted, held: health.held };
  return { health: next, fate: 'delivered', fateReason: '', nextAttemptAtMs: 0, scope: 'delivery', verdict: null };
}

/** By us, so it says nothing about the hook. But the receiver may have failed it as we broke it off: where its last failure is at stake it is one (promise 5). */
function interrupted(health: LaneHealth & { head: HeadHealth }, facts: AttemptFacts): AttemptDecision {
  health.head.interrupted += 1;
  const isOneTooMany = health.head.interrupted >= INTERRUPTED_THAT_COUNT;
  // The third counts by itself, unless the hook counts answers only.
  if (facts.enabledEpoch === health.enabledEpoch && !(isOneTooMany && facts.classified.counts)) health.brokenOff = (health.brokenOff ?? 0) + 1;
  if (isOneTooMany) {
    health.head.interrupted = 0;
    return failed(health, facts, 'unavailable');
  }
  const decision = wait(health, facts.nowMs + INTERRUPTED_DELAY_MS, 'delivery');
  return isLimitReached(health, facts.disable) ? hold(decision, 'failure-limit', facts) : decision;
}

function failed(health: LaneHealth & { head: HeadHealth }, facts: AttemptFacts, outcomeClass: Exclude<OutcomeClass, 'success' | 'invalid' | 'interrupted'>): AttemptDecision {
  // An answer that arrives after the hook was enabled again belongs to the older epoch.
  if (facts.classified.counts && facts.enabledEpoch === health.enabledEpoch) health.streak += 1;
  health.lastErrorCode = facts.classified.errorCode;
  const decision = outcomeClass === 'rejected' ? rejected(health, facts) : unavailable(health, facts);
  if (facts.classified.gone) return hold(decision, 'gone', facts);
  return facts.classified.counts && isLimitReached(health, facts.disable) ? hold(decision, 'failure-limit', facts) : decision;
}

/** The hook is away: the delivery waits with it until it is too old. */
function unavailable(health: LaneHealth & { head: HeadHealth }, facts: AttemptFacts): AttemptDecision {
  const { retry, nowMs } = facts;
  // Of several that were under way when the hook went away, the first one says so and the others add nothing.
  const isKnown = health.unavailableStep > 0 && facts.startedAtMs < health.nextAttemptAtMs;
  const scheduledMs = delayAt(retry.unavailableDelaysMs, isKnown ? health.unavailableStep - 1 : health.unavailableStep, facts.jitter);
  const dueMs = nowMs + Math.max(scheduledMs, facts.retryAfterMs ?? 0);
  if (!isKnown) health.unavailableStep += 1;
  const isTooOld = nowMs - health.head.firstAttemptAtMs >= retry.unavailableGiveUpMs;
  // Without retries nothing is due later: the next delivery has its one attempt at once, as in products that send and forget.
  const retries = retry.unavailableDelaysMs.length > 0 && retry.unavailableGiveUpMs > 0;
  if (!retries || isTooOld) return exhausted(health, 'gave-up', retries ? dueMs : 0, facts);
  return wait(health, dueMs, 'hook');
}

/** The receiver is there and does not want this one. */
function rejected(health: LaneHealth & { head: HeadHealth }, facts: AttemptFacts): AttemptDecision {
  const { retry, nowMs } = facts;
  health.unavailableStep = 0;
  if (health.head.rejectedStep >= retry.rejectedDelaysMs.length) return exhausted(health, 'rejected', 0, facts);
  const dueMs = nowMs + Math.max(delayAt(retry.rejectedDelaysMs, health.head.rejectedStep, facts.jitter), facts.retryAfterMs ?? 0);
  health.head.rejectedStep += 1;
  return wait(health, dueMs, 'delivery');
}

function wait(health: LaneHealth, dueMs: number, scope: AttemptDecision['scope']): AttemptDecision {
  health.nextAttemptAtMs = dueMs;
  return { health, fate: 'pending', fateReason: '', nextAttemptAtMs: dueMs, scope, verdict: null };
}

/** @param dueMs before which the next head does not start either; 0: at once */
function exhausted(health: LaneHealth & { head: HeadHealth }, reason: string, dueMs: number, facts: AttemptFacts): AttemptDecision {
  health.nextAttemptAtMs = dueMs;
  if (facts.retry.onExhausted === 'hold') {
    health.head.rejectedStep = 0;
    health.head.firstAttemptAtMs = 0;
    health.held = { reason: 'exhausted', hookVersion: facts.hookVersion, policyVersion: facts.policyVersion, verdictAtMs: 0 };
    return { health, fate: 'pending', fateReason: '', nextAttemptAtMs: 0, scope: 'delivery', verdict: null };
  }
  return { health: { ...health, head: null }, fate: 'exhausted', fateReason: reason, nextAttemptAtMs: 0, scope: dueMs > 0 ? 'hook' : 'delivery', verdict: null };
}

/** The lane stands still until the registry has answered the verdict with a newer version of the hook. */
function hold(decision: AttemptDecision, reason: 'failure-limit' | 'gone', facts: AttemptFacts): AttemptDecision {
  const held = { reason, hookVersion: facts.hookVersion, policyVersion: facts.policyVersion, verdictAtMs: facts.nowMs };
  return { ...decision, health: { ...decision.health, held }, nextAttemptAtMs: 0, verdict: { reason, count: chargedFailures(decision.health) } };
}
