import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeEventAccepted, encodeEventAccepted, EventAccepted } from './index.js';

/** Lengths around the borders of a varint, and characters of one to four bytes. */
const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.integer({ min: 0, max: 400 }).map((length) => 'a'.repeat(length)), fc.integer({ min: 120, max: 130 }).map((length) => 'é'.repeat(length)));
const number = fc.oneof(fc.nat(), fc.maxSafeNat(), fc.constantFrom(0, 127, 128, 2 ** 32 - 1, 2 ** 32));

const event: fc.Arbitrary<EventAccepted> = fc.record({
  tenantId: text,
  eventId: text,
  type: text,
  project: text,
  orderingKey: text,
  occurredAtMs: number,
  acceptedAtMs: number,
  attributes: fc.dictionary(fc.string({ minLength: 1, maxLength: 64 }).filter((key) => key !== '__proto__'), text, { maxKeys: 32, noNullPrototype: true }),
  contentType: text,
  data: fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(new Uint8Array(16_384), new Uint8Array(262_144))).map((bytes) => Buffer.from(bytes)),
  incarnation: text,
  sequence: number,
  traceparent: text,
});

function expectSame(read: EventAccepted, written: EventAccepted): void {
  const { data, ...fields } = written;
  const { data: readData, ...readFields } = read;
  expect(readFields).toEqual(fields);
  // Not toEqual, which compares byte by byte.
  expect(readData.equals(data)).toBe(true);
}

describe('encodeEventAccepted', () => {
  it('is read by the generated decoder as it was written', () => {
    fc.assert(fc.property(event, (written) => expectSame(EventAccepted.decode(encodeEventAccepted(written)), written)));
  });

  it('writes every field that the message has', () => {
    const names = Object.keys(EventAccepted.decode(new Uint8Array())).sort();
    expect(names).toEqual(['acceptedAtMs', 'attributes', 'contentType', 'data', 'eventId', 'incarnation', 'occurredAtMs', 'orderingKey', 'project', 'sequence', 'tenantId', 'traceparent', 'type']);
  });
});

describe('decodeEventAccepted', () => {
  it('reads what the generated encoder wrote', () => {
    fc.assert(fc.property(event, (written) => expectSame(decodeEventAccepted(Buffer.from(EventAccepted.encode(written).finish())), written)));
  });

  it('copies no data', () => {
    const record = encodeEventAccepted({ ...EventAccepted.decode(new Uint8Array()), data: Buffer.alloc(1_000, 'x') });
    const { data } = decodeEventAccepted(record);
    record.fill('y');
    expect(data.equals(Buffer.alloc(1_000, 'y'))).toBe(true);
  });

  it('gives each event attributes of its own', () => {
    const [one, other] = [decodeEventAccepted(Buffer.alloc(0)), decodeEventAccepted(Buffer.alloc(0))];
    expect(one.attributes).not.toBe(other.attributes);
  });
});
