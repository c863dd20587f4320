import { describe, expect, it } from '@jest/globals';
import { isMultipleOf } from './decimal-multiple.js';

describe('isMultipleOf', () => {
  it.each([
    [19.99, 0.01, true],
    [0.07, 0.01, true],
    [-4.35, 0.01, true],
    [99_999_999_999.99, 0.01, true],
    [1e21, 0.01, true],
    [0, 0.01, true],
    [1e-7, 1e-8, true],
    [1.5, 0.25, true],
    [19.999, 0.01, false],
    [19.9900000001, 0.01, false],
    [0.1, 3, false],
    [7, 3, false],
    [-9, 3, true],
    [1.7976931348623157e308, 5e-324, true],
  ])('%d of %d: %s', (value, step, expected) => {
    expect(isMultipleOf(value, step)).toBe(expected);
  });

  it('holds for every amount of cents', () => {
    for (let cents = 0; cents < 20_000; cents++) expect(isMultipleOf(cents / 100, 0.01)).toBe(true);
  });
});
