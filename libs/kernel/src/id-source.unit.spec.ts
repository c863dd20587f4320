import { describe, expect, it } from '@jest/globals';
import { timeOrderedIds } from './id-source.js';

describe('time-ordered identifiers', () => {
  const ids = Array.from({ length: 20_000 }, () => timeOrderedIds.next('evt'));

  it('are all different, and sort in the order of their making', () => {
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort()).toEqual(ids);
  });

  it('are UUIDs of version 7 without hyphens behind a prefix', () => {
    expect(ids[0]).toMatch(/^evt_[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
  });

  it('carry the time in front', () => {
    const [, hex = ''] = timeOrderedIds.next('evt').split('_');
    expect(Math.abs(Number.parseInt(hex.slice(0, 12), 16) - Date.now())).toBeLessThan(10_000);
  });
});
