import { describe, expect, it } from '@jest/globals';
import { EventAccepted } from '@hooklane/contracts/topics';
import { createLane, type Delivery, type Lane } from './lane.js';
import { LaneMachine } from './lane-machine.js';
import type { LaneEffects, LaneObstacle, LaneView } from './lane-world.js';
import { forgetReplay, isPendingAlready, MAX_KNOWN_REPLAYS, rememberReplay } from './pending-replays.js';

const delivery = (offset: number, eventId: string, trigger = 'replay'): Delivery => ({
  request: { offset, tenantId: 'acme', eventId, trigger, replayId: trigger === 'replay' ? 'rpl_1' : '', encoded: Buffer.alloc(0), event: EventAccepted.decode(new Uint8Array(0)) },
  hookVersion: 1, arrivedAtMs: 0, record: null, row: 'none', spilling: false, behind: null,
});

function laneWith(...deliveries: readonly Delivery[]): Lane {
  const lane = createLane(0, 'acme', 'hook_1', 1, 0);
  for (const each of deliveries) lane.live.push(each);
  return lane;
}

/** Its table has not read the hook: what is requested waits. */
function waitingMachine(concluded: string[], obstacle: LaneObstacle): LaneMachine {
  const view = { obstacle: () => obstacle, hook: () => undefined, isMemoryShort: () => false, maxParked: () => 10 } as unknown as LaneView;
  const effects = { conclude: (_lane: Lane, { request }: Delivery, fate: string, reason: string) => concluded.push(`${request.offset} ${fate} ${reason}`) } as unknown as LaneEffects;
  return new LaneMachine(view, effects);
}

describe('a replayed event that is still pending', () => {
  it('has its fate when it is read: it is skipped, as already pending', () => {
    const concluded: string[] = [];
    const machine = waitingMachine(concluded, '');
    const lane = laneWith();
    for (const each of [delivery(1, 'evt_a', 'event'), delivery(2, 'evt_b'), delivery(3, 'evt_a'), delivery(4, 'evt_b'), delivery(5, 'evt_c')]) machine.requested(lane, each);
    expect(concluded).toEqual(['3 skipped already-pending', '4 skipped already-pending']);
    expect([...lane.live].map(({ request }) => request.offset)).toEqual([1, 2, 5]);
    // With its fate the event may be replayed again.
    machine.memory.drop(lane);
    machine.requested(lane, delivery(6, 'evt_a'));
    expect(lane.live.last()?.request.offset).toBe(6);
  });

  it.each(['busy-elsewhere', 'lease'] as const)('is sent all the same where nobody here can know that it is pending (%s)', (obstacle) => {
    const concluded: string[] = [];
    const machine = waitingMachine(concluded, obstacle);
    const lane = laneWith();
    for (const each of [delivery(1, 'evt_a', 'event'), delivery(2, 'evt_a')]) machine.requested(lane, each);
    expect([concluded, lane.live.length]).toEqual([[], 2]);
  });

  it('is known while it waits in memory, whatever brought it there', () => {
    const lane = laneWith(delivery(1, 'evt_a', 'event'), delivery(2, 'evt_b', 'catch-up'));
    expect(['evt_a', 'evt_b', 'evt_c'].map((id) => isPendingAlready(lane, delivery(9, id)))).toEqual([true, true, false]);
    lane.asides.push(delivery(3, 'evt_c', 'event'));
    expect(isPendingAlready(lane, delivery(9, 'evt_c'))).toBe(true);
  });

  it('is known while it waits in Postgres after a replay, until it has its fate', () => {
    const lane = laneWith();
    rememberReplay(lane, delivery(4, 'evt_a'));
    rememberReplay(lane, delivery(5, 'evt_b'));
    expect(isPendingAlready(lane, delivery(9, 'evt_a'))).toBe(true);
    forgetReplay(lane, 4, 'evt_a');
    // One that was settled elsewhere is known by its offset alone.
    forgetReplay(lane, 5);
    expect([isPendingAlready(lane, delivery(9, 'evt_a')), lane.replays]).toEqual([false, null]);
  });

  it('concerns replays alone: what is published, and what a hook has missed, is never left out', () => {
    const lane = laneWith(delivery(1, 'evt_a', 'event'));
    rememberReplay(lane, delivery(2, 'evt_b', 'event'));
    expect([isPendingAlready(lane, delivery(9, 'evt_a', 'event')), isPendingAlready(lane, delivery(9, 'evt_a', 'catch-up')), lane.replays]).toEqual([false, false, null]);
  });

  it('costs no more memory than for so many', () => {
    const lane = laneWith();
    for (let n = 0; n <= MAX_KNOWN_REPLAYS; n += 1) rememberReplay(lane, delivery(n, `evt_${n}`));
    expect([lane.replays?.size, isPendingAlready(lane, delivery(1e6, 'evt_0')), isPendingAlready(lane, delivery(1e6, 'evt_1'))]).toEqual([MAX_KNOWN_REPLAYS, false, true]);
  });
});
