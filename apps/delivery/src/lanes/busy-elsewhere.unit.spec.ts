import { describe, expect, it } from '@jest/globals';
import { AttemptResult, DeliveryOutcome } from '@hooklane/contracts/topics';
import { initialHealth, type LaneHealth } from '../attempt/lane-health.js';
import { healthAnswered, healthCharged, leftAfter, leftWhere, type BusyElsewhere } from './busy-elsewhere.js';

const none = new Uint8Array();
const answer = (ownerEpoch: number, requestOffset: number, number: number): DeliveryOutcome => ({ ...DeliveryOutcome.decode(none), ownerEpoch, requestOffset, attempt: { ...AttemptResult.decode(none), number } });
const busy: BusyElsewhere = { ownerEpoch: 7, untilMs: 1_000, requests: [{ offset: 3, number: 1, enabledEpoch: 2 }, { offset: 5, number: 4, enabledEpoch: 2 }] };
const health = (changes: Partial<LaneHealth> = {}): LaneHealth => ({ ...initialHealth(2), ...changes });

describe('requests that a former owner still has in flight', () => {
  it('are answered by its own outcomes of those attempts, one by one', () => {
    const left = leftAfter(busy, answer(7, 3, 1));
    expect(left?.requests).toEqual([busy.requests[1]]);
    expect(leftAfter(left!, answer(7, 5, 4))).toBeNull();
  });

  it.each([
    ['another owner', answer(8, 3, 1)],
    ['another delivery', answer(7, 4, 1)],
    ['another attempt', answer(7, 3, 2)],
    ['no attempt', { ...answer(7, 3, 1), attempt: undefined }],
  ])('are not answered by what %s came to', (_, outcome) => {
    expect(leftAfter(busy, outcome)).toBe(busy);
  });

  it('are not waited for where their delivery has its fate', () => {
    expect(leftWhere(busy, ({ offset }) => offset !== 3)?.requests).toHaveLength(1);
    expect(leftWhere(busy, () => false)).toBeNull();
  });

  it('leave the health that their owner says, in the newest epoch of the hook', () => {
    const said = health({ streak: 3, unavailableStep: 2, nextAttemptAtMs: 500, head: { offset: 3, attempts: 1, started: 1, firstAttemptAtMs: 10, rejectedStep: 0, interrupted: 0 } });
    expect(healthAnswered(health(), { outcome: answer(7, 3, 1), health: said, offset: 0 })).toEqual(said);
    expect(healthAnswered(health({ enabledEpoch: 3 }), { outcome: answer(7, 3, 1), health: said, offset: 0 })).toMatchObject({ enabledEpoch: 3, streak: 0, head: { attempts: 1 } });
  });

  it('count as failed when their time is up, in the epoch in which they went out', () => {
    const one = { ...busy, requests: [busy.requests[1]!] };
    expect(healthCharged(health({ streak: 3 }), one)).toMatchObject({ streak: 4, head: { offset: 5, attempts: 4, started: 4 } });
    expect(healthCharged(health({ enabledEpoch: 3 }), one)).toMatchObject({ streak: 0, head: { attempts: 4 } });
    const head = { offset: 5, attempts: 3, started: 4, firstAttemptAtMs: 9, rejectedStep: 2, interrupted: 1 };
    expect(healthCharged(health({ head }), one).head).toEqual({ ...head, attempts: 4 });
    expect(head.attempts).toBe(3);
  });
});
