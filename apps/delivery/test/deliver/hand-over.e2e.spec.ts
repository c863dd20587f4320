import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { behaviours, eventually, startReceiver, type Receiver } from '@hooklane/testkit';
import { DeliveryRig } from '../support/delivery-rig.js';

const HANGS_MS = 3_000;

describe('a partition that goes from one instance to another', () => {
  let rig: DeliveryRig;
  let receiver: Receiver;

  beforeEach(async () => {
    receiver = await startReceiver();
  });

  afterEach(async () => {
    await rig?.close();
    await receiver?.stop();
  });

  const open = async (environment: Record<string, string> = {}): Promise<void> => {
    rig = await DeliveryRig.open({ verbose: true, several: true, environment });
  };
  const numbers = (path: string): number[] => receiver.to(path).map(({ body }) => Number(body.toString()));
  const range = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
  const ownerOf = async (partition: number): Promise<string | null> => (await rig.rows<{ owner: string | null }>(`SELECT owner FROM delivery.progress WHERE partition = ${partition}`))[0]!.owner;

  /** Hooks of one partition, one of which hangs; its first request is on its way to the receiver. */
  const hangingBeside = async (hook: Parameters<DeliveryRig['hook']>[2] = {}, partition = 0): Promise<void> => {
    rig.hook('hook_fast', receiver.url('/fast'));
    rig.hook('hook_slow', receiver.url('/slow'), { timeoutMs: HANGS_MS + 5_000, ...hook });
    await rig.publish(['hook_fast', 'hook_slow'], '0', { partition });
    await receiver.waitFor(1, { path: '/slow' });
    await receiver.waitFor(1, { path: '/fast' });
  };

  it('at an orderly stop waits for no request under way: its hook goes on when the former owner has its answer, all others at once', async () => {
    await open();
    receiver.on('/slow', behaviours.delay(HANGS_MS));
    const first = await rig.start();
    await hangingBeside();
    const second = await rig.start();
    const stopping = rig.stop(first);
    for (let n = 1; n < 40; n += 1) await rig.publish(['hook_fast', 'hook_slow'], String(n));
    await receiver.waitFor(40, { path: '/fast' });
    // While the first instance still has its request.
    expect(receiver.open('/slow')).toEqual({ now: 1, most: 1 });
    expect(await ownerOf(0)).toBe(`instance-${second}`);
    receiver.on('/slow', behaviours.delay(2));
    await stopping;
    await receiver.waitFor(40, { path: '/slow' });
    expect(numbers('/slow')).toEqual(range(40));
    expect(numbers('/fast')).toEqual(range(40));
    expect(receiver.open('/slow').most).toBe(1);
    const outcomes = await rig.untilOutcomes((all) => all.length === 80);
    const [answer, next] = outcomes.filter(({ hookId }) => hookId === 'hook_slow');
    expect([answer?.fate, next!.ownerEpoch - answer!.ownerEpoch]).toEqual(['delivered', 1]);
    expect(await rig.untilQuiet()).toEqual({ parked: 0, events: 0, lanes: 0 });
  }, 40_000);

  it('in a rebalance, too; what it does not move stays with its owner', async () => {
    await open();
    receiver.on('/slow', behaviours.delay(HANGS_MS));
    await rig.start();
    rig.hook('hook_stays', receiver.url('/stays'));
    await hangingBeside({}, 1);
    const epochs = (): Promise<{ partition: number; epoch: string }[]> => rig.rows('SELECT partition, epoch FROM delivery.progress ORDER BY partition');
    await rig.publish(['hook_stays'], '0');
    const before = await epochs();
    await rig.start();
    await eventually(async () => new Set([await ownerOf(0), await ownerOf(1)]).size === 2, 'each instance to have one partition');
    const moved = (await epochs()).filter(({ epoch }, partition) => epoch !== before[partition]!.epoch).map(({ partition }) => partition);
    expect(moved).toEqual([1]);
    for (let n = 1; n < 20; n += 1) {
      await rig.publish(['hook_fast', 'hook_slow'], String(n), { partition: 1 });
      await rig.publish(['hook_stays'], String(n));
    }
    await receiver.waitFor(20, { path: '/stays' });
    await receiver.waitFor(20, { path: '/fast' });
    expect(receiver.open('/slow')).toEqual({ now: 1, most: 1 });
    receiver.on('/slow', behaviours.status(200));
    await receiver.waitFor(20, { path: '/slow' });
    for (const path of ['/fast', '/slow', '/stays']) expect(numbers(path)).toEqual(range(20));
    expect(receiver.open('/slow').most).toBe(1);
  }, 40_000);

  it.each([2, 3])('a failure that ends after it counts once: N = %d', async (limit) => {
    await open();
    receiver.on('/slow', behaviours.delay(1_500, 500));
    const first = await rig.start();
    await hangingBeside({ disablePolicy: { limit, count: 'in-a-row' } });
    await rig.start();
    await rig.stop(first);
    const outcomes = await rig.untilOutcomes((all) => all.some(({ verdict }) => verdict !== undefined), 20_000);
    const failures = outcomes.filter(({ hookId }) => hookId === 'hook_slow');
    expect(failures.map(({ streak, attempt }) => [streak, attempt?.number])).toEqual(Array.from({ length: limit }, (_, n) => [n + 1, n + 1]));
    expect(new Set(failures.map(({ ownerEpoch }) => ownerEpoch)).size).toBe(2);
    // The new owner holds the lane with what the former one found.
    const [row] = await rig.rows<{ state: string }>("SELECT state FROM delivery.lanes WHERE hook_id = 'hook_slow'");
    expect(JSON.parse(row!.state)).toMatchObject({ health: { streak: limit, held: { reason: 'failure-limit' } } });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(receiver.to('/slow')).toHaveLength(limit);
  }, 40_000);

  it('the only failure allowed counts once, also when it ends with the former owner', async () => {
    await open();
    receiver.on('/slow', behaviours.delay(1_500, 500));
    const first = await rig.start();
    await hangingBeside({ disablePolicy: { limit: 1, count: 'in-a-row' } });
    await rig.start();
    await rig.stop(first);
    const outcomes = await rig.untilOutcomes((all) => all.some(({ verdict }) => verdict !== undefined), 20_000);
    expect(outcomes.find(({ verdict }) => verdict !== undefined)).toMatchObject({ streak: 1, verdict: { count: 1, reason: 'failure-limit' } });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(receiver.to('/slow')).toHaveLength(1);
  }, 40_000);

  it('of a hook without order, each of its requests ends with the owner that made it', async () => {
    await open();
    receiver.on('/many', ({ body }, nth) => ({ kind: 'answer', status: body.toString() === '1' && nth < 4 ? 400 : 200, afterMs: nth < 4 ? 1_500 : 0 }));
    const first = await rig.start();
    rig.hook('hook_many', receiver.url('/many'), { order: 'none', concurrency: 4, disablePolicy: { limit: 20, count: 'in-a-row' } });
    for (const n of range(8)) await rig.publish(['hook_many'], String(n));
    await receiver.waitFor(4, { path: '/many' });
    await rig.start();
    const stopping = rig.stop(first);
    await eventually(async () => (await ownerOf(0)) === 'instance-2', 'the second instance to own the partition');
    expect(receiver.to('/many')).toHaveLength(4);
    await stopping;
    const outcomes = await rig.untilOutcomes((all) => all.filter(({ fate }) => fate === 'delivered').length === 8);
    const epochs = outcomes.map(({ ownerEpoch }) => ownerEpoch);
    expect(epochs.filter((epoch) => epoch === epochs[0])).toHaveLength(4);
    expect(outcomes.filter(({ requestOffset }) => requestOffset === 1).map(({ fate, attempt }) => [fate, attempt?.number])).toEqual([['pending', 1], ['delivered', 2]]);
    expect(numbers('/many').sort()).toEqual([0, 1, 1, 2, 3, 4, 5, 6, 7]);
    await eventually(async () => (await rig.rows<{ state: string }>('SELECT state FROM delivery.lanes')).every(({ state }) => !state.includes('"busy"')), 'no row to speak of busy lanes');
    expect(await rig.rows('SELECT * FROM delivery.lane_heads')).toEqual([]);
  }, 40_000);

  it('what exceeds the budget is broken off, is published as interrupted, and is sent again', async () => {
    await open({ DELIVERY_SHUTDOWN_MS: '300' });
    receiver.on('/slow', behaviours.hang());
    const first = await rig.start();
    await hangingBeside();
    await rig.start();
    await rig.stop(first);
    receiver.on('/slow', behaviours.status(200));
    const outcomes = (await rig.untilOutcomes((all) => all.filter(({ hookId, fate }) => hookId === 'hook_slow' && fate === 'delivered').length === 1, 20_000)).filter(({ hookId }) => hookId === 'hook_slow');
    expect(outcomes.map(({ fate, attempt, streak }) => [fate, attempt?.outcomeClass, attempt?.number, streak])).toEqual([['pending', 'interrupted', 1, 0], ['delivered', 'success', 2, 0]]);
  }, 40_000);

  it('a request whose owner dies before its answer counts as failed when its time is up, and holds up only its hook', async () => {
    await open();
    receiver.on('/slow', behaviours.hang());
    const first = await rig.start();
    await hangingBeside({ timeoutMs: 1_000 });
    await rig.start();
    const stopping = rig.stop(first);
    await eventually(async () => (await ownerOf(0)) === 'instance-2', 'the second instance to own the partition');
    rig.mute(first);
    for (let n = 1; n < 10; n += 1) await rig.publish(['hook_fast', 'hook_slow'], String(n));
    await receiver.waitFor(10, { path: '/fast' });
    expect(receiver.to('/slow')).toHaveLength(1);
    receiver.on('/slow', behaviours.status(200));
    await receiver.waitFor(11, { path: '/slow' });
    const outcomes = (await rig.untilOutcomes((all) => all.length === 20)).filter(({ hookId }) => hookId === 'hook_slow');
    expect(outcomes.map(({ attempt, fate }) => [attempt?.number, fate])).toEqual([[2, 'delivered'], ...range(9).map(() => [1, 'delivered'])]);
    expect(numbers('/slow')).toEqual([0, ...range(10)]);
    await stopping;
  }, 40_000);
});
