import { describe, expect, it } from '@jest/globals';
import { TenantShares } from './tenant-shares.js';

const brought = (counts: Readonly<Record<string, number>>, atMs = 0): TenantShares => {
  const shares = new TenantShares();
  for (const [tenantId, events] of Object.entries(counts)) shares.note(tenantId, events, atMs);
  return shares;
};

describe('a modest tenant', () => {
  it('brings well below an equal share', () => {
    const shares = brought({ flood: 1_000, a: 100, b: 100 });
    expect(shares.isModest('a', 1, 0, 500)).toBe(true);
    expect(shares.isModest('flood', 1, 0, 500)).toBe(false);
    expect(shares.isModest('new', 1, 0, 500)).toBe(true);
    expect(shares.isModest('a', 500, 0, 500)).toBe(false);
  });

  it('is one of ten when another brings ten times as much', () => {
    const shares = brought({ flood: 1_000, ...Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`t${n}`, 100])) });
    expect(shares.isModest('t3', 1, 0, 500)).toBe(true);
  });

  it('is none of those who bring the same, and nobody who is alone', () => {
    expect(brought({ a: 100, b: 90, c: 110 }).isModest('b', 1, 0, 500)).toBe(false);
    expect(brought({ a: 100 }).isModest('a', 1, 1_000, 500)).toBe(false);
  });

  it('is seen by what waits, too', () => {
    const shares = brought({ flood: 10, a: 10 });
    expect(shares.isModest('a', 1, 0, 500)).toBe(false);
    expect(shares.isModest('a', 1, 1_000, 500)).toBe(true);
  });

  it('is so by what was brought in the last second or two', () => {
    const shares = brought({ flood: 1_000, a: 10 });
    shares.note('a', 10, 1_500);
    expect(shares.isModest('a', 1, 0, 1_900)).toBe(true);
    shares.note('a', 10, 2_600);
    expect(shares.isModest('a', 1, 0, 2_700)).toBe(false);
  });
});
