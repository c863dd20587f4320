import { describe, expect, it } from '@jest/globals';
import type { Classified } from './classify.js';
import { decideAttempt, healthInEpoch, isLimitReached, mustAnnounce, type AttemptFacts } from './decide-attempt.js';
import { initialHealth, isHealthy, type LaneHealth } from './lane-health.js';

const NOW = 1_000_000;
const classified = (outcomeClass: Classified['outcomeClass'], gone = false): Classified => ({ outcomeClass, errorCode: outcomeClass === 'success' ? '' : `code-${outcomeClass}`, errorSentence: '', gone, counts: true });

function facts(changes: Partial<AttemptFacts> = {}): AttemptFacts {
  return {
    classified: classified('success'),
    offset: 7,
    number: 1,
    startedAtMs: NOW - 10,
    nowMs: NOW,
    retryAfterMs: null,
    jitter: 0.5,
    enabledEpoch: 1,
    hookVersion: 3,
    policyVersion: 2,
    retry: { unavailableDelaysMs: [5_000, 30_000], unavailableGiveUpMs: 3_600_000, rejectedDelaysMs: [5_000, 60_000], onExhausted: 'skip' },
    disable: { limit: 100, count: 'in-a-row' },
    ...changes,
  };
}

/** The same delivery again and again, each attempt when it is due. */
function run(outcomes: readonly Classified['outcomeClass'][], changes: Partial<AttemptFacts> = {}) {
  let health: LaneHealth = initialHealth(1);
  const waits: (number | string)[] = [];
  let nowMs = NOW;
  for (const [index, outcomeClass] of outcomes.entries()) {
    const decision = decideAttempt(health, facts({ classified: classified(outcomeClass), number: index + 1, nowMs, startedAtMs: nowMs, ...changes }));
    health = decision.health;
    waits.push(decision.verdict ? 'held' : decision.fate === 'pending' ? decision.nextAttemptAtMs - nowMs : `${decision.fate} ${decision.fateReason}`.trim());
    nowMs = Math.max(nowMs, decision.nextAttemptAtMs);
  }
  return { health, waits };
}

