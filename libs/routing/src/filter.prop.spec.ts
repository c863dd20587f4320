import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { findInexact } from './exact-numbers.js';
import { compileFilter } from './filter.js';

const json = fc.jsonValue({ maxDepth: 3 });
const notPlainOperand = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

const condition = fc.oneof(
  fc.record({ $eq: json }),
  fc.record({ $neq: json }),
  fc.record({ $gt: fc.oneof(fc.integer(), fc.string()) }),
  fc.record({ $in: fc.array(json, { maxLength: 3 }) }),
  fc.record({ $exist: fc.boolean() }),
  fc.record({ $startsWith: fc.string() }),
);
const filter = fc.record({ data: fc.dictionary(fc.constantFrom('a', 'b', 'c'), condition, { noNullPrototype: true }) });
const data = fc.dictionary(fc.constantFrom('a', 'b', 'c'), json, { noNullPrototype: true });
const test = (conditions: unknown, value: unknown): boolean => compileFilter(conditions).test(value, {}).ok;

describe('compileFilter', () => {
  it('finds every value equal to itself, but for those with whole numbers that may have been rounded', () => {
    fc.assert(fc.property(json, (value) => test({ data: { field: { $eq: value } } }, { field: structuredClone(value) }) === (findInexact(value, '') === null)));
  });

  it('takes a plain value for $eq', () => {
    fc.assert(fc.property(json.filter((value) => !notPlainOperand(value)), json, (operand, value) => test({ data: { a: operand } }, { a: value }) === test({ data: { a: { $eq: operand } } }, { a: value })));
  });

  it('keeps $neq, $nin and $not the opposites of $eq, $in and the condition itself', () => {
    fc.assert(
      fc.property(json, json, (operand, value) => {
        const field = { a: value };
        return (
          test({ data: { a: { $neq: operand } } }, field) !== test({ data: { a: { $eq: operand } } }, field) &&
          test({ data: { a: { $nin: [operand] } } }, field) !== test({ data: { a: { $in: [operand] } } }, field)
        );
      }),
    );
    fc.assert(fc.property(filter, data, (inner, value) => test({ $not: inner }, value) !== test(inner, value)));
  });

  it('combines by $and and $or as logic does', () => {
    fc.assert(
      fc.property(filter, filter, data, (left, right, value) => {
        const [l, r] = [test(left, value), test(right, value)];
        return test({ $and: [left, right] }, value) === (l && r) && test({ $or: [left, right] }, value) === (l || r);
      }),
    );
  });

  it('explains every refusal with a place, an operator and a sentence, and never throws on any data', () => {
    fc.assert(
      fc.property(filter, json, (conditions, value) => {
        const result = compileFilter(conditions).test(value, {});
        return result.ok || (result.path.startsWith('/') && result.operator.startsWith('$') && result.detail.length > 0);
      }),
    );
  });
});
