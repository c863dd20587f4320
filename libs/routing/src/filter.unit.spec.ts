import { describe, expect, it } from '@jest/globals';
import { isAppError } from '@hooklane/kernel';
import { compileFilter } from './filter.js';

const data = { amount: 100, name: 'Ada', tags: ['new', 'vip'], user: { id: 7, address: null }, 'dotted.name': 1, constructor: undefined };
const attributes = { region: 'eu-west' };
const holds = (filter: unknown, parsed: unknown = data): boolean => compileFilter(filter).test(parsed, attributes).ok;

describe('operators', () => {
  it.each([
    [{ data: { amount: 100 } }, true],
    [{ data: { amount: { $eq: '100' } } }, false],
    [{ data: { amount: { $neq: 100 } } }, false],
    [{ data: { missing: { $neq: 1 } } }, true],
    [{ data: { amount: { $gt: 99, $lt: 101 } } }, true],
    [{ data: { amount: { $gte: 101 } } }, false],
    [{ data: { amount: { $lte: 100 } } }, true],
    [{ data: { name: { $gt: 5 } } }, false],
    [{ data: { name: { $gt: 'Abel' } } }, true],
    [{ data: { name: { $in: ['Ada', 'Bob'] } } }, true],
    [{ data: { name: { $nin: ['Ada'] } } }, false],
    [{ data: { missing: { $nin: ['Ada'] } } }, true],
    [{ data: { user: { $in: [{ address: null, id: 7 }] } } }, true],
    [{ data: { missing: { $exist: false } } }, true],
    [{ data: { user: { address: { $exist: true } } } }, true],
    [{ data: { constructor: { $exist: true } } }, false, {}],
    [{ data: { toString: { $exist: true } } }, false],
    [{ data: { name: { $startsWith: 'A' } } }, true],
    [{ data: { name: { $endsWith: 'A' } } }, false],
    [{ data: { name: { $regex: '^[A-Z]d' } } }, true],
    [{ data: { amount: { $regex: '1' } } }, false],
    [{ attributes: { region: { $startsWith: 'eu-' } } }, true],
    [{}, true],
  ])('%j → %s', (filter, expected, parsed: unknown = data) => {
    expect(holds(filter, parsed)).toBe(expected);
  });
});

describe('whole numbers beyond 2^53', () => {
  const parsed: unknown = JSON.parse('{"big":12345678901234567890,"list":[12345678901234567890],"edge":9007199254740991}');
  it.each([
    ['{"data":{"big":{"$eq":12345678901234567891}}}', false],
    ['{"data":{"big":12345678901234567890}}', false],
    ['{"data":{"big":{"$in":[12345678901234567891]}}}', false],
    ['{"data":{"list":{"$eq":[12345678901234567891]}}}', false],
    ['{"data":{"list":12345678901234567891}}', false],
    ['{"data":{"big":{"$neq":12345678901234567891}}}', true],
    ['{"data":{"big":{"$nin":[12345678901234567891]}}}', true],
    ['{"data":{"big":{"$gt":9007199254740991}}}', true],
    ['{"data":{"edge":{"$in":[9007199254740991]}}}', true],
  ])('%s: %s', (filter, expected) => {
    expect(holds(JSON.parse(filter), parsed)).toBe(expected);
  });
});

describe('paths', () => {
  it('walks nested members and dotted names alike', () => {
    expect(holds({ data: { user: { id: 7 } } })).toBe(true);
    expect(holds({ data: { 'user.id': 7 } })).toBe(true);
    expect(holds({ data: { 'tags.0': 'new' } })).toBe(true);
  });

  it('prefers a field whose own name has dots', () => {
    expect(holds({ data: { 'dotted.name': 1 } })).toBe(true);
  });

  it('lets one element of an array fulfil a condition, and none a negative one', () => {
    expect(holds({ data: { tags: 'vip' } })).toBe(true);
    expect(holds({ data: { tags: { $neq: 'vip' } } })).toBe(false);
    expect(holds({ data: { tags: ['new', 'vip'] } })).toBe(true);
  });

  it('finds nothing in data that is not JSON', () => {
    expect(compileFilter({ data: { amount: { $exist: true } } }).test(undefined, {}).ok).toBe(false);
  });
});

