import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeEventAccepted, decodeOutcomeHealth, DeliveryOutcome, EventAccepted } from './index.js';

const NOTHING = new Uint8Array();
const text = fc.string({ unit: 'binary', maxLength: 200 });

describe('FieldReader', () => {
  it('skips what is not asked for', () => {
    fc.assert(
      fc.property(text, text, fc.maxSafeNat(), fc.maxSafeNat(), (hookId, eventId, ownerSequence, atMs) => {
        const record = Buffer.from(DeliveryOutcome.encode({ ...DeliveryOutcome.decode(NOTHING), hookId, eventId, ownerSequence, atMs, verdict: { enabledEpoch: 1, policyVersion: 2, count: 3, reason: 'gone' } }).finish());
        const { hookId: hook, ownerSequence: sequence, atMs: at, verdict } = DeliveryOutcome.decode(record);
        expect(decodeOutcomeHealth(record)).toMatchObject({ hookId: hook, ownerSequence: sequence, atMs: at, verdict, attempt: undefined });
      }),
    );
  });

  it('reads negative numbers', () => {
    const record = Buffer.from(EventAccepted.encode({ ...EventAccepted.decode(NOTHING), occurredAtMs: -86_400_000 }).finish());
    expect(decodeEventAccepted(record).occurredAtMs).toBe(-86_400_000);
  });

  it('refuses what ends within a field, and numbers beyond 2^53', () => {
    const whole = Buffer.from(EventAccepted.encode({ ...EventAccepted.decode(NOTHING), eventId: 'evt_1' }).finish());
    expect(() => decodeEventAccepted(whole.subarray(0, 4))).toThrow('ends within a field');
    // Field 12 (sequence), 2^63 - 1; then cut short. Field 99, skipped, cut short.
    const tooLarge = Buffer.from('60ffffffffffffffff7f', 'hex');
    expect(() => decodeEventAccepted(tooLarge)).toThrow('beyond 2^53');
    expect(() => decodeEventAccepted(tooLarge.subarray(0, 5))).toThrow('ends within a number');
    expect(() => decodeEventAccepted(Buffer.from('60ffffffffffffffffffff01', 'hex'))).toThrow('longer than 64 bits');
    expect(() => decodeEventAccepted(Buffer.from('9a0605aabb', 'hex'))).toThrow('ends within a field');
  });

  it('refuses a field of another type, and what is no protobuf at all', () => {
    expect(() => decodeEventAccepted(Buffer.from('0801', 'hex'))).toThrow('another type');
    expect(() => decodeEventAccepted(Buffer.from('not a protobuf message'))).toThrow();
  });
});
