import { describe, expect, it } from '@jest/globals';
import { AttemptResult, DeliveryOutcome, Header, Verdict } from '@hooklane/contracts/topics';
import fc from 'fast-check';
import { encodeOutcome } from './outcome-encoder.js';

/** Lengths around the borders of a varint, and characters of one to four bytes. */
const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.integer({ min: 0, max: 300 }).map((length) => 'a'.repeat(length)), fc.integer({ min: 120, max: 130 }).map((length) => 'é'.repeat(length)));
const int32 = fc.nat();
const int64 = fc.oneof(fc.nat(), fc.maxSafeNat(), fc.constantFrom(0, 127, 128, 2 ** 32 - 1, 2 ** 32));
const bytes = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(new Uint8Array(16_384), new Uint8Array(65_536))).map((array) => Buffer.from(array));
const headers: fc.Arbitrary<Header[]> = fc.array(fc.record({ name: text, value: text }), { maxLength: 12 });

const attempt: fc.Arbitrary<AttemptResult> = fc.record({
  attemptId: text, number: int32, startedAtMs: int64, connectUs: int32, firstByteUs: int32, totalUs: int32, outcomeClass: text, errorCode: text, errorSentence: text, status: int32,
  requestUrl: text, requestHeaders: headers, requestBody: bytes, requestBodyIsEventData: fc.boolean(), responseHeaders: headers, responseBody: bytes, responseBodyCut: fc.boolean(),
});
const outcome: fc.Arbitrary<DeliveryOutcome> = fc.record({
  tenantId: text, hookId: text, eventId: text, deliveryId: text, requestOffset: int64, ownerEpoch: int64, ownerSequence: int64, enabledEpoch: int64, hookVersion: int64, trigger: text, replayId: text,
  atMs: int64, attempt: fc.option(attempt, { nil: undefined }), fate: text, fateReason: text, streak: int32, nextAttemptAtMs: int64,
  verdict: fc.option(fc.record({ enabledEpoch: int64, policyVersion: int64, count: int32, reason: text }), { nil: undefined }),
  eventType: text, project: text, eventAcceptedAtMs: int64,
  // Written by the generated encoder: such a record is no attempt.
  catchUpOpened: fc.constant(undefined),
});

describe('encodeOutcome', () => {
  it('is read by the generated decoder as it was written', () => {
    fc.assert(
      fc.property(outcome, (written) => {
        // The generated encoder's bytes, not objects: it leaves out what is empty, and so must this.
        expect(encodeOutcome(written).equals(DeliveryOutcome.encode(written).finish())).toBe(true);
      }),
    );
  });

  it('writes every field that the messages have', () => {
    const none = new Uint8Array();
    const count = (message: object): number => Object.keys(message).length;
    expect([count(DeliveryOutcome.decode(none)), count(AttemptResult.decode(none)), count(Verdict.decode(none)), count(Header.decode(none))]).toEqual([22, 17, 4, 2]);
  });
});
