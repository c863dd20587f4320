import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventuallyPasses, startReceiver, type Receiver } from '@hooklane/testkit';
import { call, must, type Answer } from '../src/platform/client.js';
import { modes } from '../src/platform/modes.js';
import type { Platform } from '../src/platform/platform.js';

const EVENTS = '/v1/tenants/acme/events';

describe.each(modes)('idempotency and quota, $mode', ({ mode, start }) => {
  let platform: Platform;
  let receiver: Receiver;
  /** Where events can be published: two instances where there are processes to have two of. */
  let ingests: string[];

  beforeAll(async () => {
    receiver = await startReceiver();
    platform = await start();
    ingests = [platform.urlOf('event-ingest'), await platform.another('event-ingest')];
    await must(platform, 'PUT', '/v1/tenants/acme', { name: 'Acme' });
    await must(platform, 'POST', '/v1/tenants/acme/hooks', { name: 'all', url: receiver.url('/all') });
  }, 120_000);

  afterAll(async () => {
    await receiver?.stop();
    await platform?.stop();
  }, 60_000);

  const at = (instance: number, method: string, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> => call({ url: ingests[instance] as string, adminKey: platform.adminKey }, method, path, body, headers);
  const restart = async (service: string): Promise<void> => {
    const name = mode === 'embedded' ? 'all-in-one' : service;
    await platform.kill(name);
    await platform.restart(name);
  };
  const arrivals = (type: string): string[] => receiver.to('/all').filter(({ headers }) => headers['hooklane-event-type'] === type).map(({ headers }) => String(headers['webhook-id']));

  /** The lane keeps the order, so that with this one everything has arrived that was accepted before it. */
  const end = async (type: string): Promise<void> => {
    await must(platform, 'POST', EVENTS, { type: `${type}.end`, data: 1 });
    await eventuallyPasses(() => expect(arrivals(`${type}.end`)).toHaveLength(1));
  };

  it.each([
    ['an id', (n: number) => ({ id: `order-${n}` }), () => ({})],
    ['an Idempotency-Key', () => ({}), (n: number) => ({ 'idempotency-key': `key-${n}` })],
  ])('an event published again with %s gets the first answer again, whichever instance is asked, before and after a death, and arrives once', async (how, fields, headers) => {
    const type = `again.${how.includes('id') ? 'id' : 'key'}`;
    const send = (instance: number, n: number, data: unknown = n): Promise<Answer> => at(instance, 'POST', EVENTS, { type, data, ...fields(n) }, headers(n));
    const first: Answer[] = [];
    for (let n = 0; n < 10; n++) first.push(await send(n % 2, n));
    expect(first.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 202));
    for (let n = 0; n < 10; n++) expect(await send((n + 1) % 2, n)).toMatchObject({ status: 202, body: first[n]?.body });
    await restart('event-ingest');
    for (let n = 0; n < 10; n++) expect(await send(n % 2, n)).toMatchObject({ status: 202, body: first[n]?.body });
    for (const instance of [0, 1]) expect(await send(instance, 3, 'else')).toMatchObject({ status: 409, body: { code: 'id-reused' } });
    await end(type);
    expect(arrivals(type).sort()).toEqual(first.map(({ body }) => body['id']).sort());
  });

  it('of many that publish the same at once over all instances, all get one answer and one event arrives', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => at(n % 2, 'POST', EVENTS, { id: 'race', type: 'race', data: 1 })));
    const [first] = answers;
    expect(answers.map(({ status, body }) => ({ status, body }))).toEqual(answers.map(() => ({ status: 202, body: first?.body })));
    await end('race');
    expect(arrivals('race')).toEqual(['race']);
  });

  it('a change with an Idempotency-Key happens once, before and after a death of the registry', async () => {
    const create = (name: string): Promise<Answer> => call(platform, 'POST', '/v1/tenants/acme/hooks', { name, url: receiver.url('/once'), eventTypes: ['once'] }, { 'idempotency-key': 'once' });
    const first = await create('once');
    expect(first.status).toBe(201);
    await restart('registry');
    expect(await create('once')).toMatchObject({ status: 201, body: first.body });
    expect(await create('else')).toMatchObject({ status: 409, body: { code: 'id-reused' } });
    const { items } = await must<{ items: { name: string }[] }>(platform, 'GET', '/v1/tenants/acme/hooks');
    expect(items.filter(({ name }) => name === 'once')).toHaveLength(1);
  });

  it('a quota is one over all instances, and a death does not fill it up again', async () => {
    const [perSecond, burst] = [2, 40];
    await must(platform, 'PUT', '/v1/tenants/small', { name: 'Small', quotas: { eventsPerSecond: perSecond, eventsBurst: burst } });
    const startedMs = performance.now();
    const flood = async (): Promise<Answer[]> => Promise.all(Array.from({ length: 100 }, (_, n) => at(n % 2, 'POST', '/v1/tenants/small/events', { type: 'flood', data: n })));
    const answers = await flood();
    await restart('event-ingest');
    answers.push(...(await flood()));
    const seconds = (performance.now() - startedMs) / 1_000;
    const accepted = answers.filter(({ status }) => status === 202).length;
    const refused = answers.filter(({ status }) => status === 429);
    expect(accepted + refused.length).toBe(answers.length);
    // Each instance may have been granted a second's worth ahead of what is used.
    expect(accepted).toBeLessThanOrEqual(burst + Math.ceil(seconds + 1) * perSecond);
    expect(accepted).toBeGreaterThanOrEqual(perSecond);
    expect(refused.every(({ body, headers }) => body['code'] === 'quota-exceeded' && Number(headers.get('retry-after')) >= 1)).toBe(true);
  });
});
