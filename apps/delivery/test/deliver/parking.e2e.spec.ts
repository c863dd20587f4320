import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { behaviours, startReceiver, type Receiver } from '@hooklane/testkit';
import { DeliveryRig } from '../support/delivery-rig.js';

const COUNT = 5_000;
/** A lane is one request after the other: among busy neighbours that was seen to be 40 a second in place of 700. */
const PATIENCE_MS = 180_000;

describe('parking', () => {
  let rig: DeliveryRig;
  let receiver: Receiver;

  beforeEach(async () => {
    rig = await DeliveryRig.open({ verbose: true });
    receiver = await startReceiver();
  });

  afterEach(async () => {
    await rig?.close();
    await receiver?.stop();
  });

  it('holds what waits for one hook in Postgres, lets the others be, and drains it in order', async () => {
    await rig.start();
    receiver.on('/down', behaviours.status(503));
    rig.hook('hook_down', receiver.url('/down'), { retry: { unavailableDelaysMs: [2_000], unavailableGiveUpMs: 3_600_000, rejectedDelaysMs: [], onExhausted: 'skip' } });
    rig.hook('hook_up', receiver.url('/up'));
    await rig.publishMany(['hook_down', 'hook_up'], COUNT);
    await receiver.waitFor(COUNT, { path: '/up', withinMs: PATIENCE_MS });
    const up = receiver.to('/up').map(({ body }) => Number(body.toString()));
    const order = [...new Set(up)];
    expect(order).toHaveLength(COUNT);
    const [watermark] = await rig.rows<{ w: number; end: number }>('SELECT low_watermark::int AS w, (SELECT count(*)::int FROM delivery.parked) AS end FROM delivery.progress WHERE partition = 0');
    expect(watermark!.end).toBeGreaterThan(COUNT / 2);

    receiver.on('/down', behaviours.status(200));
    receiver.clear();
    await receiver.waitFor(COUNT, { path: '/down', withinMs: PATIENCE_MS });
    expect(receiver.to('/down').map(({ body }) => Number(body.toString()))).toEqual(order);
    expect(await rig.untilQuiet()).toEqual({ parked: 0, events: 0, lanes: 0 });
  }, 2 * PATIENCE_MS + 60_000);

  it('drains in order after a crash in the middle of it', async () => {
    receiver.on('/down', behaviours.status(503));
    rig.hook('hook_down', receiver.url('/down'), { retry: { unavailableDelaysMs: [300], unavailableGiveUpMs: 3_600_000, rejectedDelaysMs: [], onExhausted: 'skip' } });
    await rig.start();
    await rig.publishMany(['hook_down'], 2_000);
    const order = await orderOf(rig);
    await receiver.waitFor(1, { path: '/down' });
    await rig.crash();
    await rig.start();
    receiver.on('/down', behaviours.status(200));
    await rig.untilOutcomes((all) => all.filter(({ fate }) => fate === 'delivered').length > 500);
    await rig.crash();
    await rig.start();
    await rig.untilOutcomes((all) => new Set(all.filter(({ fate }) => fate === 'delivered').map(({ eventId }) => eventId)).size === 2_000);
    const delivered = (await rig.outcomes()).filter(({ fate }) => fate === 'delivered').map(({ eventId }) => eventId);
    expect([...new Set(delivered)]).toEqual(order);
    expect(await rig.untilQuiet()).toEqual({ parked: 0, events: 0, lanes: 0 });
  }, 2 * PATIENCE_MS + 60_000);

  it('discards beyond the cap of the backlog, visibly', async () => {
    await rig.close();
    rig = await DeliveryRig.open({ environment: { DELIVERY_MAX_PARKED_PER_HOOK: '10' } });
    await rig.start();
    receiver.on('/down', behaviours.status(503));
    rig.hook('hook_down', receiver.url('/down'), { retry: { unavailableDelaysMs: [60_000], unavailableGiveUpMs: 3_600_000, rejectedDelaysMs: [], onExhausted: 'skip' } });
    await rig.publish(['hook_down'], 'first');
    await rig.untilOutcomes((all) => all.length === 1);
    for (let n = 0; n < 15; n += 1) await rig.publish(['hook_down'], String(n));
    const outcomes = await rig.untilOutcomes((all) => all.filter(({ fateReason }) => fateReason === 'backlog-full').length === 6);
    expect(outcomes.filter(({ fate }) => fate === 'discarded')).toHaveLength(6);
  }, 30_000);

  it('discards beyond the cap of the tenant, for hooks with a backlog only', async () => {
    await rig.close();
    rig = await DeliveryRig.open({ environment: { DELIVERY_MAX_PARKED_PER_TENANT: '10' } });
    await rig.start();
    receiver.on('/down', behaviours.status(503));
    const retry = { unavailableDelaysMs: [60_000], unavailableGiveUpMs: 3_600_000, rejectedDelaysMs: [], onExhausted: 'skip' };
    for (const name of ['hook_a', 'hook_b']) rig.hook(name, receiver.url('/down'), { retry });
    rig.hook('hook_up', receiver.url('/up'));
    for (let n = 0; n < 6; n += 1) await rig.publish(['hook_a', 'hook_b', 'hook_up'], String(n));
    await rig.untilOutcomes((all) => all.length === 2 + 6);
    // Counted once a second: until then more than the cap may come.
    let discarded = 0;
    for (let n = 6; discarded === 0; n += 1) {
      await rig.publish(['hook_a', 'hook_b', 'hook_up'], String(n));
      await receiver.waitFor(n + 1, { path: '/up' });
      await new Promise((resolve) => setTimeout(resolve, 100));
      discarded = (await rig.outcomes()).filter(({ fateReason }) => fateReason === 'backlog-full').length;
    }
    const full = await rig.untilOutcomes((all) => all.filter(({ fateReason }) => fateReason === 'backlog-full').length >= 2);
    expect(new Set(full.filter(({ fate }) => fate === 'discarded').map(({ hookId }) => hookId))).toEqual(new Set(['hook_a', 'hook_b']));
  }, 30_000);

  it('does not let a hanging hook hold the watermark', async () => {
    await rig.start();
    receiver.on('/hang', behaviours.hang());
    rig.hook('hook_hang', receiver.url('/hang'), { timeoutMs: 30_000 });
    rig.hook('hook_up', receiver.url('/up'));
    const offset = await rig.publish(['hook_hang', 'hook_up'], '1');
    await receiver.waitFor(1, { path: '/hang' });
    const endMs = Date.now() + 9_000;
    for (;;) {
      const [row] = await rig.rows<{ w: number }>('SELECT low_watermark::int AS w FROM delivery.progress WHERE partition = 0');
      if (row!.w > offset) break;
      if (Date.now() > endMs) throw new Error(`the watermark stands at ${row!.w}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await rig.crash();
  }, 30_000);
});

async function orderOf(rig: DeliveryRig): Promise<string[]> {
  const { DeliveriesRequested, Topics } = await import('@hooklane/contracts/topics');
  const { next } = (await rig.log.bounds(Topics.deliveriesRequested))[0]!;
  const ids: string[] = [];
  for await (const records of rig.log.read({ topic: Topics.deliveriesRequested, partition: 0, from: 0, to: next })) {
    for (const { value } of records) {
      const { kind } = DeliveriesRequested.decode(value);
      if (kind?.$case === 'request') ids.push(kind.value.eventId);
    }
  }
  return ids;
}
