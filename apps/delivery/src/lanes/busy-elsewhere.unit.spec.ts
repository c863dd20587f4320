import { describe, expect, it } from '@jest/globals';
import { AttemptResult, DeliveryOutcome } from '@hooklane/contracts/topics';
import { initialHealth, type HeadHealth, type LaneHealth } from '../attempt/lane-health.js';
import { answered, charged, leftWhere, type AnswerElsewhere, type BusyElsewhere } from './busy-elsewhere.js';
import { createLane, type Lane } from './lane.js';

const none = new Uint8Array();
const outcome = (ownerEpoch: number, requestOffset: number, number: number): DeliveryOutcome => ({ ...DeliveryOutcome.decode(none), ownerEpoch, requestOffset, attempt: { ...AttemptResult.decode(none), number } });
const health = (changes: Partial<LaneHealth> = {}): LaneHealth => ({ ...initialHealth(2), ...changes });
const head = (changes: Partial<HeadHealth> = {}): HeadHealth => ({ offset: 5, attempts: 3, started: 4, firstAttemptAtMs: 9, rejectedStep: 2, interrupted: 1, ...changes });
const answer = (to: DeliveryOutcome, after: AnswerElsewhere['after'] = { health: health() }): AnswerElsewhere => ({ outcome: to, after, offset: 0 });
const laneOf = (changes: Partial<LaneHealth> = {}): Lane => Object.assign(createLane(0, 'acme', 'hook_1', 2, 0), { health: health(changes) });
const busy: BusyElsewhere = { ownerEpoch: 7, untilMs: 1_000, requests: [{ offset: 3, number: 1, enabledEpoch: 2 }, { offset: 5, number: 4, enabledEpoch: 2 }] };
const last: BusyElsewhere = { ...busy, requests: busy.requests.slice(1) };

describe('requests that a former owner still has in flight', () => {
  it('are answered by its own outcomes of those attempts, one by one', () => {
    const left = answered(laneOf(), busy, answer(outcome(7, 3, 1)));
    expect(left).toEqual(last);
    expect(answered(laneOf(), last, answer(outcome(7, 5, 4)))).toBeNull();
  });

  it.each([
    ['another owner', outcome(8, 3, 1)],
    ['another delivery', outcome(7, 4, 1)],
    ['another attempt', outcome(7, 3, 2)],
    ['no attempt', { ...outcome(7, 3, 1), attempt: undefined }],
  ])('are not answered by what %s came to', (_, other) => {
    const lane = laneOf();
    expect(answered(lane, busy, answer(other, { health: health({ streak: 9 }) }))).toBe(busy);
    expect(lane.health.streak).toBe(0);
  });

  it('are not waited for where their delivery is gone', () => {
    expect(leftWhere(busy, ({ offset }) => offset !== 3)).toEqual(last);
    expect(leftWhere(busy, () => false)).toBeNull();
  });

  it('leave the lane as their owner says, in the newest epoch of the hook', () => {
    const said = health({ streak: 3, unavailableStep: 2, nextAttemptAtMs: 500, head: head({ offset: 3, attempts: 1, started: 1 }) });
    const lane = laneOf();
    answered(lane, busy, answer(outcome(7, 3, 1), { health: said }));
    expect(lane.health).toEqual(said);
    const enabledAnew = laneOf({ enabledEpoch: 3 });
    answered(enabledAnew, busy, answer(outcome(7, 3, 1), { health: said }));
    expect(enabledAnew.health).toMatchObject({ enabledEpoch: 3, streak: 0, head: { attempts: 1 } });
  });

  it('leave what is known of a delivery that is the head of its key, or let it be forgotten', () => {
    const lane = laneOf();
    const known = { key: 'k', health: head(), dueMs: 700 };
    answered(lane, last, answer(outcome(7, 5, 4), { health: health(), head: known }));
    expect([...lane.remembered!]).toEqual([[5, known]]);
    expect([...lane.headWrites!]).toEqual([[5, JSON.stringify(known)]]);
    answered(lane, last, answer(outcome(7, 5, 4), { health: health(), head: null }));
    expect([lane.remembered, lane.headWrites!.get(5)]).toEqual([null, '']);
  });

  it('count as failed when their time is up, in the epoch in which they went out', () => {
    const lane = laneOf({ streak: 3, head: head() });
    const before = lane.health;
    charged(lane, last);
    expect(lane.health).toMatchObject({ streak: 4, head: head({ attempts: 4 }) });
    expect(before.streak).toBe(3);
    const enabledAnew = laneOf({ enabledEpoch: 3 });
    charged(enabledAnew, last);
    expect(enabledAnew.health).toMatchObject({ streak: 0, head: { offset: 5, attempts: 4, started: 4 } });
  });

  it('count each, where the lane was no straight line', () => {
    const lane = laneOf();
    charged(lane, { ...busy, requests: busy.requests.map((request) => ({ ...request, key: `k${request.offset}` })) });
    expect(lane.health).toMatchObject({ streak: 2, head: null });
    expect([...lane.remembered!].map(([offset, { key, health: { attempts } }]) => [offset, key, attempts])).toEqual([[3, 'k3', 1], [5, 'k5', 4]]);
  });
});
