import { describe, expect, it } from '@jest/globals';
import { AdmissionRule, type AdmissionView } from './admission-rule.js';

const view = (part: Partial<AdmissionView>): AdmissionView => ({ fullness: 0, underWay: 0, nowMs: 0, ...part });

describe('who may enter', () => {
  it('is everybody until something is full', () => {
    const rule = new AdmissionRule();
    expect(rule.mayEnter(view({ fullness: 0.99, underWay: 999 }))).toBe(true);
    expect(rule.mayEnter(view({ fullness: 1 }))).toBe(false);
    expect(rule.mayEnter(view({ fullness: 0.5 }))).toBe(true);
  });

  it('is nobody while 1,000 events are under way: what they will bring cannot be seen yet', () => {
    expect(new AdmissionRule().mayEnter(view({ underWay: 1_000 }))).toBe(false);
  });

  it('is nobody for as long as what is full gets on', () => {
    const rule = new AdmissionRule();
    for (let second = 0; second < 60; second += 1) expect(rule.mayEnter(view({ fullness: 100 - second, nowMs: second * 1_000 }))).toBe(false);
  });

  it('is everybody again when what is full has stood still for 5 s, until it gets on', () => {
    const rule = new AdmissionRule();
    for (const nowMs of [0, 2_500, 4_999]) expect(rule.mayEnter(view({ fullness: 3, nowMs }))).toBe(false);
    expect(rule.mayEnter(view({ fullness: 3, nowMs: 5_000 }))).toBe(true);
    expect(rule.mayEnter(view({ fullness: 4, nowMs: 6_000 }))).toBe(true);
    expect(rule.mayEnter(view({ fullness: 3.9, nowMs: 6_010 }))).toBe(false);
  });

  it('does not take a pause in which nobody asked for standing still', () => {
    const rule = new AdmissionRule();
    expect(rule.mayEnter(view({ nowMs: 0 }))).toBe(true);
    expect(rule.mayEnter(view({ fullness: 2, nowMs: 60_000 }))).toBe(false);
  });
});
