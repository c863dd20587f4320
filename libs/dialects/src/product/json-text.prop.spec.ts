import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { memberOf, parseJsonText, scalarOf, writeJson, type JsonStyle } from './json-text.js';

const parsed = (text: string) => parseJsonText(Buffer.from(text, 'utf8'));
const rewritten = (text: string, style: JsonStyle): string => writeJson(parsed(text)!, style);

describe('JSON whose spelling is kept', () => {
  it('reads back equal in either spacing, whatever it holds', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), fc.constantFrom<JsonStyle>('python', 'compact'), fc.constantFrom(undefined, 2), (value, style, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(JSON.parse(rewritten(text, style))).toEqual(JSON.parse(text));
      }),
    );
  });

  it('compact is what JSON.stringify writes, for what it can write', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => rewritten(JSON.stringify(value, null, 1), 'compact') === JSON.stringify(JSON.parse(JSON.stringify(value)))));
  });

  it('changes nothing that it has spaced once', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const spaced = rewritten(JSON.stringify(value), 'python');
        expect(rewritten(spaced, 'python')).toBe(spaced);
      }),
    );
  });

  it('keeps the spelling of any number', () => {
    const number = fc.stringMatching(/^-?(0|[1-9]\d{0,30})(\.\d{1,20})?([eE][+-]?\d{1,3})?$/);
    fc.assert(fc.property(number, (spelling) => rewritten(`[ ${spelling} ]`, 'compact') === `[${spelling}]` && scalarOf(parsed(spelling)!) === spelling));
  });

  it.each([
    ['{"a":8.0,"b":[1,2],"2":null,"1":true}', '{"a": 8.0, "b": [1, 2], "2": null, "1": true}'],
    ['{"é":"\\u00e9\\u000a\\/"}', '{"é": "é\\n/"}'],
    ['[ ]', '[]'],
    ['{"a":1,"a":2}', '{"a": 1, "a": 2}'],
  ])('python spaces %s as json.dumps does', (text, spaced) => {
    expect(rewritten(text, 'python')).toBe(spaced);
  });

  it.each(['', '{a:1}', '01', '[1,]', '{"a":1}x', '// no\n1', 'nul', '"\n"'])('does not take %j for JSON', (text) => {
    expect(parsed(text)).toBeNull();
  });

  it('finds the last of a repeated member, as every parser does', () => {
    expect(scalarOf(memberOf(parsed('{"a":1,"a":2}')!, 'a')!)).toBe('2');
    expect(memberOf(parsed('{"a":1}')!, 'b')).toBeUndefined();
    expect(memberOf(parsed('[1]')!, '0')).toBeUndefined();
  });
});
