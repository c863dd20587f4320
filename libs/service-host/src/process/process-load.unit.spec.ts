import { describe, expect, it } from '@jest/globals';
import { ProcessLoadBook } from './process-load.js';

describe('what waits in a process', () => {
  it('is as full as its fullest source, and is read again after 10 ms only', () => {
    let nowMs = 0;
    let fanout = 0.2;
    const load = new ProcessLoadBook(() => nowMs);
    expect(load.fullness()).toBe(0);
    load.source('fanout', () => fanout);
    load.source('delivery', () => 0.5);
    nowMs = 10;
    expect(load.fullness()).toBe(0.5);
    fanout = 3;
    nowMs = 19;
    expect(load.fullness()).toBe(0.5);
    nowMs = 20;
    expect(load.fullness()).toBe(3);
  });

  it('refuses a second source of the same name', () => {
    const load = new ProcessLoadBook(() => 0);
    load.source('fanout', () => 0);
    expect(() => load.source('fanout', () => 0)).toThrow(/"fanout"/);
  });

  it('knows how busy the event loop was in the last whole window', () => {
    let nowMs = 0;
    let active = 0;
    const utilization = (since?: { active: number; idle: number }) => {
      const [idle, busy] = [nowMs - active - (since?.idle ?? 0), active - (since?.active ?? 0)];
      return { active: busy, idle, utilization: idle + busy === 0 ? 0 : busy / (idle + busy) };
    };
    const load = new ProcessLoadBook(() => nowMs, utilization);
    [nowMs, active] = [100, 80];
    expect(load.busyShare()).toBeCloseTo(0.8);
    [nowMs, active] = [150, 80];
    expect(load.busyShare()).toBeCloseTo(0.8);
    [nowMs, active] = [200, 90];
    expect(load.busyShare()).toBeCloseTo(0.1);
  });
});
