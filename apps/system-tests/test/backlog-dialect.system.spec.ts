import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { behaviours, eventuallyPasses, startReceiver, type Receiver } from '@hooklane/testkit';
import { Backlog } from 'backlog-js';
import { must } from '../src/platform/client.js';
import { modes } from '../src/platform/modes.js';
import type { Platform } from '../src/platform/platform.js';

/** What Backlog itself would send of an activity: spelling and spacing of the content are the publisher's. */
const DATA = '{"id":991, "project":{"id":1,"projectKey":"SHOP","name":"Läden 山"}, "content":{"id":55,"key_id":12,"summary":"Pump leaks","estimatedHours":8.0}, "notifications":[], "createdUser":{"id":9,"name":"Ana"}}';
const bodyOf = (type: number): string =>
  `{"created":"2026-01-02T03:04:05Z","project":{"id":1,"projectKey":"SHOP","name":"Läden 山"},"id":991,"type":${type},"content":{"id":55,"key_id":12,"summary":"Pump leaks","estimatedHours":8.0},"notifications":[],"createdUser":{"id":9,"name":"Ana"}}`;

interface Attempts {
  readonly items: readonly { readonly id: string; readonly trigger: string; readonly type: string; readonly status: number | null; readonly hookId: string }[];
}

describe.each(modes)('a project whose webhooks were Backlog\'s, $mode', ({ start }) => {
  let platform: Platform;
  let receiver: Receiver;
  let backlog: Backlog;

  beforeAll(async () => {
    receiver = await startReceiver();
    platform = await start();
    await must(platform, 'PUT', '/v1/tenants/acme', { name: 'Acme' });
    await must(platform, 'POST', '/v1/tenants/acme/projects', { key: 'SHOP', name: 'Shop' });
    const { key } = await must<{ key: string }>(platform, 'POST', '/v1/tenants/acme/api-keys', { name: 'Backlog client', scopes: ['hooks:write'] });
    const toPlatform: typeof fetch = (url, init) => fetch(String(url).replace('https://acme.backlog.example', platform.url), init);
    backlog = new Backlog({ host: 'acme.backlog.example', apiKey: key, fetch: toPlatform });
  }, 120_000);

  afterAll(async () => {
    await receiver?.stop();
    await platform?.stop();
  }, 60_000);

  const publish = (type: string): Promise<{ id: string }> => must<{ id: string }>(platform, 'POST', '/v1/tenants/acme/events', `{"type":"${type}","project":"SHOP","occurredAt":"2026-01-02T03:04:05.678Z","data":${DATA}}`);
  const nativeHook = async (name: string): Promise<{ id: string; colour: string; enabled: boolean; failureCount: number }> => {
    const { items } = await must<{ items: { id: string; name: string; colour: string; enabled: boolean; failureCount: number }[] }>(platform, 'GET', '/v1/tenants/acme/hooks?limit=100');
    return items.find((hook) => hook.name === name)!;
  };

  it('create by backlog-js, publish, receive the very bytes; break it: orange and never disabled; repair it: green (B1, B2, B6, B8)', async () => {
    const path = '/chat';
    const webhook = await backlog.postWebhook('SHOP', { name: 'chat', hookUrl: receiver.url(`${path}?token=t0`), allEvent: false, activityTypeIds: [1, 3] });
    expect(await backlog.getWebhooks('SHOP')).toMatchObject([{ id: webhook.id, name: 'chat', activityTypeIds: [1, 3] }]);

    for (const type of ['issue.commented', 'issue.updated', '3', 'issue.created']) await publish(type);
    const requests = await receiver.waitFor(3, { path });
    expect(requests.map(({ body }) => body.toString())).toEqual([bodyOf(3), bodyOf(3), bodyOf(1)]);
    const names = requests[0]!.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
    expect(names.filter((name) => !['host', 'connection', 'content-length'].includes(name))).toEqual(['content-type']);
    expect([requests[0]!.path, requests[0]!.headers['content-type']]).toEqual([`${path}?token=t0`, 'application/json']);

    receiver.on(path, behaviours.status(500));
    const failing = 12;
    for (let count = 0; count < failing; count++) await publish('3');
    // Each once: Backlog's webhooks are not sent again.
    await receiver.waitFor(3 + failing, { path });
    await eventuallyPasses(async () => expect(await nativeHook('chat')).toMatchObject({ colour: 'orange', enabled: true, failureCount: failing }));
    receiver.on(path, behaviours.status(204));
    await publish('1');
    await receiver.waitFor(3 + failing + 1, { path });
    await eventuallyPasses(async () => expect(await nativeHook('chat')).toMatchObject({ colour: 'green', enabled: true, failureCount: 0 }));
    expect(receiver.to(path)).toHaveLength(3 + failing + 1);

    await backlog.deleteWebhook('SHOP', String(webhook.id));
    expect(await backlog.getWebhooks('SHOP')).toEqual([]);
    const { id } = await publish('1');
    await eventuallyPasses(async () => expect(await must(platform, 'GET', `/v1/tenants/acme/events/${id}`)).toMatchObject({ matching: 'matched-nothing' }));
    expect(receiver.to(path)).toHaveLength(3 + failing + 1);
  });

  it('executes a test of a type with sample data of Backlog, and the log of the project shows what hooks and tests sent (B11, B12, B15, B16)', async () => {
    const path = '/tested';
    await backlog.postWebhook('SHOP', { name: 'tested', hookUrl: receiver.url(path), allEvent: false, activityTypeIds: [12] });
    const { id } = await nativeHook('tested');
    await must(platform, 'POST', `/v1/tenants/acme/hooks/${id}/test`, { type: 'issue.commented' });
    const [request] = await receiver.waitFor(1, { path });
    const sent = request!.body.toString();
    expect(JSON.parse(sent)).toMatchObject({ id: 10, type: 3, project: { id: 100, projectKey: 'TEST', name: 'TestProject' }, content: { summary: 'test issue', comment: { content: 'test comment' } } });

    await publish('git.pushed');
    await receiver.waitFor(2, { path });
    const log = (filter = ''): Promise<Attempts> => must<Attempts>(platform, 'GET', `/v1/tenants/acme/attempts?project=SHOP&hook=${id}${filter}`);
    await eventuallyPasses(async () => expect((await log()).items.map(({ trigger, type, status }) => [trigger, type, status])).toEqual([['event', 'git.pushed', 200], ['test', 'issue.commented', 200]]));
    const [test] = (await log('&trigger=test')).items;
    const all = await must<{ request: { url: string; body: { content: string } }; response: { status: number } }>(platform, 'GET', `/v1/tenants/acme/attempts/${test!.id}`);
    expect([all.request.body.content, all.response.status]).toEqual([sent, 200]);
  });
});
