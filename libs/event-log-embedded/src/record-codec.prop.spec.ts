import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AppendRecord } from '@hooklane/event-log';
import { encodedBytes, readChunk, valueInChunk, writeRecord, type Reference } from './record-codec.js';

const bytes = fc.uint8Array({ maxLength: 300 });
const text = fc.string({ unit: 'binary', maxLength: 40 });
const input = fc.record({
  key: fc.option(text),
  headers: fc.option(fc.dictionary(text, text, { maxKeys: 4 }), { nil: undefined }),
  value: bytes,
  attached: fc.option(fc.oneof(fc.record({ copy: bytes }), fc.record({ partitionId: fc.nat(), offset: fc.maxSafeNat() }))),
});

describe('the chunk format', () => {
  it('gives every record back as it was written', () => {
    fc.assert(
      fc.property(fc.array(input, { minLength: 1, maxLength: 8 }), fc.nat(), (inputs, base) => {
        const records = inputs.map(({ key, headers, value, attached }): { record: AppendRecord; reference: Reference | null } => ({
          record: { topic: 't', partition: 3, key, value, ...(headers ? { headers } : {}), ...(attached ? { attachment: { topic: 's', partition: 0, offset: 0, value: Buffer.from('copy' in attached ? attached.copy : []) } } : {}) },
          reference: attached && 'offset' in attached ? attached : null,
        }));
        const chunk = Buffer.alloc(records.reduce((sum, { record, reference }) => sum + encodedBytes(record, reference !== null), 0));
        expect(records.reduce((at, { record, reference }) => writeRecord(chunk, at, record, reference), 0)).toBe(chunk.length);
        const found = readChunk('t', 3, base, 42, chunk, base);
        expect(found.map(({ record, reference }) => ({ ...record, value: [...record.value], attachment: record.attachment && [...record.attachment], reference }))).toEqual(
          records.map(({ record, reference }, index) => ({
            topic: 't',
            partition: 3,
            offset: base + index,
            timestampMs: 42,
            key: record.key,
            headers: record.headers ?? {},
            value: [...record.value],
            attachment: record.attachment && !reference ? [...record.attachment.value] : null,
            reference: reference && { ...reference },
          })),
        );
        const last = records.length - 1;
        expect(readChunk('t', 3, base, 42, chunk, base + last).map(({ record }) => record.offset)).toEqual([base + last]);
        expect([...(valueInChunk(base, chunk, base + last) ?? [])]).toEqual([...(records[last]?.record.value ?? [])]);
        expect(valueInChunk(base, chunk, base + last + 1)).toBeNull();
      }),
      // JSON makes a member of it, where a literal would set the prototype.
      { examples: [[[{ key: null, headers: JSON.parse('{"__proto__":"a header"}') as Record<string, string>, value: new Uint8Array(), attached: null }], 0]] },
    );
  });
});
