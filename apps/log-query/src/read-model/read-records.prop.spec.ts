import { describe, expect, it } from '@jest/globals';
import { DeliveryOutcome, EventAccepted } from '@hooklane/contracts/topics';
import fc from 'fast-check';
import { readEvent } from './read-event.js';
import { readOutcome } from './read-outcome.js';
import { storable } from './storable.js';

const NOTHING = new Uint8Array();
const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const whole = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const small = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const bytes = fc.uint8Array({ maxLength: 300 }).map((value) => Buffer.from(value));
const headers = fc.array(fc.record({ name: text, value: text }), { maxLength: 3 });

const event = fc.record({
  tenantId: text.filter((id) => id !== ''), eventId: text.filter((id) => id !== ''), type: text, project: text, orderingKey: text, occurredAtMs: whole, acceptedAtMs: whole,
  attributes: fc.dictionary(text, text, { maxKeys: 3, noNullPrototype: true }), contentType: text, data: bytes, incarnation: text, sequence: whole, traceparent: text,
});

const attempt = fc.record({
  attemptId: text, number: small, startedAtMs: whole, connectUs: small, firstByteUs: small, totalUs: small, outcomeClass: text, errorCode: text, errorSentence: text, status: small,
  requestUrl: text, requestHeaders: headers, requestBody: bytes, requestBodyIsEventData: fc.boolean(), responseHeaders: headers, responseBody: bytes, responseBodyCut: fc.boolean(),
});

const outcome = fc.record({
  tenantId: text.filter((id) => id !== ''), hookId: text, eventId: text, deliveryId: text, requestOffset: whole, ownerEpoch: whole, ownerSequence: whole, enabledEpoch: whole, hookVersion: whole,
  trigger: text, replayId: text, atMs: whole, attempt: fc.option(attempt, { nil: undefined }), fate: text, fateReason: text, streak: small, nextAttemptAtMs: whole,
  verdict: fc.option(fc.record({ enabledEpoch: whole, policyVersion: whole, count: small, reason: text }), { nil: undefined }), eventType: text, project: text, eventAcceptedAtMs: whole,
  catchUpOpened: fc.option(fc.record({ epoch: whole, commandOffset: whole, positions: fc.dictionary(text.filter((name) => name !== '__proto__'), whole, { maxKeys: 3, noNullPrototype: true }) }), { nil: undefined }),
});

describe('readEvent and readOutcome', () => {
  it('read of an event what the generated decoder reads', () => {
    fc.assert(
      fc.property(event, (message) => {
        const { tenantId, eventId, type, project, acceptedAtMs, incarnation, sequence } = EventAccepted.decode(EventAccepted.encode(message).finish());
        expect(readEvent(Buffer.from(EventAccepted.encode(message).finish()))).toEqual({ tenantId, eventId: storable(eventId), type: storable(type), project: storable(project), acceptedAtMs, incarnation, sequence });
      }),
    );
  });

  it('read of an outcome what the generated decoder reads', () => {
    fc.assert(
      fc.property(outcome, (message) => {
        const record = Buffer.from(DeliveryOutcome.encode(message).finish());
        const { enabledEpoch: _enabledEpoch, streak: _streak, verdict: _verdict, attempt: decoded, catchUpOpened, ...rest } = DeliveryOutcome.decode(record);
        const result = decoded && { attemptId: decoded.attemptId, number: decoded.number, totalUs: decoded.totalUs, outcomeClass: decoded.outcomeClass, errorCode: decoded.errorCode, status: decoded.status };
        expect(readOutcome(record)).toEqual({ ...rest, attempt: result ?? null, catchUpOpened: catchUpOpened ?? null });
      }),
    );
  });

  it('refuse a record that was cut off, or read what came before the cut; never what is beyond', () => {
    fc.assert(
      fc.property(event, fc.nat(), (message, at) => {
        const record = Buffer.from(EventAccepted.encode(message).finish());
        const cut = record.subarray(0, at % record.length);
        try {
          const { tenantId } = readEvent(cut);
          expect(tenantId).toBe(EventAccepted.decode(cut).tenantId);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });

  it('refuse what is no protobuf at all', () => {
    expect(() => readEvent(Buffer.from('not a protobuf message'))).toThrow();
    expect(() => readEvent(Buffer.from(NOTHING))).toThrow('an event has a tenant and an id');
  });
});