describe('deciding an attempt', () => {
  it('forgets everything after a success', () => {
    const { health, waits } = run(['unavailable', 'rejected', 'success']);
    expect(waits.at(-1)).toBe('delivered');
    expect(isHealthy(health)).toBe(true);
  });

  it('waits by the schedule of an unavailable hook, whose last delay repeats', () => {
    expect(run(['unavailable', 'unavailable', 'unavailable', 'blocked']).waits).toEqual([5_000, 30_000, 30_000, 30_000]);
  });

  it.each([
    ['no delays', { unavailableDelaysMs: [], unavailableGiveUpMs: 3_600_000 }],
    ['no time', { unavailableDelaysMs: [60_000], unavailableGiveUpMs: 0 }],
  ])('without retries (%s) there is one attempt, whatever came of it, and the next head starts at once', (_, none) => {
    const retry = { ...none, rejectedDelaysMs: [], onExhausted: 'skip' };
    for (const [outcome, reason] of [['unavailable', 'gave-up'], ['blocked', 'gave-up'], ['rejected', 'rejected']] as const) {
      const { health, waits } = run([outcome], { retry, retryAfterMs: 30_000 });
      expect([waits, health.nextAttemptAtMs, health.streak]).toEqual([[`exhausted ${reason}`], 0, 1]);
    }
  });

  it('does not count what the hook does not count, and waits and gives up all the same', () => {
    const uncounted = { ...classified('unavailable'), counts: false };
    const { health, waits } = run(['unavailable', 'unavailable'], { classified: uncounted, disable: { limit: 1, count: 'in-a-row' } });
    expect([health.streak, health.held, waits]).toEqual([0, null, [5_000, 30_000]]);
    const decision = decideAttempt({ ...health, streak: 3 }, facts({ classified: uncounted, number: 3 }));
    expect([decision.health.streak, decision.verdict]).toEqual([3, null]);
  });

  it('gives a rejected delivery up after its last delay, and the next head starts at once', () => {
    const { health, waits } = run(['rejected', 'rejected', 'rejected']);
    expect(waits).toEqual([5_000, 60_000, 'exhausted rejected']);
    expect(health.nextAttemptAtMs).toBe(0);
    expect(health.streak).toBe(3);
  });

  it('gives up a delivery whose first attempt is too old, while the hook keeps its place in the schedule', () => {
    const first = decideAttempt(initialHealth(1), facts({ classified: classified('unavailable') })).health;
    const late = decideAttempt(first, facts({ classified: classified('unavailable'), number: 2, startedAtMs: NOW + 3_600_000, nowMs: NOW + 3_600_000 }));
    expect([late.fate, late.fateReason]).toEqual(['exhausted', 'gave-up']);
    expect(late.health).toMatchObject({ head: null, unavailableStep: 2, nextAttemptAtMs: NOW + 3_600_000 + 30_000 });
  });

  it('holds instead of skipping where the hook says so', () => {
    const { health } = run(['rejected', 'rejected', 'rejected'], { retry: { ...facts().retry, onExhausted: 'hold' } });
    expect(health.head?.attempts).toBe(3);
    expect(health.held?.reason).toBe('exhausted');
  });

  it('without delays gives up at the first failure: dialects that never retry', () => {
    expect(run(['unavailable'], { retry: { ...facts().retry, unavailableDelaysMs: [] } }).waits).toEqual(['exhausted gave-up']);
  });

  it('spreads delays over ±20 % and never waits less than the receiver asked for', () => {
    const wait = (jitter: number, retryAfterMs: number | null = null): number => decideAttempt(initialHealth(1), facts({ classified: classified('unavailable'), jitter, retryAfterMs })).nextAttemptAtMs - NOW;
    expect([wait(0), wait(0.5), wait(0.999_999_9)]).toEqual([4_000, 5_000, 6_000]);
    expect([wait(0.5, 1_000), wait(0.5, 90_000)]).toEqual([5_000, 90_000]);
  });

  it('says the verdict at exactly N failures in a row', () => {
    const disable = { limit: 3, count: 'in-a-row' };
    let health = initialHealth(1);
    const verdicts = ['unavailable', 'unavailable', 'success', 'rejected', 'unavailable', 'rejected'].map((outcomeClass, index) => {
      const decision = decideAttempt(health, facts({ classified: classified(outcomeClass as 'success'), number: index + 1, disable }));
      health = decision.health;
      return decision.verdict;
    });
    expect(verdicts).toEqual([null, null, null, null, null, { reason: 'failure-limit', count: 3 }]);
    expect(health.held).toMatchObject({ reason: 'failure-limit', hookVersion: 3, policyVersion: 2 });
    expect(isLimitReached(health, disable)).toBe(true);
  });

  it('counts in total where the policy says so', () => {
    const { health } = run(['unavailable', 'success', 'unavailable'], { disable: { limit: 3, count: 'total' } });
    expect(health.streak).toBe(2);
  });

  it('says the verdict at once when the receiver is gone', () => {
    const decision = decideAttempt(initialHealth(1), facts({ classified: classified('rejected', true) }));
    expect(decision.verdict).toEqual({ reason: 'gone', count: 1 });
  });

  it('does not count what was broken off by us, but for the third in a row', () => {
    const { health, waits } = run(['interrupted', 'interrupted', 'interrupted']);
    expect(waits).toEqual([1_000, 1_000, 5_000]);
    expect(health.streak).toBe(1);
  });

  it('says the verdict where what was broken off may have been the last failure that is allowed', () => {
    const disable = { limit: 3, count: 'in-a-row' };
    const { health, waits } = run(['unavailable', 'interrupted', 'interrupted'], { disable });
    expect(health).toMatchObject({ streak: 1, brokenOff: 2, held: { reason: 'failure-limit' } });
    expect(waits).toEqual([5_000, 1_000, 'held']);
    expect(isHealthy(run(['interrupted', 'interrupted', 'success'], { disable }).health)).toBe(true);
  });

  it('knows of what was broken off also where the hook counts nothing but answers: the receiver may have been about to give one', () => {
    let health = initialHealth(1);
    for (let n = 0; n < 3; n += 1) health = decideAttempt(health, facts({ classified: { ...classified('interrupted'), counts: false } })).health;
    expect(health).toMatchObject({ streak: 0, brokenOff: 3 });
  });

  it('does not count what was broken off in an older epoch', () => {
    expect(decideAttempt(initialHealth(2), facts({ classified: classified('interrupted'), enabledEpoch: 1 })).health.brokenOff).toBeUndefined();
  });

  it('discards what cannot be sent, without counting it', () => {
    const decision = decideAttempt(initialHealth(1), facts({ classified: classified('invalid') }));
    expect([decision.fate, decision.fateReason, decision.health.streak]).toEqual(['discarded', 'invalid', 0]);
  });

  it('never counts a failure of epoch k in k + 1', () => {
    const decision = decideAttempt(initialHealth(2), facts({ classified: classified('unavailable'), enabledEpoch: 1 }));
    expect(decision.health.streak).toBe(0);
    const health = { ...initialHealth(1), streak: 5, unavailableStep: 3 };
    expect(healthInEpoch(health, 2)).toMatchObject({ enabledEpoch: 2, streak: 0, unavailableStep: 0 });
    expect(healthInEpoch(health, 1)).toBe(health);
  });

  it('announces from the first failure on, and always when one failure is the limit', () => {
    const failing = { ...initialHealth(1), streak: 1 };
    expect(mustAnnounce(initialHealth(1), { limit: 100, count: 'in-a-row' })).toBe(false);
    expect(mustAnnounce(failing, { limit: 100, count: 'in-a-row' })).toBe(true);
    expect(mustAnnounce(initialHealth(1), { limit: 1, count: 'in-a-row' })).toBe(true);
    expect(mustAnnounce(failing, { limit: 0, count: 'in-a-row' })).toBe(false);
  });
});
