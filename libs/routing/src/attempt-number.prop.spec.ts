import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { attemptNumber, attemptPlace } from './attempt-number.js';

const place = fc.record({ partition: fc.integer({ min: 0, max: 999 }), offset: fc.integer({ min: 0, max: 2 ** 43 - 1 }) });

describe('the number of an attempt', () => {
  it('names its place and no other, as a whole number that every client can hold', () => {
    fc.assert(
      fc.property(place, place, (one, other) => {
        const number = attemptNumber(one);
        expect(Number.isSafeInteger(number) && number >= 1).toBe(true);
        expect(attemptPlace(number)).toEqual(one);
        expect(number === attemptNumber(other)).toBe(one.partition === other.partition && one.offset === other.offset);
      }),
    );
  });

  it('rises with the offset of a partition', () => {
    fc.assert(fc.property(place, ({ partition, offset }) => attemptNumber({ partition, offset }) < attemptNumber({ partition, offset: offset + 1 })));
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 53])('%p is none', (number) => {
    expect(attemptPlace(number)).toBeNull();
  });
});
