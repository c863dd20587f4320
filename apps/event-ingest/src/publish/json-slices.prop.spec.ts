import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { elementSlices, memberSlice, valueSlice } from './json-slices.js';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
const slice = (json: Buffer, at: { start: number; end: number }): string => text(json.subarray(at.start, at.end));
const space = fc.constantFrom('', ' ', '\n\t', '\r\n ');

/** Any JSON text, with odd spacing, repeated members, escapes where none are needed, and unusual numbers. */
const jsonText: fc.Arbitrary<string> = fc.letrec((tie) => ({
  string: fc.oneof(
    fc.string({ unit: 'grapheme' }).map((value) => JSON.stringify(value)),
    // Around the length up to which texts are walked, with escapes at the border.
    fc.tuple(fc.integer({ min: 24, max: 40 }), fc.string({ unit: fc.constantFrom('"', '\\', 'x', '[') })).map(([length, end]) => JSON.stringify('a'.repeat(length) + end)),
    fc.constantFrom('"\\u00e9"', '"\\\\"', '"\\""', '"a\\\\\\"b"', '"{[\\"]}"', '"d\\u0061ta"', '"data"'),
  ),
  scalar: fc.oneof(fc.constantFrom('1.0', '1e2', '-0', '12345678901234567890', 'true', 'false', 'null'), fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)), tie('string') as fc.Arbitrary<string>),
  array: fc.tuple(space, fc.array(tie('value') as fc.Arbitrary<string>, { maxLength: 4 }), space).map(([before, items, after]) => `[${before}${items.join(`${after},${before}`)}${after}]`),
  object: fc
    .tuple(space, fc.array(fc.tuple(tie('string') as fc.Arbitrary<string>, tie('value') as fc.Arbitrary<string>), { maxLength: 5 }), space)
    .map(([before, members, after]) => `{${before}${members.map(([key, value]) => `${key}${after}:${before}${value}`).join(`${after},${before}`)}${after}}`),
  value: fc.oneof({ maxDepth: 4 }, tie('scalar') as fc.Arbitrary<string>, tie('array') as fc.Arbitrary<string>, tie('object') as fc.Arbitrary<string>),
})).value as fc.Arbitrary<string>;

describe('memberSlice', () => {
  it('finds the bytes of the member that JSON.parse finds, for every text', () => {
    fc.assert(
      fc.property(space, jsonText, space, (before, value, after) => {
        const json = Buffer.from(`${before}${value}${after}`);
        const parsed: unknown = JSON.parse(value);
        const whole = valueSlice(json, 0);
        expect(slice(json, whole)).toBe(value);
        if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return;
        for (const name of ['data', 'a\\"b']) {
          const member = memberSlice(json, whole, name);
          expect(member !== null).toBe(Object.hasOwn(parsed, name));
          if (member) expect(JSON.parse(slice(json, member))).toEqual((parsed as Record<string, unknown>)[name]);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('keeps a value byte for byte, whatever stands around it', () => {
    fc.assert(
      fc.property(jsonText, jsonText, space, (data, other, gap) => {
        const json = Buffer.from(`{${gap}"other"${gap}:${other},"data":${gap}${data}${gap},${gap}"end":1}`);
        const member = memberSlice(json, valueSlice(json, 0), 'data');
        expect(member && slice(json, member)).toBe(data);
      }),
      { numRuns: 1_000 },
    );
  });

  it('takes the last of several members, also by an escaped name', () => {
    const json = Buffer.from('{"data":1,"d\\u0061ta":2, "datas":3}');
    const member = memberSlice(json, valueSlice(json, 0), 'data');
    expect(member && slice(json, member)).toBe('2');
  });

  it('counts levels', () => {
    for (const [value, depth] of [['1', 0], ['[]', 1], ['{"a":[1,{}]}', 3], ['"[["', 0]] as const) expect(valueSlice(Buffer.from(value), 0).depth).toBe(depth);
  });
});

describe('elementSlices', () => {
  it('finds the bytes of every element', () => {
    fc.assert(
      fc.property(fc.array(jsonText, { maxLength: 5 }), space, space, (elements, before, after) => {
        const json = Buffer.from(`${before}[${before}${elements.join(`${after},${before}`)}${after}]`);
        expect(elementSlices(json, valueSlice(json, 0)).map((element) => slice(json, element))).toEqual(elements);
      }),
    );
  });
});
