import { describe, expect, it } from '@jest/globals';
import { isAppError } from '@hooklane/kernel';
import { compileEventSchema } from './event-schema.js';

const check = (schema: unknown, data: unknown) => compileEventSchema(JSON.stringify(schema)).check(data);

describe('compileEventSchema', () => {
  it.each([
    [{ required: ['a'] }, {}, '/a'],
    [{ properties: { a: {} }, additionalProperties: false }, { 'b/c': 1 }, '/b~1c'],
    [{ properties: { list: { items: { type: 'number' } } } }, { list: [1, 'x'] }, '/list/1'],
    [{ properties: { e: { format: 'email' } } }, { e: 'no' }, '/e'],
    [{ properties: { price: { type: 'number', multipleOf: 0.01 } } }, { price: 19.999 }, '/price'],
    [{ properties: { p: { pattern: '^a+$' } } }, { p: 'b' }, '/p'],
    [{ properties: { child: { $ref: '#' } }, maxProperties: 1 }, { child: { child: { x: 1, y: 2 } } }, '/child/child'],
    [{ properties: { const: { type: 'string' } } }, { const: 1 }, '/const'],
    [false, 1, ''],
  ])('%j refuses %j at %s', (schema, data, pointer) => {
    expect(check(schema, data)).toMatchObject({ pointer });
  });

  it.each([
    [{ required: ['a'], properties: { a: { enum: [1, { $ref: 'x' }] } } }, { a: 1 }],
    [{ $id: 'https://example.com/a', $defs: { n: { type: 'number' } }, properties: { n: { $ref: '#/$defs/n' } } }, { n: 1 }],
    [{ $schema: 'https://json-schema.org/draft/2020-12/schema', prefixItems: [{ type: 'string' }] }, ['a']],
    [{ items: { type: 'number', multipleOf: 0.01 } }, [19.99, 0.07, 1.1, 100]],
    [true, null],
  ])('%j accepts %j', (schema, data) => {
    expect(check(schema, data)).toBeNull();
  });

  it.each([
    ['{', '/schema'],
    ['7', '/schema'],
    ['{"type":"nope"}', '/schema'],
    ['{"multipleOf":0}', '/schema'],
    ['{"pattern":"("}', '/schema'],
    ['{"properties":{"a":{"$ref":"https://example.com/s"}}}', '/schema/properties/a/$ref'],
    ['{"$schema":"http://json-schema.org/draft-07/schema#"}', '/schema/$schema'],
    ['{"items":{"uniqueItems":true}}', '/schema/items/uniqueItems'],
    ['{"$async":true}', '/schema/$async'],
    ['{"$ref":"#/const","const":{"type":"object"}}', '/schema'],
    [`{"enum":[${'1,'.repeat(6_000)}1]}`, '/schema'],
    [`{"description":"${'x'.repeat(70_000)}"}`, '/schema'],
    [`${'{"not":'.repeat(40)}{}${'}'.repeat(40)}`, expect.stringMatching(/^\/schema\/not/)],
  ])('%.60s is refused with the place', (text, pointer) => {
    expect.assertions(2);
    try {
      compileEventSchema(text);
    } catch (error) {
      expect(isAppError(error, 'invalid-schema')).toBe(true);
      expect((error as { details: { errors: { pointer: string }[] } }).details.errors[0]?.pointer).toEqual(pointer);
    }
  });
});

