import type { IdSource, RandomSource } from '@hooklane/kernel';

/** Identifiers `<prefix>_<32 hex digits>` that count up, so that they sort by the time of their making as the real ones do. */
export function seededIds(seed = 1): IdSource {
  let count = 0;
  return { next: (prefix) => `${prefix}_${seed.toString(16).padStart(8, '0')}${(++count).toString(16).padStart(24, '0')}` };
}

/** The same numbers for the same seed (the generator is Mulberry32: 32 bits of state, good enough for tests and for nothing else). */
export function seededRandom(seed = 1): RandomSource {
  let state = seed >>> 0;
  const word = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return {
    fraction: () => word() / 2 ** 32,
    bytes: (length) => Buffer.from(Array.from({ length }, () => word() & 0xff)),
  };
}
