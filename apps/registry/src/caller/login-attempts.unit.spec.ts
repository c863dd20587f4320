import { beforeEach, describe, expect, it } from '@jest/globals';
import { LoginAttempts } from './login-attempts.js';

let nowMs: number;
let attempts: LoginAttempts;
beforeEach(() => {
  nowMs = 1_000;
  attempts = new LoginAttempts({ monotonicMs: () => nowMs });
});
const fail = (count: number, tenant = 'acme', name = 'ana'): void => {
  for (let index = 0; index < count; index += 1) attempts.failed(tenant, name);
};
const refusal = (tenant = 'acme', name = 'ana'): unknown => {
  try {
    attempts.assertAllowed(tenant, name);
  } catch (error) {
    return (error as { retryAfterMs: number }).retryAfterMs;
  }
  return null;
};

describe('failed logins', () => {
  it('are forgiven up to the tenth, and again five minutes after the first of the last ten', () => {
    fail(9);
    expect(refusal()).toBeNull();
    nowMs += 60_000;
    fail(1);
    expect(refusal()).toBe(240_000);
    nowMs += 239_999;
    expect(refusal()).toBe(1);
    nowMs += 1;
    expect(refusal()).toBeNull();
  });

  it('are forgotten by a success', () => {
    fail(9);
    attempts.succeeded('acme', 'ANA');
    fail(9);
    expect(refusal()).toBeNull();
  });

  it('count for one name of one tenant, whatever its case', () => {
    fail(5);
    fail(5, 'acme', 'Ana');
    expect(refusal('acme', 'aNA')).not.toBeNull();
    expect([refusal('globex'), refusal('acme', 'bob')]).toEqual([null, null]);
  });

  it('of more names than are kept forget the one that failed longest ago', () => {
    fail(10);
    for (let index = 0; index < 9_999; index += 1) fail(1, 'acme', `name${index}`);
    expect(refusal()).not.toBeNull();
    fail(1, 'acme', 'one more');
    expect(refusal()).toBeNull();
  });
});
