import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startReceiver, type Receiver } from '@hooklane/testkit';
import { DeliveryRig } from '../support/delivery-rig.js';

describe('the pace of a lane', () => {
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

  const startsOf = async (hookId: string): Promise<number[]> => (await rig.outcomes()).filter((outcome) => outcome.hookId === hookId).map(({ attempt }) => attempt?.startedAtMs ?? 0);
  const gapsOf = (starts: readonly number[]): number[] => starts.slice(1).map((start, n) => start - (starts[n] as number));

  it('keeps the starts of a limited hook an interval apart, in order, and other hooks are not slowed down', async () => {
    rig.hook('hook_limited', receiver.url('/limited'), { rateLimitPerSecond: 20 });
    rig.hook('hook_free', receiver.url('/free'));
    const startedMs = performance.now();
    await rig.publishMany(['hook_limited', 'hook_free'], 40);
    await receiver.waitFor(40, { path: '/free' });
    expect(receiver.to('/limited').length).toBeLessThan(40);
    await receiver.waitFor(40, { path: '/limited' });
    expect(performance.now() - startedMs).toBeGreaterThan(39 * 50 - 10);
    expect(receiver.to('/limited').map(({ body }) => Number(body.toString()))).toEqual(Array.from({ length: 40 }, (_, n) => n));
    await rig.untilOutcomes((all) => all.length === 80);
    // Wall time in whole milliseconds, and the 5 ms that a late timer is caught up with.
    expect(Math.min(...gapsOf(await startsOf('hook_limited')))).toBeGreaterThanOrEqual(50 - 5 - 2);
  }, 30_000);

  it('spreads a hundred a second, finer than the clockwork of the lanes ticks, and saves nothing up', async () => {
    rig.hook('hook_fast', receiver.url('/fast'), { rateLimitPerSecond: 100 });
    await rig.publish(['hook_fast'], 'first');
    await receiver.waitFor(1, { path: '/fast' });
    await new Promise((resolve) => setTimeout(resolve, 500));
    await rig.publishMany(['hook_fast'], 100);
    await receiver.waitFor(101, { path: '/fast', withinMs: 30_000 });
    await rig.untilOutcomes((all) => all.length === 101);
    const starts = await startsOf('hook_fast');
    for (let from = 0; from + 10 < starts.length; from += 1) expect((starts[from + 10] as number) - (starts[from] as number)).toBeGreaterThanOrEqual(100 - 5 - 2);
  }, 60_000);

  it('holds a limit across a change of owner', async () => {
    rig.hook('hook_slow', receiver.url('/slow'), { rateLimitPerSecond: 0.5 });
    for (const n of [1, 2]) await rig.publish(['hook_slow'], String(n));
    await receiver.waitFor(1, { path: '/slow' });
    await rig.stop();
    await rig.start();
    const backMs = Date.now();
    await receiver.waitFor(2, { path: '/slow' });
    const [first, second] = await startsOf('hook_slow').then(async (starts) => (starts.length === 2 ? starts : (await rig.untilOutcomes((all) => all.length === 2), startsOf('hook_slow'))));
    expect((second as number) - (first as number)).toBeGreaterThanOrEqual(2_000);
    expect(second as number).toBeGreaterThanOrEqual(backMs);
  }, 30_000);

  it('follows a new limit at once', async () => {
    rig.hook('hook_changed', receiver.url('/changed'), { rateLimitPerSecond: 0.01 });
    for (const n of [1, 2, 3]) await rig.publish(['hook_changed'], String(n));
    await receiver.waitFor(1, { path: '/changed' });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(receiver.to('/changed')).toHaveLength(1);
    rig.hook('hook_changed', receiver.url('/changed'), { rateLimitPerSecond: 0 });
    await receiver.waitFor(3, { path: '/changed', withinMs: 5_000 });
  }, 30_000);

  it.each([
    ['seconds', () => ({ 'retry-after': '2' })],
    // A second is all that dates can say, and the receiver's clock is two hours ahead.
    ['a date by the receiver’s clock', () => ({ 'retry-after': new Date(Date.now() + 7_200_000 + 3_000).toUTCString(), date: new Date(Date.now() + 7_200_000).toUTCString() })],
  ])('waits for as long as a receiver with 429 asks for in %s', async (_form, headers) => {
    receiver.on('/busy', (_request, nth) => (nth === 0 ? { kind: 'answer', status: 429, headers: headers() } : { kind: 'answer', status: 200 }));
    rig.hook('hook_busy', receiver.url('/busy'));
    for (const n of [1, 2]) await rig.publish(['hook_busy'], String(n));
    const outcomes = await rig.untilOutcomes((all) => all.length === 3);
    expect(outcomes.map(({ fate, attempt }) => [fate, attempt?.status])).toEqual([['pending', 429], ['delivered', 200], ['delivered', 200]]);
    const [refused, again] = await startsOf('hook_busy');
    expect((again as number) - (refused as number)).toBeGreaterThanOrEqual(2_000 - 50);
    expect(receiver.to('/busy').map(({ body }) => body.toString())).toEqual(['1', '1', '2']);
  }, 30_000);

  it('gives a hook whose receiver answers 429 now and then a pace in place of bursts that fail', async () => {
    // A bucket of 10 that fills at 50 a second: who sends as fast as possible is refused again and again.
    let tokens = 10;
    let filledMs = performance.now();
    let refused = 0;
    receiver.on('/bucket', () => {
      const nowMs = performance.now();
      tokens = Math.min(10, tokens + (nowMs - filledMs) / 20);
      filledMs = nowMs;
      if (tokens < 1) {
        refused += 1;
        return { kind: 'answer', status: 429 };
      }
      tokens -= 1;
      return { kind: 'answer', status: 200 };
    });
    rig.hook('hook_bucket', receiver.url('/bucket'), { disablePolicy: { limit: 0, count: 'in-a-row' } });
    await rig.publishMany(['hook_bucket'], 120);
    await rig.untilOutcomes((all) => all.filter(({ fate }) => fate === 'delivered').length === 120, 30_000);
    // Without a pace every bucket of ten or so ends in a refusal.
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThan(10);
    const bodies = receiver.to('/bucket').map(({ body }) => Number(body.toString()));
    expect([...new Set(bodies)]).toEqual(Array.from({ length: 120 }, (_, n) => n));
  }, 60_000);
});
