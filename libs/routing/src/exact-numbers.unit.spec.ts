import { describe, expect, it } from '@jest/globals';
import { findInexact } from './exact-numbers.js';

describe('findInexact', () => {
  it.each([
    ['9007199254740991', null],
    ['-9007199254740991', null],
    ['9007199254740992', ''],
    ['-9007199254740993', ''],
    ['{"a":[1,{"b/c":12345678901234567891}]}', '/a/1/b~1c'],
    ['[0.1, 1e15, "12345678901234567891", null, true]', null],
  ])('%s: %j', (text, pointer) => {
    expect(findInexact(JSON.parse(text), '')).toBe(pointer);
  });
});
