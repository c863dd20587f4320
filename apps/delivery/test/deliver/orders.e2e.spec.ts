import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { behaviours, startReceiver, type Receiver } from '@hooklane/testkit';
import { DeliveryRig } from '../support/delivery-rig.js';

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

const bodiesOf = (path: string): string[] => receiver.to(path).map(({ body }) => body.toString());
const slowRetry = { unavailableDelaysMs: [50], unavailableGiveUpMs: 60_000, rejectedDelaysMs: [600_000], onExhausted: 'skip' };

async function untilFates(hookId: string, count: number): Promise<string[]> {
  const isFinal = ({ hookId: id, fate }: { hookId: string; fate: string }): boolean => id === hookId && fate !== 'pending' && fate !== '';
  const outcomes = await rig.untilOutcomes((all) => all.filter(isFinal).length >= count);
  return outcomes.filter(isFinal).map(({ fate, fateReason }) => [fate, fateReason].filter(Boolean).join(' '));
}

describe('a hook whose order is kept by key', () => {
  it('goes on with other keys while one is refused, keeps the order of that one over a restart, and takes it up at a command', async () => {
    let isRefusing = true;
    receiver.on('/keyed', (request) => ({ kind: 'answer', status: isRefusing && request.body.toString().startsWith('a') ? 400 : 200 }));
    rig.hook('hook_keyed', receiver.url('/keyed'), { order: 'fifo-per-key', retry: slowRetry });
    const first = await rig.publish(['hook_keyed'], 'a1', { orderingKey: 'a' });
    for (const text of ['a2', 'b1', 'a3', 'b2']) await rig.publish(['hook_keyed'], text, { orderingKey: text.slice(0, 1) });
    expect(await untilFates('hook_keyed', 2)).toEqual(['delivered', 'delivered']);
    expect(bodiesOf('/keyed').filter((body) => body.startsWith('b'))).toEqual(['b1', 'b2']);
    await rig.stop();
    await rig.start();
    isRefusing = false;
    await rig.command('hook_keyed', { kind: 'retry-now', deliveryId: `dlv_0_${first}_hook_keyed` });
    expect(await untilFates('hook_keyed', 5)).toHaveLength(5);
    expect(bodiesOf('/keyed').filter((body) => body.startsWith('a'))).toEqual(['a1', 'a1', 'a2', 'a3']);
    expect(await rig.untilQuiet()).toMatchObject({ parked: 0, events: 0 });
  }, 60_000);
});

describe('a hook without order', () => {
  it('has as many requests under way as it may', async () => {
    receiver.on('/none', behaviours.delay(50));
    rig.hook('hook_none', receiver.url('/none'), { order: 'none', concurrency: 4 });
    await rig.publishMany(['hook_none'], 40);
    expect(await untilFates('hook_none', 40)).toHaveLength(40);
    expect(receiver.open('/none').most).toBe(4);
  }, 60_000);
});

describe('commands', () => {
  it('hold a lane over a restart, and release it', async () => {
    receiver.on('/held', behaviours.status(200));
    rig.hook('hook_held', receiver.url('/held'));
    await rig.command('hook_held', { kind: 'hold' });
    await rig.publish(['hook_held'], '1');
    await rig.stop();
    await rig.start();
    await rig.publish(['hook_held'], '2');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(bodiesOf('/held')).toEqual([]);
    await rig.command('hook_held', { kind: 'release' });
    expect(await untilFates('hook_held', 2)).toEqual(['delivered', 'delivered']);
    expect(bodiesOf('/held')).toEqual(['1', '2']);
  }, 60_000);

  it('skip the head of a lane that waits for its retry', async () => {
    receiver.on('/skipped', behaviours.failFirst(1, 400));
    rig.hook('hook_skipped', receiver.url('/skipped'), { retry: slowRetry });
    const first = await rig.publish(['hook_skipped'], '1');
    await rig.untilOutcomes((all) => all.some(({ hookId, attempt }) => hookId === 'hook_skipped' && attempt !== undefined));
    await rig.publish(['hook_skipped'], '2');
    await rig.command('hook_skipped', { kind: 'skip-head', deliveryId: `dlv_0_${first}_hook_skipped` });
    expect(await untilFates('hook_skipped', 2)).toEqual(['skipped by-command', 'delivered']);
  }, 60_000);
});

describe('a catch-up', () => {
  it('skips what stands before it, says so, lets what it brings overtake what is new, and ends', async () => {
    receiver.on('/missed', behaviours.status(200));
    rig.hook('hook_missed', receiver.url('/missed'), { enabled: false });
    await rig.publish(['hook_missed'], 'missed');
    expect(await untilFates('hook_missed', 1)).toEqual(['skipped disabled']);
    rig.hook('hook_missed', receiver.url('/missed'), { enabled: true, enabledEpoch: 2, catchUpEpoch: 2 });
    const border = await rig.command('hook_missed', { kind: 'begin-catch-up', epoch: 2 });
    await rig.publish(['hook_missed'], 'new');
    const outcomes = await rig.untilOutcomes((all) => all.some(({ hookId, catchUpOpened }) => hookId === 'hook_missed' && catchUpOpened !== undefined));
    expect(outcomes.find(({ catchUpOpened }) => catchUpOpened)?.catchUpOpened).toMatchObject({ epoch: 2, commandOffset: border });
    await rig.stop();
    await rig.start();
    await rig.publish(['hook_missed'], 'caught up', { catchUp: 'catch-up/hook_missed/2' });
    expect(await untilFates('hook_missed', 2)).toEqual(['skipped disabled', 'delivered']);
    await rig.command('hook_missed', { kind: 'end-catch-up', epoch: 2 });
    expect(await untilFates('hook_missed', 3)).toEqual(['skipped disabled', 'delivered', 'delivered']);
    expect(bodiesOf('/missed')).toEqual(['caught up', 'new']);
  }, 60_000);
});
