import { randomBytes, randomInt } from 'node:crypto';

/** Randomness, as an argument (style rule 2). */
export interface RandomSource {
  /** A number in [0, 1). */
  fraction(): number;
  /** `length` unpredictable bytes, fit for keys. */
  bytes(length: number): Buffer;
}

const FRACTION_STEPS = 2 ** 47;

export const cryptoRandom: RandomSource = {
  fraction: () => randomInt(FRACTION_STEPS) / FRACTION_STEPS,
  bytes: (length) => randomBytes(length),
};
