import { describe, expect, it } from '@jest/globals';
import { decideTake, leaseAgeMs, LEASE_TTL_MS, type LeaseRow, type LeaseWatch } from './lease.js';

const row = (changes: Partial<LeaseRow> = {}): LeaseRow => ({ partition: 0, owner: 'other', epoch: 3, expired: true, renewals: 10, ...changes });

describe('taking a lease', () => {
  it('takes a released one at once, as a clean hand-over', () => {
    expect(decideTake(row({ owner: null }), null, 'me', false, 0)).toEqual({ kind: 'take', clean: true });
  });

  it('watches an expired one for a whole TTL on its own clock before it takes it: Postgres’ clock may have jumped', () => {
    const first = decideTake(row(), null, 'me', false, 1_000);
    expect(first.kind).toBe('wait');
    const watch = (first as { watch: LeaseWatch }).watch;
    expect(decideTake(row(), watch, 'me', false, 1_000 + LEASE_TTL_MS - 1).kind).toBe('wait');
    expect(decideTake(row(), watch, 'me', false, 1_000 + LEASE_TTL_MS)).toEqual({ kind: 'take', clean: false });
  });

  it('begins to watch anew when the row changes', () => {
    const { watch } = decideTake(row(), null, 'me', false, 0) as { watch: LeaseWatch };
    const again = decideTake(row({ renewals: 11 }), watch, 'me', false, LEASE_TTL_MS);
    expect(again).toMatchObject({ kind: 'wait', watch: { sinceMonotonicMs: LEASE_TTL_MS, renewals: 11 } });
  });

  it('does not take one that Postgres still calls good', () => {
    const { watch } = decideTake(row(), null, 'me', false, 0) as { watch: LeaseWatch };
    expect(decideTake(row({ expired: false }), watch, 'me', false, 10 * LEASE_TTL_MS).kind).toBe('wait');
  });

  it('takes at once where it is alone by construction, and its own', () => {
    expect(decideTake(row({ expired: false }), null, 'me', true, 0)).toEqual({ kind: 'take', clean: false });
    expect(decideTake(row({ owner: 'me', expired: false }), null, 'me', false, 0)).toEqual({ kind: 'take', clean: false });
  });
});

it('ages by the larger of monotonic and wall time', () => {
  expect(leaseAgeMs({ monotonicMs: 0, wallMs: 0 }, { monotonicMs: 100, wallMs: 6_000 })).toBe(6_000);
  expect(leaseAgeMs({ monotonicMs: 0, wallMs: 0 }, { monotonicMs: 7_000, wallMs: -3_600_000 })).toBe(7_000);
});
