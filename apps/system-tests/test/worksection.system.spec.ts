import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { behaviours, eventuallyPasses, startReceiver, type Receiver } from '@hooklane/testkit';
import { call, must } from '../src/platform/client.js';
import { modes } from '../src/platform/modes.js';
import type { Platform } from '../src/platform/platform.js';

interface Answer {
  readonly status: string;
  readonly id?: number;
  readonly data?: readonly { readonly id: string; readonly url: string; readonly status: string }[];
}

const OK = behaviours.status(200, { headers: { 'content-type': 'application/json' }, body: '{"status":"OK"}' });
/** 200, which is not enough (W6). */
const NOT_OK = behaviours.status(200, { headers: { 'content-type': 'application/json' }, body: '{"status":"busy"}' });
const ANA = { id: '41', email: 'ana@x.example', name: 'Ana' };

describe.each(modes)('a team that leaves Worksection, $mode', ({ start }) => {
  let platform: Platform;
  let receiver: Receiver;
  let key: string;
  beforeAll(async () => {
    receiver = await startReceiver();
    platform = await start();
    await must(platform, 'PUT', '/v1/tenants/acme', { name: 'Acme' });
    key = (await must<{ key: string }>(platform, 'POST', '/v1/tenants/acme/api-keys', { name: 'administrative API key', scopes: ['hooks:write'], recoverable: true })).key;
  }, 120_000);
  afterAll(async () => {
    await receiver?.stop();
    await platform?.stop();
  }, 60_000);

  /** As the product's documents write it: a query, and MD5 over it and the key. */
  async function worksection(action: string, params: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const query = new URLSearchParams({ action, ...params }).toString();
    const hash = createHash('md5').update(query + key).digest('hex');
    return (await fetch(`${platform.url}/api/admin/v2/?${query}&hash=${hash}`)).json() as Promise<Answer>;
  }
  const publish = (n: number): Promise<unknown> =>
    must(platform, 'POST', '/v1/tenants/acme/events', {
      type: 'close_task', project: '8601', occurredAt: '2026-01-02T10:16:00Z', data: { object: { id: String(n), page: `/project/8601/${n}/` }, user_from: ANA },
    });
  const bodyOf = (n: number): string =>
    `[{"action":"close","object":{"type":"task","id":"${n}","page":"/project/8601/${n}/"},"date_added":"2026-01-02 10:16","user_from":{"id":"41","email":"ana@x.example","name":"Ana"}}]`;
  const hook = async (url: string): Promise<Record<string, unknown>> => {
    const { items } = await must<{ items: readonly Record<string, unknown>[] }>(platform, 'GET', '/v1/tenants/acme/hooks');
    const found = items.find((item) => item['url'] === url);
    if (!found) throw new Error(`no hook for ${url}`);
    return found;
  };
  const listed = async (url: string): Promise<string | undefined> => (await worksection('get_webhooks')).data?.find((item) => item.url === url)?.status;

  it('registers over its API, gets its events with Basic authentication, is told by colours what is wrong, is disabled at the tenth error, and goes on once it is mended', async () => {
    const path = '/story';
    const url = receiver.url(path);
    receiver.on(path, NOT_OK);
    expect(await worksection('add_webhook', { url, events: 'close_task' })).toEqual({ status: 'error', status_code: 11, message: 'Url should respond 200 HTTP_CODE and JSON {status:OK}', message_details: url });
    expect(await listed(url)).toBeUndefined();

    receiver.on(path, OK);
    const { id } = await worksection('add_webhook', { url, events: 'close_task', projects: '8601', http_user: 'ws', http_pass: 'pw' });
    expect(await worksection('get_webhooks')).toEqual({ status: 'ok', data: [{ id: String(id), url, events: 'close_task', status: 'active', projects: '8601' }] });
    // One probe each: of the refused one and of this.
    const probes = receiver.to(path);
    expect(probes).toHaveLength(2);
    expect(JSON.parse(probes[1]?.body.toString() ?? '')).toEqual([expect.objectContaining({ action: 'close', object: expect.objectContaining({ type: 'task' }) })]);
    expect(probes.map(({ headers }) => headers.authorization)).toEqual([undefined, 'Basic d3M6cHc=']);

    await publish(1);
    const [, , first] = await receiver.waitFor(3, { path });
    expect(first?.method).toBe('POST');
    expect(first?.body.toString()).toBe(bodyOf(1));
    expect(first?.headers).toMatchObject({ 'content-type': 'application/json', authorization: 'Basic d3M6cHc=' });
    expect(Object.keys(first?.headers ?? {}).filter((name) => /hook|signature|event/.test(name))).toEqual([]);
    expect(await hook(url)).toMatchObject({ colour: 'green', origin: 'worksection', dialect: 'worksection' });

    receiver.on(path, NOT_OK);
    for (let n = 2; n <= 10; n += 1) await publish(n);
    await eventuallyPasses(async () => expect(await hook(url)).toMatchObject({ colour: 'orange', enabled: true, failureCount: 9 }));
    expect(await listed(url)).toBe('active');
    await publish(11);
    await eventuallyPasses(async () => expect(await hook(url)).toMatchObject({ colour: 'gray', enabled: false, disabledReason: 'failure-limit', failureCount: 10 }));
    expect(await listed(url)).toBe('paused');
    // Each once, in order: the product sends nothing twice.
    expect(receiver.to(path).slice(3).map(({ body }) => body.toString())).toEqual(Array.from({ length: 10 }, (_, index) => bodyOf(index + 2)));
    await publish(12);

    // The test button says the same as the check, at any time, and counts for nothing (W10).
    const { id: hookId } = await hook(url);
    expect(await must(platform, 'POST', `/v1/tenants/acme/hooks/${String(hookId)}/test`, {})).toMatchObject({ class: 'rejected', status: 200, trigger: 'test' });
    const refused = await call(platform, 'POST', `/v1/tenants/acme/hooks/${String(hookId)}/enable`, {});
    expect(refused).toMatchObject({ status: 422, body: { code: 'receiver-refused' } });
    expect(await hook(url)).toMatchObject({ colour: 'gray', enabled: false });

    receiver.on(path, OK);
    expect(await must(platform, 'POST', `/v1/tenants/acme/hooks/${String(hookId)}/test`, {})).toMatchObject({ class: 'success', trigger: 'test' });
    expect(await hook(url)).toMatchObject({ colour: 'gray', enabled: false, failureCount: 10 });
    expect(await must(platform, 'POST', `/v1/tenants/acme/hooks/${String(hookId)}/enable`, {})).toMatchObject({ enabled: true, colour: 'green', failureCount: 0 });
    await publish(13);
    await eventuallyPasses(() => expect(receiver.to(path).at(-1)?.body.toString()).toBe(bodyOf(13)));
    // What came while it was disabled was skipped.
    expect(receiver.to(path).map(({ body }) => body.toString())).not.toContain(bodyOf(12));
    await eventuallyPasses(async () => expect(await hook(url)).toMatchObject({ colour: 'green', lastSuccessAt: expect.any(String) }));

    expect(await worksection('delete_webhook', { id: String(id) })).toEqual({ status: 'ok' });
    expect(await worksection('get_webhooks')).toEqual({ status: 'ok', data: [] });
  });

  it('gets events of its chosen types and projects only (W4, W8)', async () => {
    const url = receiver.url('/chosen');
    receiver.on('/chosen', OK);
    const { id } = await worksection('add_webhook', { url, events: 'post_project,reopen_task', projects: '7,8601' });
    const object = { id: '8601', page: '/project/8601/' };
    const events = [
      ['post_project', '8602'],
      ['post_project', undefined],
      ['update_project', '8601'],
      ['post_project', '8601'],
    ] as const;
    for (const [type, project] of events) await must(platform, 'POST', '/v1/tenants/acme/events', { type, project, data: { object, user_from: ANA, new: { title: `${type} ${project ?? 'nowhere'}` } } });
    await eventuallyPasses(() => expect(receiver.to('/chosen')).toHaveLength(2));
    expect(receiver.to('/chosen').at(-1)?.body.toString()).toContain('"new":{"title":"post_project 8601"}');
    await worksection('delete_webhook', { id: String(id) });
  });

  it('sees why an event of another shape was not sent, and no request with it', async () => {
    const url = receiver.url('/invalid');
    receiver.on('/invalid', OK);
    await worksection('add_webhook', { url, events: 'post_comment' });
    const { id: eventId } = await must<{ id: string }>(platform, 'POST', '/v1/tenants/acme/events', { type: 'post_comment', data: { text: 'no object' } });
    await eventuallyPasses(async () => {
      const { items } = await must<{ items: readonly { readonly id: string }[] }>(platform, 'GET', `/v1/tenants/acme/attempts?event=${eventId}`);
      const attempt = await must(platform, 'GET', `/v1/tenants/acme/attempts/${String(items[0]?.id)}`);
      expect(attempt).toMatchObject({ class: 'invalid', errorSentence: 'Worksection needs data.object: {"id", "page"}.' });
    });
    expect(receiver.to('/invalid')).toHaveLength(1);
    expect(await hook(url)).toMatchObject({ colour: 'green', failureCount: 0 });
  });
});
