import { describe, expect, it } from '@jest/globals';
import { AttemptResult, decodeOutcomeHealth, DeliveryOutcome } from '@hooklane/contracts/topics';
import { initialHealth, isUrgent, withOutcome, type HealthState } from './health-fold.js';

const empty = DeliveryOutcome.decode(new Uint8Array());
const outcome = (ownerEpoch: number, ownerSequence: number, outcomeClass: string, fields: Partial<DeliveryOutcome> = {}): DeliveryOutcome => ({
  ...empty, hookId: 'h', ownerEpoch, ownerSequence, enabledEpoch: 1, trigger: 'event', atMs: ownerEpoch * 1_000 + ownerSequence, attempt: { outcomeClass, errorCode: 'code', errorSentence: 'It\u0000 failed.', status: 500 } as DeliveryOutcome['attempt'], ...fields,
});
const fold = (...outcomes: DeliveryOutcome[]): HealthState => outcomes.reduce(withOutcome, initialHealth('h'));

describe('hook health', () => {
  it('reads of a record what the whole record says', () => {
    const whole: DeliveryOutcome = { ...outcome(3, 4, 'rejected', { streak: 5, tenantId: 'acme', verdict: { enabledEpoch: 1, policyVersion: 2, count: 5, reason: 'failure-limit' } }), attempt: { ...AttemptResult.decode(new Uint8Array()), outcomeClass: 'rejected', errorCode: 'status-400', errorSentence: 'No.', status: 400, requestHeaders: [{ name: 'a', value: 'b' }] } };
    const read = decodeOutcomeHealth(Buffer.from(DeliveryOutcome.encode(whole).finish()));
    expect(whole).toMatchObject(read);
    expect(withOutcome(initialHealth('h'), read)).toEqual(withOutcome(initialHealth('h'), whole));
  });

  it('is failing from a failure to the next success', () => {
    expect(fold(outcome(1, 1, 'unavailable', { streak: 1 }))).toMatchObject({ isFailing: true, failureCount: 1, lastErrorAtMs: 1_001, lastErrorSentence: 'It failed.' });
    expect(fold(outcome(1, 1, 'unavailable', { streak: 1 }), outcome(1, 2, 'success'))).toMatchObject({ isFailing: false, failureCount: 0, lastErrorAtMs: 1_001, lastSuccessAtMs: 1_002 });
  });

  it('is the same whatever order two owners\' outcomes are read in', () => {
    const old = outcome(1, 7, 'rejected', { streak: 3 });
    const young = outcome(2, 1, 'success');
    expect(fold(young, old)).toEqual(fold(young));
    expect(fold(young, young)).toEqual(fold(young));
  });

  it('does not count tests, probes, resends, decisions not to send, invalid events and single interruptions', () => {
    for (const trigger of ['test', 'probe', 'resend']) expect(fold(outcome(1, 1, 'rejected', { trigger, streak: 1 })).isFailing).toBe(false);
    expect(fold(outcome(1, 1, 'rejected', { attempt: undefined, fate: 'skipped' })).isFailing).toBe(false);
    expect(fold(outcome(1, 1, 'invalid')).isFailing).toBe(false);
    expect(fold(outcome(1, 1, 'interrupted', { streak: 0 })).isFailing).toBe(false);
    expect(fold(outcome(1, 1, 'interrupted', { streak: 1 })).isFailing).toBe(true);
  });

  it('begins anew with a new epoch, and ignores a failure that began before it', () => {
    const before = fold(outcome(1, 1, 'unavailable', { streak: 5 }), outcome(1, 2, 'success', { enabledEpoch: 2 }));
    expect(withOutcome(before, outcome(1, 3, 'unavailable', { enabledEpoch: 1, streak: 6 }))).toMatchObject({ isFailing: false, failureCount: 0, enabledEpoch: 2 });
  });

  it('a further success of a healthy hook can wait for the next round', () => {
    const healthy = fold(outcome(1, 1, 'success'));
    expect(isUrgent(healthy, withOutcome(healthy, outcome(1, 2, 'success')))).toBe(false);
    expect(isUrgent(healthy, withOutcome(healthy, outcome(1, 2, 'unavailable', { streak: 1 })))).toBe(true);
  });
});
