import { describe, expect, it } from '@jest/globals';
import { RequestPace } from './request-pace.js';

describe('the pace of calls', () => {
  it('has no limit by default', () => {
    const pace = new RequestPace(0);
    expect(Array.from({ length: 100 }, () => pace.admits('acme', 0)).every(Boolean)).toBe(true);
  });

  it('is one a second for each tenant where the operator wants that of the product', () => {
    const pace = new RequestPace(1);
    expect([pace.admits('acme', 1_000), pace.admits('acme', 1_999), pace.admits('other', 1_999), pace.admits('acme', 2_000)]).toEqual([true, false, true, true]);
  });

  it('counts what was admitted only: one who asks too often gets on every second', () => {
    const pace = new RequestPace(2);
    expect([0, 100, 200, 300, 400, 500, 999, 1_000].map((atMs) => pace.admits('acme', atMs))).toEqual([true, false, false, false, false, true, false, true]);
  });
});
