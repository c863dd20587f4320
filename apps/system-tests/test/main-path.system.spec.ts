import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { behaviours, eventuallyPasses, startReceiver, type Receiver } from '@hooklane/testkit';
import { Webhook } from 'standardwebhooks';
import { call, must } from '../src/platform/client.js';
import { modes } from '../src/platform/modes.js';
import type { Platform } from '../src/platform/platform.js';
import { grpcClient } from '../src/platform/grpc.js';

/** Odd on purpose: a float that must keep its zero, an exponent, a repeated key, a number beyond 2^53, an escape, and spacing. */
const ODD_DATA = '{ "a":1.0,\t"b":1e2,"b" : 2, "big":12345678901234567890,  "é":"\\u00e9" }';
const FAST_RETRY = { unavailableDelaysMs: [200], unavailableGiveUpMs: 60_000, rejectedDelaysMs: [200, 200] };

interface CreatedHook {
  readonly id: string;
  readonly secret: string;
}

describe.each(modes)('the main path, $mode', ({ start }) => {
  let platform: Platform;
  let receiver: Receiver;

  beforeAll(async () => {
    receiver = await startReceiver();
    platform = await start();
    await must(platform, 'PUT', '/v1/tenants/acme', { name: 'Acme' });
  }, 120_000);

  afterAll(async () => {
    // First, so that no stop waits for an answer that would never come.
    await receiver?.stop();
    await platform?.stop();
  }, 60_000);

  const hook = (path: string, more: Record<string, unknown> = {}): Promise<CreatedHook> =>
    must<CreatedHook>(platform, 'POST', '/v1/tenants/acme/hooks', { name: path, url: receiver.url(path), eventTypes: ['*'], ...more });
  const hookState = (id: string): Promise<Record<string, unknown>> => must(platform, 'GET', `/v1/tenants/acme/hooks/${id}`);
  const publish = (event: string | Record<string, unknown>): Promise<{ id: string }> => must<{ id: string }>(platform, 'POST', '/v1/tenants/acme/events', event);

  it.each([
    ['singly', async (type: string) => void (await publish(`{"type" : "${type}", "data":${ODD_DATA}}`))],
    ['in a batch', async (type: string) => void (await must(platform, 'POST', '/v1/tenants/acme/events:batch', `{"events":[ {"data": ${ODD_DATA} ,"type":"${type}"}]}`))],
    ['as a structured CloudEvent', async (type: string) =>
      void (await must(platform, 'POST', '/v1/tenants/acme/events', `{"specversion":"1.0","id":"ce-1","source":"/tests","type":"${type}","data":${ODD_DATA}}`, { 'content-type': 'application/cloudevents+json' }))],
    ['over gRPC', async (type: string) => {
      const client = grpcClient(platform, 'hooklane.v1.EventService');
      await client.call('Publish', { tenant: 'acme', event: { type, data: Buffer.from(ODD_DATA), contentType: 'application/json' } });
      client.close();
    }],
  ])('brings the bytes published %s to the receiver unchanged, signed as an independent Standard Webhooks library accepts', async (way, send) => {
    const path = `/bytes/${way.replaceAll(' ', '-')}`;
    const type = `bytes.${way.replaceAll(' ', '_').toLowerCase()}`;
    const { secret } = await hook(path, { eventTypes: [type] });
    await send(type);
    const [request] = await receiver.waitFor(1, { path });
    expect(request?.body.toString()).toBe(ODD_DATA);
    expect(() => new Webhook(secret).verify(request?.body.toString() ?? '', request?.headers as Record<string, string>)).not.toThrow();
  });

  it('keeps the order of one publisher across a failing receiver, turns the hook orange and then green again', async () => {
    const path = '/flapping';
    const { id } = await hook(path, { eventTypes: ['flap'], retry: FAST_RETRY });
    receiver.on(path, behaviours.failFirst(3, 503));
    const publishAll = async (): Promise<string[]> => {
      const published: string[] = [];
      for (let n = 0; n < 20; n++) published.push((await publish({ type: 'flap', data: { n } })).id);
      return published;
    };
    // Watched meanwhile: it is orange for half a second, which is less than a busy machine may take to publish.
    const [ids] = await Promise.all([publishAll(), eventuallyPasses(async () => expect((await hookState(id))['colour']).toBe('orange'))]);
    const requests = await receiver.waitFor(23, { path });
    expect(requests.slice(0, 4).map(({ headers }) => headers['webhook-id'])).toEqual([ids[0], ids[0], ids[0], ids[0]]);
    expect(requests.slice(3).map(({ headers }) => headers['webhook-id'])).toEqual(ids);
    expect(receiver.open(path).most).toBe(1);
    await eventuallyPasses(async () => expect((await hookState(id))['colour']).toBe('green'));
  });

  it('sends exactly N failing attempts and then disables the hook, says why, and sends again once it is enabled', async () => {
    const path = '/broken';
    const { id } = await hook(path, { eventTypes: ['broken'], retry: FAST_RETRY, disablePolicy: { limit: 3 } });
    receiver.on(path, behaviours.status(500));
    for (let n = 0; n < 5; n++) await publish({ type: 'broken', data: { n } });
    await eventuallyPasses(async () => expect(await hookState(id)).toMatchObject({ enabled: false, colour: 'gray' }));
    await publish({ type: 'broken', data: { late: true } });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(receiver.to(path)).toHaveLength(3);
    receiver.on(path, behaviours.status(200));
    await must(platform, 'POST', `/v1/tenants/acme/hooks/${id}/enable`, {});
    const { id: after } = await publish({ type: 'broken', data: { after: true } });
    const requests = await receiver.waitFor(4, { path });
    expect(requests.at(-1)?.headers['webhook-id']).toBe(after);
  });

  it('gives every accepted event a visible fate for every hook, also where nothing matched', async () => {
    const { id } = await publish({ type: 'nobody.listens', data: 1 });
    await eventuallyPasses(async () => {
      const event = await must<{ matchedNothing?: boolean; fate?: string }>(platform, 'GET', `/v1/tenants/acme/events/${id}`);
      expect(JSON.stringify(event)).toContain('matched-nothing');
    });
  });

  it('honours a hook from its confirmation on, and never after its deletion', async () => {
    for (let round = 0; round < 10; round++) {
      const path = `/confirmed/${round}`;
      const { id } = await hook(path, { eventTypes: ['confirmed'] });
      await publish({ type: 'confirmed', data: round });
      await receiver.waitFor(1, { path });
      await must(platform, 'DELETE', `/v1/tenants/acme/hooks/${id}`);
      await publish({ type: 'confirmed', data: 'too late' });
      expect(receiver.to(path)).toHaveLength(1);
    }
  });

  it('does not let a hanging receiver delay another hook', async () => {
    receiver.on('/hanging', behaviours.hang());
    await hook('/hanging', { eventTypes: ['shared'] });
    await hook('/healthy', { eventTypes: ['shared'] });
    for (let n = 0; n < 50; n++) await publish({ type: 'shared', data: { n } });
    await receiver.waitFor(50, { path: '/healthy', withinMs: 5_000 });
    expect(receiver.to('/hanging')).toHaveLength(1);
  });

  it('answers a foreign tenant with 404 wherever its key is used', async () => {
    await must(platform, 'PUT', '/v1/tenants/rival', { name: 'Rival' });
    const { key } = await must<{ key: string }>(platform, 'POST', '/v1/tenants/rival/api-keys', { name: 'rival', scopes: ['admin'] });
    const asRival = { url: platform.url, adminKey: key };
    const { id } = await hook('/private', { eventTypes: ['private'] });
    expect((await call(asRival, 'GET', `/v1/tenants/acme/hooks/${id}`)).status).toBe(404);
    expect((await call(asRival, 'GET', `/v1/tenants/rival/hooks/${id}`)).status).toBe(404);
    expect((await call(asRival, 'POST', '/v1/tenants/acme/events', { type: 'x', data: 1 })).status).toBe(404);
  });
});
