import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { behaviours, startReceiver, type Receiver } from '@hooklane/testkit';
import { DeliveryRig } from '../support/delivery-rig.js';

describe('taking over', () => {
  let rig: DeliveryRig;
  let receiver: Receiver;

  beforeEach(async () => {
    rig = await DeliveryRig.open({ verbose: true });
    receiver = await startReceiver();
    await rig.start();
  });

  afterEach(async () => {
    await rig?.close();
    await receiver?.stop();
  });

  const numbers = (path: string): number[] => receiver.to(path).map(({ body }) => Number(body.toString()));

  it('after a crash loses nothing and inverts no first deliveries (promises 1 and 3)', async () => {
    receiver.on('/a', behaviours.delay(2));
    rig.hook('hook_a', receiver.url('/a'));
    for (let n = 0; n < 300; n += 1) await rig.publish(['hook_a'], String(n));
    for (const reached of [40, 120, 200]) {
      await receiver.waitFor(reached, { path: '/a' });
      await rig.crash();
      await rig.start();
    }
    await rig.untilOutcomes((all) => new Set(all.filter(({ fate }) => fate === 'delivered').map(({ requestOffset }) => requestOffset)).size === 300, 20_000);
    const seen = numbers('/a');
    const firsts = seen.filter((n, at) => seen.indexOf(n) === at);
    expect(firsts).toEqual(Array.from({ length: 300 }, (_, n) => n));
    // At most what was in flight or not yet acked when it died, three times.
    expect(seen.length).toBeLessThan(300 + 3 * 20);
  }, 30_000);

  it('after an orderly stop repeats nothing', async () => {
    receiver.on('/b', behaviours.delay(2));
    rig.hook('hook_b', receiver.url('/b'));
    for (let n = 0; n < 200; n += 1) await rig.publish(['hook_b'], String(n));
    await receiver.waitFor(60, { path: '/b' });
    await rig.stop();
    await rig.start();
    await receiver.waitFor(200, { path: '/b' });
    await rig.untilOutcomes((all) => all.length === 200);
    expect(numbers('/b')).toEqual(Array.from({ length: 200 }, (_, n) => n));
  }, 30_000);

  it.each([1, 2, 5])('never makes more than N = %d failing attempts, crashes included (promise 5)', async (limit) => {
    receiver.on('/c', behaviours.delay(20, 500));
    rig.hook('hook_c', receiver.url('/c'), { disablePolicy: { limit, count: 'in-a-row' } });
    await rig.publish(['hook_c'], '1');
    await receiver.waitFor(1, { path: '/c' });
    await rig.crash();
    await rig.start();
    await rig.untilOutcomes((all) => all.some(({ verdict }) => verdict !== undefined), 15_000);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(receiver.to('/c').length).toBeLessThanOrEqual(limit);
    await rig.crash();
    await rig.start();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(receiver.to('/c').length).toBeLessThanOrEqual(limit);
  }, 30_000);

  it('goes on with a retry where the last owner stood', async () => {
    receiver.on('/d', behaviours.status(500));
    rig.hook('hook_d', receiver.url('/d'));
    await rig.publish(['hook_d'], '1');
    await rig.publish(['hook_d'], '2');
    await rig.untilOutcomes((all) => all.length >= 2);
    await rig.stop();
    receiver.on('/d', behaviours.status(200));
    await rig.start();
    const outcomes = await rig.untilOutcomes((all) => all.filter(({ fate }) => fate === 'delivered').length === 2);
    const attempts = outcomes.map(({ attempt }) => attempt?.number);
    expect(attempts.slice(0, -1)).toEqual(attempts.slice(0, -1).map((_, n) => n + 1));
    expect(attempts.at(-1)).toBe(1);
    expect(await rig.untilQuiet()).toEqual({ parked: 0, events: 0, lanes: 0 });
  }, 30_000);
});
