import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DeliveriesRequested, DeliveryOutcome, DeliveryOutcomeHealth, EventAccepted, TopicReader } from './index.js';

const text = fc.string({ unit: 'binary', maxLength: 200 });
const number = fc.oneof(fc.nat(), fc.maxSafeNat());

describe('TopicReader', () => {
  it('reads an event as the generated decoder does by itself', () => {
    const attributes = fc.dictionary(text.filter((name) => name !== '__proto__'), text);
    fc.assert(
      fc.property(fc.record({ tenantId: text, eventId: text, type: text, acceptedAtMs: number, sequence: number, attributes, data: fc.uint8Array() }), (fields) => {
        const bytes = Buffer.from(EventAccepted.encode({ ...EventAccepted.decode(new Uint8Array()), ...fields, data: Buffer.from(fields.data) }).finish());
        expect(EventAccepted.decode(new TopicReader(bytes))).toEqual(EventAccepted.decode(bytes));
      }),
    );
  });

  it('reads a request as it was written', () => {
    fc.assert(
      fc.property(text, number, fc.array(fc.record({ hookId: text, version: number })), (eventId, sourcePosition, hooks) => {
        const request = { tenantId: 't', eventId, sourceStream: 's', sourcePosition, hooks, trigger: 'event', replayId: '' };
        const bytes = Buffer.from(DeliveriesRequested.encode({ kind: { $case: 'request', value: request } }).finish());
        expect(DeliveriesRequested.decode(new TopicReader(bytes)).kind?.value).toEqual(request);
      }),
    );
  });

  it('skips what a view of a message leaves out', () => {
    fc.assert(
      fc.property(text, text, number, number, (hookId, eventId, ownerSequence, atMs) => {
        const bytes = Buffer.from(DeliveryOutcome.encode({ ...DeliveryOutcome.decode(new Uint8Array()), hookId, eventId, ownerSequence, atMs }).finish());
        expect(DeliveryOutcomeHealth.decode(new TopicReader(bytes))).toEqual(DeliveryOutcomeHealth.decode(bytes));
      }),
    );
  });

  it('reads negative numbers', () => {
    const bytes = Buffer.from(EventAccepted.encode({ ...EventAccepted.decode(new Uint8Array()), occurredAtMs: -86_400_000 }).finish());
    expect(EventAccepted.decode(new TopicReader(bytes)).occurredAtMs).toBe(-86_400_000);
  });

  it('refuses what ends within a field, and numbers beyond 2^53', () => {
    const whole = Buffer.from(EventAccepted.encode({ ...EventAccepted.decode(new Uint8Array()), eventId: 'evt_1' }).finish());
    expect(() => EventAccepted.decode(new TopicReader(whole.subarray(0, 4)))).toThrow('ends within a field');
    // Field 12 (sequence), 2^63 - 1; then cut short. Field 99, skipped, cut short.
    const tooLarge = Buffer.from('60ffffffffffffffff7f', 'hex');
    expect(() => EventAccepted.decode(new TopicReader(tooLarge))).toThrow('MAX_SAFE_INTEGER');
    expect(() => EventAccepted.decode(new TopicReader(tooLarge.subarray(0, 5)))).toThrow();
    expect(() => EventAccepted.decode(new TopicReader(Buffer.from('9a0605aabb', 'hex')))).toThrow('ends within a field');
  });
});
