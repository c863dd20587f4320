import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DeliveriesRequested, DeliveryRequest, encodeDeliveryRequest, decodeDeliveriesRequested, LaneCommand } from './index.js';

const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.integer({ min: 100, max: 300 }).map((length) => 'a'.repeat(length)));
const number = fc.oneof(fc.nat(), fc.maxSafeNat());
const request: fc.Arbitrary<DeliveryRequest> = fc.record({
  tenantId: text, eventId: text, sourceStream: text, sourcePosition: number, hooks: fc.array(fc.record({ hookId: text, version: number }), { maxLength: 20 }), trigger: text, replayId: text,
});
const command: fc.Arbitrary<LaneCommand> = fc.record({
  commandId: text, tenantId: text, hookId: text, kind: text, deliveryId: text, attempt: fc.nat(), epoch: number, actor: text, reason: text, atMs: number, position: number,
});

describe('encodeDeliveryRequest', () => {
  it('writes the bytes of the generated encoder', () => {
    fc.assert(fc.property(request, (value) => expect(encodeDeliveryRequest(value).equals(DeliveriesRequested.encode({ kind: { $case: 'request', value } }).finish())).toBe(true)));
  });

  it('writes every field that the message has', () => {
    expect(Object.keys(DeliveryRequest.decode(new Uint8Array())).sort()).toEqual(['eventId', 'hooks', 'replayId', 'sourcePosition', 'sourceStream', 'tenantId', 'trigger']);
  });
});

describe('decodeDeliveriesRequested', () => {
  it('reads what the generated decoder reads', () => {
    const kind = fc.oneof(request.map((value) => ({ $case: 'request' as const, value })), command.map((value) => ({ $case: 'command' as const, value })), fc.constant(undefined));
    fc.assert(
      fc.property(kind, (one) => {
        const record = Buffer.from(DeliveriesRequested.encode({ kind: one }).finish());
        expect(decodeDeliveriesRequested(record)).toEqual(DeliveriesRequested.decode(record));
      }),
    );
  });
});