describe('schema bombs', () => {
  const expensive = { pointer: '', message: 'is too expensive to check against its schema' };

  it('ends a check that doubles at each of 30 references', () => {
    const $defs: Record<string, unknown> = { d30: { type: 'object' } };
    for (let level = 0; level < 30; level++) $defs[`d${level}`] = { allOf: [{ $ref: `#/$defs/d${level + 1}` }, { $ref: `#/$defs/d${level + 1}` }] };
    expect(check({ $ref: '#/$defs/d0', $defs }, {})).toEqual(expensive);
  });

  it('ends a check that doubles at each level of the data', () => {
    const again = { properties: { a: { $ref: '#/$defs/n' } } };
    let data: unknown = {};
    for (let level = 0; level < 60; level++) data = { a: data };
    expect(check({ $ref: '#/$defs/n', $defs: { n: { allOf: [again, again] } } }, data)).toEqual(expensive);
  });

  it('ends a check that goes round without descending', () => {
    expect(check({ $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } }, 1)).toEqual(expensive);
  });

  const alternatives = (keyword: 'anyOf' | 'oneOf', leaf: unknown, levels: number) => {
    const $defs: Record<string, unknown> = { d0: leaf };
    for (let level = 1; level <= levels; level++) $defs[`d${level}`] = { [keyword]: Array(3).fill({ $ref: `#/$defs/d${level - 1}` }) };
    return { $ref: `#/$defs/d${levels}`, $defs };
  };

  it.each([
    ['anyOf', 'that no alternative fits, 13 levels', alternatives('anyOf', { type: 'number' }, 13), 'x'],
    ['anyOf', 'that no alternative fits, 29 levels', alternatives('anyOf', { type: 'number' }, 29), 'x'],
    ['oneOf', 'that no alternative fits, 29 levels', alternatives('oneOf', { type: 'number' }, 29), 'x'],
    ['anyOf', 'below a keyword of no meaning', { x: alternatives('anyOf', false, 29).$defs, $ref: '#/x/d29', $defs: alternatives('anyOf', false, 29).$defs }, 'x'],
    ['maxLength', 'of a long text, again and again', alternatives('anyOf', { maxLength: 1 }, 9), 'x'.repeat(200_000)],
    ['format', 'of a long text, again and again', alternatives('anyOf', { format: 'date' }, 9), 'x'.repeat(200_000)],
    ['maxProperties', 'of a wide object, again and again', alternatives('anyOf', { maxProperties: 1 }, 9), Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [at, at]))],
    ['contains', 'in a long list, again and again', alternatives('anyOf', { contains: { type: 'string' } }, 9), Array(100_000).fill(1)],
    ['uniqueItems', 'of a long list, again and again', alternatives('anyOf', { uniqueItems: true, maxItems: 1_000 }, 9), [...Array(999).keys(), 998]],
    ['errors', 'copied at each item', { contains: { $ref: '#/$defs/n' }, $defs: { n: { type: 'string' } } }, Array(100_000).fill(1)],
  ])('ends a check of %s %s', (_keyword, _case, schema, data) => {
    expect(check(schema, data)).toEqual(expensive);
  });

  it('checks hundreds of alternatives beside each other', () => {
    const kinds = Array.from({ length: 500 }, (_, at) => at);
    const $defs = Object.fromEntries(kinds.map((at) => [`k${at}`, { properties: { kind: { const: `k${at}` } }, required: ['kind'] }]));
    const schema = (keyword: string) => compileEventSchema(JSON.stringify({ [keyword]: kinds.map((at) => ({ $ref: `#/$defs/k${at}` })), $defs }));
    for (const keyword of ['anyOf', 'oneOf']) {
      expect(schema(keyword).check({ kind: 'k499' })).toBeNull();
      expect(schema(keyword).check({ kind: 'other' })).toMatchObject({ pointer: '/kind' });
    }
  });

  it('follows a reference below a keyword of no meaning', () => {
    const schema = { $ref: '#/components/schemas/n', components: { schemas: { n: { type: 'number' } } } };
    expect(check(schema, 1)).toBeNull();
    expect(check(schema, 'x')).toMatchObject({ message: 'must be number' });
  });

  it('starts every check with a full budget', () => {
    const schema = compileEventSchema('{"items":{"type":"number"}}');
    const data = Array(100_000).fill(1);
    for (let round = 0; round < 10; round++) expect(schema.check(data)).toBeNull();
  });
});
