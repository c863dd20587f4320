import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { behaviours, startReceiver, type Receiver } from '@hooklane/testkit';
import { Webhook } from 'standardwebhooks';
import { DeliveryRig, signingSecret } from '../support/delivery-rig.js';

describe('delivering', () => {
  let rig: DeliveryRig;
  let receiver: Receiver;

  beforeAll(async () => {
    rig = await DeliveryRig.open({ verbose: true });
    receiver = await startReceiver();
    await rig.start();
  }, 60_000);

  afterAll(async () => {
    await rig?.close();
    await receiver?.stop();
  });

  it('brings events to a healthy hook in order, signed, with the bytes of the publisher', async () => {
    rig.hook('hook_a', receiver.url('/a'));
    const bodies = Array.from({ length: 20 }, (_, n) => `{ "n":${n}.0 }`);
    for (const body of bodies) await rig.publish(['hook_a'], body);
    const requests = await receiver.waitFor(20, { path: '/a' });
    expect(requests.map(({ body }) => body.toString())).toEqual(bodies);
    for (const { body, headers } of requests) expect(() => new Webhook(signingSecret).verify(body, headers as Record<string, string>)).not.toThrow();
    const outcomes = await rig.untilOutcomes((all) => all.length === 20);
    expect(new Set(outcomes.map(({ fate }) => fate))).toEqual(new Set(['delivered']));
    expect(outcomes.map(({ ownerSequence }) => ownerSequence)).toEqual(bodies.map((_, n) => n + 1));
    expect(outcomes[0]?.attempt).toMatchObject({ number: 1, status: 200, requestBodyIsEventData: true, outcomeClass: 'success' });
  });

  it('retries a failing head and sends nothing later before it', async () => {
    receiver.on('/b', behaviours.failFirst(2, 500));
    rig.hook('hook_b', receiver.url('/b'));
    for (const n of [1, 2, 3]) await rig.publish(['hook_b'], String(n));
    const requests = await receiver.waitFor(5, { path: '/b' });
    expect(requests.map(({ body }) => body.toString())).toEqual(['1', '1', '1', '2', '3']);
    const outcomes = (await rig.untilOutcomes((all) => all.filter(({ hookId }) => hookId === 'hook_b').length === 5)).filter(({ hookId }) => hookId === 'hook_b');
    expect(outcomes.map(({ fate, streak }) => [fate, streak])).toEqual([['pending', 1], ['pending', 2], ['delivered', 0], ['delivered', 0], ['delivered', 0]]);
    await expect(rig.untilQuiet()).resolves.toEqual({ parked: 0, events: 0, lanes: 0 });
  });

  it('holds the lane at the failure limit, says so once, and skips while the hook is disabled', async () => {
    receiver.on('/c', behaviours.status(500));
    const hook = rig.hook('hook_c', receiver.url('/c'), { disablePolicy: { limit: 3, count: 'in-a-row' } });
    for (const n of [1, 2]) await rig.publish(['hook_c'], String(n));
    const all = await rig.untilOutcomes((outcomes) => outcomes.some(({ verdict }) => verdict !== undefined));
    expect(all.find(({ verdict }) => verdict)?.verdict).toEqual({ enabledEpoch: 1, policyVersion: 1, count: 3, reason: 'failure-limit' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(receiver.to('/c')).toHaveLength(3);
    rig.hook('hook_c', receiver.url('/c'), { enabled: false });
    const skipped = (await rig.untilOutcomes((outcomes) => outcomes.filter(({ fateReason }) => fateReason === 'disabled').length === 2)).filter(({ fateReason }) => fateReason === 'disabled');
    expect(skipped.map(({ requestOffset }) => requestOffset)).toEqual([...skipped.map(({ requestOffset }) => requestOffset)].sort((a, b) => a - b));
    receiver.on('/c', behaviours.status(200));
    rig.hook('hook_c', receiver.url('/c'), { enabled: true, enabledEpoch: hook.enabledEpoch + 1 });
    await rig.publish(['hook_c'], '3');
    const last = await rig.untilOutcomes((outcomes) => outcomes.some(({ hookId, fate }) => hookId === 'hook_c' && fate === 'delivered'));
    expect(last.filter(({ hookId }) => hookId === 'hook_c').at(-1)).toMatchObject({ streak: 0, enabledEpoch: 2, fate: 'delivered' });
  });

  it('gives a poison event up after the shorter schedule and goes on', async () => {
    receiver.on('/d', ({ body }) => ({ kind: 'answer', status: body.toString() === 'poison' ? 422 : 200 }));
    rig.hook('hook_d', receiver.url('/d'));
    for (const data of ['poison', 'fine']) await rig.publish(['hook_d'], data);
    const requests = await receiver.waitFor(4, { path: '/d' });
    expect(requests.map(({ body }) => body.toString())).toEqual(['poison', 'poison', 'poison', 'fine']);
    const outcomes = (await rig.untilOutcomes((all) => all.some(({ hookId, fate }) => hookId === 'hook_d' && fate === 'delivered'))).filter(({ hookId }) => hookId === 'hook_d');
    expect(outcomes.map(({ fate, fateReason }) => `${fate} ${fateReason}`.trim())).toEqual(['pending', 'pending', 'exhausted rejected', 'delivered']);
  });

  it('drops repeats of the same source position', async () => {
    rig.hook('hook_e', receiver.url('/e'));
    await rig.publish(['hook_e'], 'one', { position: 900_000 });
    await rig.publish(['hook_e'], 'one', { position: 900_000 });
    await rig.publish(['hook_e'], 'two', { position: 900_001 });
    await receiver.waitFor(2, { path: '/e' });
    await rig.untilOutcomes((all) => all.filter(({ hookId }) => hookId === 'hook_e').length === 2);
    expect(receiver.to('/e').map(({ body }) => body.toString())).toEqual(['one', 'two']);
  });

  it('skips for a deleted hook, visibly', async () => {
    rig.hook('hook_f', receiver.url('/f'), { deleted: true });
    await rig.publish(['hook_f'], 'x');
    const outcomes = await rig.untilOutcomes((all) => all.some(({ hookId }) => hookId === 'hook_f'));
    expect(outcomes.find(({ hookId }) => hookId === 'hook_f')).toMatchObject({ fate: 'skipped', fateReason: 'hook-deleted' });
  });
});
