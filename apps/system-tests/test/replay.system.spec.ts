import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { behaviours, eventuallyPasses, startReceiver, type Receiver } from '@hooklane/testkit';
import { must } from '../src/platform/client.js';
import { modes } from '../src/platform/modes.js';
import type { Platform } from '../src/platform/platform.js';

const BASE = '/v1/tenants/acme';
const MISSED = 500;
const BATCH = 250;
const WITHIN_MS = 60_000;

interface ReplayAnswer {
  readonly id: string;
  readonly state: string;
  readonly selected: number;
  readonly produced: number;
  readonly fates: Readonly<Record<string, number>>;
}

describe.each(modes)('deliveries made again, $mode', ({ mode, start }) => {
  let platform: Platform;
  let receiver: Receiver;
  let published = 0;
  const startedAt = new Date(Date.now() - 1_000).toISOString();

  beforeAll(async () => {
    receiver = await startReceiver();
    platform = await start();
    await must(platform, 'PUT', BASE, { name: 'Acme' });
  }, 120_000);

  afterAll(async () => {
    await receiver?.stop();
    await platform?.stop();
  }, 60_000);

  const hook = async (name: string, more: object = {}): Promise<string> => (await must<{ id: string }>(platform, 'POST', `${BASE}/hooks`, { name, url: receiver.url(`/${name}`), eventTypes: [name], ...more })).id;
  /** Numbered through, in batches one after the other. @returns the numbers */
  const publish = async (type: string, count: number): Promise<readonly number[]> => {
    const numbers = Array.from({ length: count }, () => (published += 1));
    for (let first = 0; first < count; first += BATCH) {
      const { results } = await must<{ results: { status: number }[] }>(platform, 'POST', `${BASE}/events:batch`, { events: numbers.slice(first, first + BATCH).map((n) => ({ type, data: { n } })) });
      expect(new Set(results.map(({ status }) => status))).toEqual(new Set([202]));
    }
    return numbers;
  };
  const arrived = (name: string): number[] => receiver.to(`/${name}`).map(({ body }) => (JSON.parse(body.toString()) as { n: number }).n);
  const undelivered = async (hookId: string, fate: string): Promise<number> => (await must<{ items: unknown[] }>(platform, 'GET', `${BASE}/undelivered?hook=${hookId}&fate=${fate}&limit=1000`)).items.length;
  const replay = (id: string): Promise<ReplayAnswer> => must<ReplayAnswer>(platform, 'GET', `${BASE}/replays/${encodeURIComponent(id)}`);
  const deaths = async (services: readonly string[]): Promise<void> => {
    for (const name of mode === 'embedded' ? ['all-in-one'] : services) {
      await platform.kill(name);
      await platform.restart(name);
    }
  };

  it('a replay brings what was given up, in order and once, although the process that makes it dies in the middle', async () => {
    const id = await hook('given-up', { retry: { rejectedDelaysMs: [] }, disablePolicy: { limit: 0 } });
    receiver.on('/given-up', behaviours.status(400));
    const wanted = await publish('given-up', 60);
    await eventuallyPasses(async () => expect(await undelivered(id, 'exhausted')).toBe(wanted.length), WITHIN_MS);
    receiver.clear();
    receiver.on('/given-up', behaviours.status(200));
    const wish = { from: startedAt, hookIds: [id], fates: ['exhausted'] };
    expect(await must(platform, 'POST', `${BASE}/replays`, { ...wish, dryRun: true })).toMatchObject({ count: wanted.length, atLeast: false });
    const made = await must<ReplayAnswer>(platform, 'POST', `${BASE}/replays`, { ...wish, ratePerSecond: 30 });
    await eventuallyPasses(async () => expect((await replay(made.id)).produced).toBeGreaterThan(5), WITHIN_MS);
    await deaths(['log-query']);
    await eventuallyPasses(async () => expect(await replay(made.id)).toMatchObject({ state: 'done', selected: wanted.length, produced: wanted.length, fates: { pending: 0, delivered: wanted.length } }), WITHIN_MS);
    const seen = arrived('given-up');
    // A death between an answer and its record may bring that one delivery again, at once (promise 2).
    const firsts = [...new Set(seen)];
    expect(firsts).toEqual(wanted);
    expect(seen.length - firsts.length).toBeLessThanOrEqual(1);
    expect(await undelivered(id, 'exhausted')).toBe(0);
  }, WITHIN_MS * 3);

  it('a hook that is enabled with what it missed gets everything once and in order, the missed before the new', async () => {
    const id = await hook('missed');
    const before = await publish('missed', 10);
    await receiver.waitFor(before.length, { path: '/missed', withinMs: WITHIN_MS });
    await must(platform, 'POST', `${BASE}/hooks/${id}/disable`, { reason: 'maintenance' });
    const missed = await publish('missed', MISSED);
    await eventuallyPasses(async () => expect(await undelivered(id, 'skipped')).toBe(MISSED), WITHIN_MS);
    await must(platform, 'POST', `${BASE}/hooks/${id}/enable`, { reason: 'over', catchUp: 'missed' });
    const after = await publish('missed', 50);
    const all = [...before, ...missed, ...after];
    await receiver.waitFor(all.length, { path: '/missed', withinMs: WITHIN_MS });
    expect(arrived('missed')).toEqual(all);
    const { items } = await must<{ items: ReplayAnswer[] }>(platform, 'GET', `${BASE}/replays?kind=catch-up`);
    expect(items).toEqual([expect.objectContaining({ state: 'done', selected: MISSED, produced: MISSED })]);
    await eventuallyPasses(async () => expect((await replay(items[0]!.id)).fates).toMatchObject({ pending: 0, delivered: MISSED }), WITHIN_MS);
    expect(await undelivered(id, 'skipped')).toBe(0);
    expect(await must(platform, 'GET', `${BASE}/hooks/${id}/lane`)).toMatchObject({ state: 'live', backlog: { count: 0 } });
  }, WITHIN_MS * 3);

  it('a hook that is enabled without it gets what comes from then on', async () => {
    const id = await hook('forgone');
    await must(platform, 'POST', `${BASE}/hooks/${id}/disable`, { reason: 'maintenance' });
    await publish('forgone', 20);
    await eventuallyPasses(async () => expect(await undelivered(id, 'skipped')).toBe(20), WITHIN_MS);
    await must(platform, 'POST', `${BASE}/hooks/${id}/enable`, { catchUp: 'none' });
    const wanted = await publish('forgone', 20);
    await receiver.waitFor(wanted.length, { path: '/forgone', withinMs: WITHIN_MS });
    expect(arrived('forgone')).toEqual(wanted);
  }, WITHIN_MS * 2);
});
