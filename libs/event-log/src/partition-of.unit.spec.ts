import { describe, expect, it } from '@jest/globals';
import { partitionOf } from './partition-of.js';

describe('partitionOf', () => {
  it('never changes: stored data is found by it', () => {
    expect(['', 'a', 'hook_1', 'tenant\0key', 'ключ'].map((key) => [partitionOf(key, 8), partitionOf(key, 48)])).toMatchInlineSnapshot(`
[
  [
    4,
    12,
  ],
  [
    4,
    36,
  ],
  [
    3,
    35,
  ],
  [
    2,
    42,
  ],
  [
    0,
    24,
  ],
]
`);
  });

  it('spreads keys that differ at their end only', () => {
    const counts = Array.from({ length: 48 }, () => 0);
    for (let index = 0; index < 48_000; index += 1) {
      const partition = partitionOf(`hook_${String(index).padStart(8, '0')}`, 48);
      counts[partition] = (counts[partition] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(800);
    expect(Math.max(...counts)).toBeLessThan(1_200);
  });
});
