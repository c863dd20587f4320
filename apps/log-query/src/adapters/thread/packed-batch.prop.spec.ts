import { describe, expect, it } from '@jest/globals';
import type { HandedBatch } from '@hooklane/event-log';
import fc from 'fast-check';
import { packed, unpacked } from './packed-batch.js';

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const record = fc.record({ offset: fc.maxSafeNat(), timestampMs: fc.maxSafeNat(), value: bytes, attachment: fc.option(bytes) });
const batch: fc.Arbitrary<HandedBatch> = fc
  .record({ topic: fc.string(), partition: fc.nat(), endOffset: fc.maxSafeNat(), deadLettered: fc.boolean(), records: fc.array(record, { maxLength: 20 }) })
  .map((one) => ({ ...one, records: one.records.map((part) => ({ ...part, topic: one.topic, partition: one.partition, key: null, headers: {} })) }));

describe('a packed batch', () => {
  it('is the same on the other side, and what was handed over is gone from this one', () => {
    fc.assert(
      fc.property(batch, (one) => {
        const parcel = packed(one);
        const arrived = structuredClone(parcel, { transfer: [parcel.bytes, parcel.records.buffer as ArrayBuffer] });
        expect(parcel.bytes.byteLength + parcel.records.byteLength).toBe(0);
        expect(unpacked(arrived)).toEqual(one);
      }),
    );
  });
});