describe('combinations', () => {
  it('combines whole conditions and conditions on one field', () => {
    expect(holds({ $or: [{ data: { amount: 1 } }, { attributes: { region: 'eu-west' } }] })).toBe(true);
    expect(holds({ $not: { data: { amount: 100 } } })).toBe(false);
    expect(holds({ data: { amount: { $or: [{ $lt: 10 }, { $gt: 90 }] } } })).toBe(true);
    expect(holds({ data: { amount: { $not: { $gt: 90 } } } })).toBe(false);
    expect(holds({ $and: [{ data: { amount: 100 } }, { data: { name: 'Bob' } }] })).toBe(false);
  });
});

describe('explanations', () => {
  it('names the first condition that failed, with what was expected and found', () => {
    const result = compileFilter({ data: { name: 'Ada', user: { id: { $gte: 10 } } }, attributes: { region: 'us' } }).test(data, attributes);
    expect(result).toMatchObject({ ok: false, path: '/data/user/id', operator: '$gte', detail: '/data/user/id must be at least 10, but it is 7' });
  });

  it('says when a field is not there', () => {
    const result = compileFilter({ data: { a: { b: 1 } } }).test({}, {});
    expect(result).toMatchObject({ path: '/data/a/b', operator: '$eq', detail: '/data/a/b must be 1, but it is not there' });
  });

  it('names the combination when no alternative held', () => {
    expect(compileFilter({ $or: [{ data: { amount: 1 } }, { data: { amount: 2 } }] }).test(data, {})).toMatchObject({ path: '/', operator: '$or' });
  });
});

describe('filters that cannot be used', () => {
  let deep: unknown = 1;
  for (let level = 0; level < 20; level++) deep = { a: deep };
  it.each([
    ['text', '/filter'],
    [[], '/filter'],
    [{ body: 1 }, '/filter/body'],
    [{ $eq: 1 }, '/filter/$eq'],
    [{ data: { a: { $near: 1 } } }, '/filter/data/a/$near'],
    [{ data: { a: { $in: 1 } } }, '/filter/data/a/$in'],
    [{ data: { a: { $exist: 1 } } }, '/filter/data/a/$exist'],
    [{ data: { a: { $gt: null } } }, '/filter/data/a/$gt'],
    [{ data: { a: { $regex: '(' } } }, '/filter/data/a/$regex'],
    [{ data: { a: { $regex: '(?=x)' } } }, '/filter/data/a/$regex'],
    [{ data: { a: { $regex: 'x'.repeat(600) } } }, '/filter/data/a/$regex'],
    [{ data: { 'a/b': { $lt: true } } }, '/filter/data/a~1b/$lt'],
    [{ $or: [] }, '/filter/$or'],
    [{ $or: [{ data: { a: { $bad: 1 } } }] }, '/filter/$or/0/data/a/$bad'],
    [{ $not: 1 }, '/filter/$not'],
    [{ data: deep }, expect.stringMatching(/^\/filter\/data\/a/)],
    [{ data: { a: { $in: Array(2_000).fill(1) } } }, '/filter'],
  ])('%# is refused with the place', (filter, pointer) => {
    expect.assertions(2);
    try {
      compileFilter(filter);
    } catch (error) {
      expect(isAppError(error, 'invalid-hook')).toBe(true);
      expect((error as { details: { errors: { pointer: string }[] } }).details.errors[0]?.pointer).toEqual(pointer);
    }
  });
});

describe('hostile expressions', () => {
  it('stays linear on a pattern that makes backtracking engines explode', () => {
    const started = performance.now();
    expect(holds({ data: { x: { $regex: '^(a+)+$' } } }, { x: `${'a'.repeat(16_000)}!` })).toBe(false);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
