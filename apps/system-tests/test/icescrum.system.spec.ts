import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { behaviours, eventually, eventuallyPasses, startReceiver, type ReceivedRequest, type Receiver } from '@hooklane/testkit';
import { call, must } from '../src/platform/client.js';
import { modes } from '../src/platform/modes.js';
import type { Platform } from '../src/platform/platform.js';
import { startSelfSignedReceiver, type SelfSignedReceiver } from '../src/scenario/self-signed-receiver.js';

const SECRET = 'pump-s3cr3t';
const story = (state: number): string => `{ "class": "Story", "id": 23, "effort": 8.0, "name": "Pümpe", "state": ${state} }`;
const sent = (state: number): string => `{"class":"Story","id":23,"effort":8.0,"name":"Pümpe","state":${state}}`;

interface IcescrumHook {
  readonly id: number;
  readonly enabled: boolean;
  readonly countErrors: number;
  readonly lastError: string | null;
  readonly dateLastRequest: string | null;
}

describe.each(modes)('iceScrum\'s webhooks, $mode', ({ start }) => {
  let platform: Platform;
  let receiver: Receiver;
  let selfSigned: SelfSignedReceiver;
  let token: string;

  beforeAll(async () => {
    receiver = await startReceiver();
    selfSigned = await startSelfSignedReceiver();
    platform = await start();
    await must(platform, 'PUT', '/v1/tenants/acme', { name: 'Acme' });
    const project = await must<{ id: string }>(platform, 'POST', '/v1/tenants/acme/projects', { key: 'SHOP', name: 'Shop' });
    const user = await must<{ id: string }>(platform, 'POST', '/v1/tenants/acme/users', { name: 'Ana', role: 'member' });
    await must(platform, 'PUT', `/v1/tenants/acme/projects/${project.id}/members/${user.id}`, { role: 'product-owner' });
    token = (await must<{ key: string }>(platform, 'POST', '/v1/tenants/acme/api-keys', { name: 'Ana', scopes: ['hooks:write'], user: user.id })).key;
  }, 120_000);

  afterAll(async () => {
    await receiver?.stop();
    await selfSigned?.stop();
    await platform?.stop();
  }, 60_000);

  const ws = <Body = IcescrumHook>(method: string, path: string, hook?: object) => call<Body>(platform, method, `/ws/project/SHOP/hook${path}`, hook && { hook }, { 'x-icescrum-token': token, accept: 'application/json' });
  const read = async (id: number): Promise<IcescrumHook> => (await ws('GET', `/${id}`)).body;
  const publish = (type: string, data: string): Promise<unknown> => must(platform, 'POST', '/v1/tenants/acme/events', `{"type":"${type}","project":"SHOP","data":${data}}`);
  const native = async (path: string): Promise<{ id: string; colour: string; disabledReason: string | null }> => {
    const { items } = await must<{ items: { id: string; url: string; colour: string; disabledReason: string | null }[] }>(platform, 'GET', '/v1/tenants/acme/hooks');
    return items.find(({ url }) => url === receiver.url(path))!;
  };

  async function made(path: string, fields: object): Promise<number> {
    const { status, body } = await ws('POST', '', { url: receiver.url(path), secret: SECRET, ...fields });
    expect(status).toBe(201);
    return body.id;
  }

  /** As a receiver does: the code, and the digest over the bytes as they came. */
  function verified({ headers, body }: ReceivedRequest): { readonly code: unknown; readonly body: string } {
    expect(headers['content-type']).toBe('application/json');
    expect(headers['x-icescrum-signature']).toBe(createHmac('sha1', SECRET).update(body).digest('hex'));
    return { code: headers['x-icescrum-event'], body: body.toString('utf8') };
  }

  it('made through the API of iceScrum: the receiver verifies; 5 failures in a row disable it; repaired and enabled by an update it is green again (I3, I13–I17)', async () => {
    const path = '/icescrum/story';
    const id = await made(path, { events: ['story.create', 'story.update', 'story.state'] });
    await publish('story.update', story(1));
    await publish('task.update', story(1));
    await publish('story.state', story(2));
    const first = await receiver.waitFor(2, { path });
    expect(first.map(verified)).toEqual([{ code: 'story.update', body: sent(1) }, { code: 'story.state', body: sent(2) }]);
    await eventuallyPasses(async () => expect(await read(id)).toMatchObject({ enabled: true, countErrors: 0, lastError: null, dateLastRequest: expect.any(String) }));

    receiver.on(path, behaviours.failFirst(4, 500));
    for (let n = 0; n < 4; n += 1) await publish('story.update', story(n));
    await eventuallyPasses(async () => expect(await read(id)).toMatchObject({ enabled: true, countErrors: 4, lastError: expect.stringMatching(/^StatusCode: 500 - statusLine: HTTP\/1\.1 500 Internal Server Error - data: /) }));
    expect((await native(path)).colour).toBe('orange');
    await publish('story.update', story(4));
    await eventuallyPasses(async () => expect(await read(id)).toMatchObject({ enabled: true, countErrors: 0, lastError: null }));

    receiver.on(path, behaviours.status(500));
    for (let n = 0; n < 7; n += 1) await publish('story.update', story(n));
    await eventuallyPasses(async () => expect(await read(id)).toMatchObject({ enabled: false, countErrors: 5, lastError: expect.stringContaining('StatusCode: 500') }));
    expect(await native(path)).toMatchObject({ colour: 'gray', disabledReason: 'failure-limit' });
    expect(receiver.to(path)).toHaveLength(2 + 4 + 1 + 5);

    receiver.on(path, behaviours.status(302));
    expect((await ws('PUT', `/${id}`, { enabled: true })).body).toMatchObject({ enabled: true, countErrors: 0, lastError: null });
    await publish('story.create', story(7));
    const all = await receiver.waitFor(13, { path });
    expect(verified(all[12]!)).toEqual({ code: 'story.create', body: sent(7) });
    await eventuallyPasses(async () => expect((await native(path)).colour).toBe('green'));
  }, 90_000);

  it('a change of state comes to who asked for updates too, called by what each asked for, once', async () => {
    await made('/icescrum/update', { events: ['story.update'] });
    await made('/icescrum/state', { events: ['story.state'] });
    await made('/icescrum/both', { events: ['story.update', 'story.state'] });
    await publish('story.state', story(3));
    await publish('story.update', story(4));
    const codes = async (path: string, count: number): Promise<unknown[]> => (await receiver.waitFor(count, { path })).map((request) => [verified(request).code, verified(request).body]);
    expect(await codes('/icescrum/update', 2)).toEqual([['story.update', sent(3)], ['story.update', sent(4)]]);
    expect(await codes('/icescrum/both', 2)).toEqual([['story.state', sent(3)], ['story.update', sent(4)]]);
    expect(await codes('/icescrum/state', 1)).toEqual([['story.state', sent(3)]]);
  });

  it('an address whose certificate nobody vouches for gets nothing, unless SSL verification is switched off for the hook (I9)', async () => {
    const { body: hook } = await ws('POST', '', { url: selfSigned.url, events: ['release.create'] });
    await publish('release.create', '{"class":"Release","id":2}');
    await eventuallyPasses(async () => expect(await read(hook.id)).toMatchObject({ countErrors: 1, lastError: expect.stringMatching(/^StatusCode: 0 - statusLine: null - data: /) }));
    expect(selfSigned.requests()).toBe(0);
    expect((await ws('PUT', `/${hook.id}`, { ignoreSsl: true })).body).toMatchObject({ ignoreSsl: true });
    await publish('release.create', '{"class":"Release","id":2}');
    await eventuallyPasses(async () => expect(await read(hook.id)).toMatchObject({ countErrors: 0, dateLastRequest: expect.any(String) }));
    expect(selfSigned.requests()).toBe(1);
  });

  it('the general test, for the product has none, sends the sample of an update of a story, signed, and counts nothing', async () => {
    const path = '/icescrum/tested';
    const id = await made(path, { events: ['sprint.state'] });
    receiver.on(path, behaviours.status(500));
    await must(platform, 'POST', `/v1/tenants/acme/hooks/${(await native(path)).id}/test`, {});
    const [request] = await receiver.waitFor(1, { path });
    expect(verified(request!)).toEqual({ code: 'story.update', body: expect.stringMatching(/^\{"class":"Story","id":23,"acceptanceTests_count":2,/) });
    // A success later is what shows that the test was read and not counted.
    receiver.on(path, behaviours.status(200));
    await publish('sprint.state', '{"class":"Sprint","id":5}');
    await eventuallyPasses(async () => expect(await read(id)).toMatchObject({ countErrors: 0, lastError: null, dateLastRequest: expect.any(String) }));
  });

  it('a disabled hook gets nothing (I11)', async () => {
    const path = '/icescrum/disabled';
    const id = await made(path, { events: ['meeting.create'], enabled: false });
    await publish('meeting.create', '{"class":"Meeting","id":6}');
    await ws('PUT', `/${id}`, { enabled: true });
    await publish('meeting.create', '{"class":"Meeting","id":7}');
    const requests = await receiver.waitFor(1, { path });
    expect(requests.map((request) => verified(request).body)).toEqual(['{"class":"Meeting","id":7}']);
  });

  it('410 deletes the hook; its history stays readable and says why', async () => {
    const path = '/icescrum/gone';
    const id = await made(path, { events: ['sprint.state'] });
    const { id: hookId } = await native(path);
    receiver.on(path, behaviours.status(410));
    await publish('sprint.state', '{"class":"Sprint","id":5}');
    await eventuallyPasses(async () => expect((await ws('GET', `/${id}`)).status).toBe(404));
    const { items } = await must<{ items: { type: string; actor: string; reason: string }[] }>(platform, 'GET', `/v1/tenants/acme/hooks/${hookId}/history`);
    expect(items.at(-1)).toMatchObject({ type: 'HookDeleted', actor: 'system:delivery', reason: expect.stringContaining('410') });
    await publish('sprint.state', '{"class":"Sprint","id":5}');
    expect(receiver.to(path)).toHaveLength(1);
  });

  it('what is no item of iceScrum is never sent: the event\'s delivery says why', async () => {
    const path = '/icescrum/comments';
    await made(path, { events: ['story.addedComment'] });
    await publish('story.addedComment', '{"class":"Story","id":23}');
    await publish('story.addedComment', '{"class":"Comment","id":41,"body":"Worn"}');
    const [only] = await receiver.waitFor(1, { path });
    expect(verified(only!)).toEqual({ code: 'story.addedComment', body: '{"class":"Comment","id":41,"body":"Worn"}' });
    const { id: hook } = await native(path);
    const invalid = await eventually(async () => {
      const { items } = await must<{ items: { id: string; class: string }[] }>(platform, 'GET', `/v1/tenants/acme/attempts?hook=${hook}`);
      return items.find((attempt) => attempt.class === 'invalid');
    }, 'the attempt that was none');
    expect(JSON.stringify(await must(platform, 'GET', `/v1/tenants/acme/attempts/${invalid.id}`))).toContain('must be \\"Comment\\"');
    expect(receiver.to(path)).toHaveLength(1);
  });
});
