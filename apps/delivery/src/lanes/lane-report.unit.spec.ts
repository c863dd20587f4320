import { describe, expect, it } from '@jest/globals';
import { createLane } from './lane.js';
import { reportOfLane } from './lane-report.js';
import { createPace } from './pace.js';

describe('what a person may know of a lane that is slowed down', () => {
  it('is when the next request goes out', () => {
    const lane = createLane(0, 'acme', 'hook_a', 1, 0);
    lane.pace = { ...createPace(-Infinity), nextAtMs: 1_700_000_000_000 };
    lane.waitsFor = 'rate-limit';
    const report = reportOfLane(lane, { enabled: true });
    expect(report).toMatchObject({ state: 'waiting', waitsFor: 'rate-limit', nextAttemptAtMs: 1_700_000_000_000 });
    expect(report.sentence).toContain('nextAttemptAt');
    lane.waitsFor = '';
    expect(reportOfLane(lane, { enabled: true }).nextAttemptAtMs).toBeNull();
  });
});
