import { describe, expect, it } from '@jest/globals';
import { lanePressure, type LanePressureView } from './lane-pressure.js';

const view = (part: Partial<LanePressureView>): LanePressureView => ({ busyShare: 1, oldestMs: 0, longest: 0, isCatchingUp: false, nowMs: 0, ...part });

describe('when lanes ask for a pause', () => {
  it('is when a healthy lane is half a second behind in a process that is busy', () => {
    expect(lanePressure(view({ oldestMs: 499 }))).toBeLessThan(1);
    expect(lanePressure(view({ oldestMs: 500 }))).toBe(1);
    expect(lanePressure(view({ oldestMs: 1_500 }))).toBe(3);
  });

  it('is when a healthy lane has a thousand waiting, long before it would be parked', () => {
    expect(lanePressure(view({ longest: 999 }))).toBeLessThan(1);
    expect(lanePressure(view({ longest: 1_000 }))).toBe(1);
  });

  it('is never for a slow receiver: then the process has time', () => {
    expect(lanePressure(view({ busyShare: 0.49, oldestMs: 4_000, longest: 3_000, isCatchingUp: true, nowMs: 500 }))).toBe(0);
  });

  it('is two half seconds of three for a lane that catches up in a process without any time left', () => {
    const closed = Array.from({ length: 1_500 }, (_, nowMs) => lanePressure(view({ isCatchingUp: true, nowMs }))).filter((pressure) => pressure >= 1);
    expect(closed).toHaveLength(1_000);
    expect(lanePressure(view({ isCatchingUp: false, nowMs: 750 }))).toBe(0);
    expect(lanePressure(view({ isCatchingUp: true, nowMs: 750, busyShare: 0.8 }))).toBe(0);
  });
});
