import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startIcescrum, type IcescrumServer } from './icescrum-server.js';

describe('hooks of a project over iceScrum\'s REST API', () => {
  let server: IcescrumServer;
  beforeAll(async () => {
    server = await startIcescrum();
  });
  afterAll(() => server.registry.stop());

  it('POST 201 with the whole object; GET 200 shows the same, with the secret and the address as they were given', async () => {
    const hook = { url: 'https://receiver.example/in?token=t', events: ['story.create', 'story.state'], enabled: true, ignoreSsl: false, secret: 's3cr3t' };
    const { status, body, headers } = await server.ws('POST', '/project/SHOP/hook', { body: { hook } });
    expect(status).toBe(201);
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(body).toEqual({
      class: 'Hook', id: expect.any(Number), ...hook, source: 'resthook', workspaceId: 1, workspaceType: 'project', eventMessageRendererClass: null,
      countErrors: 0, lastError: null, dateCreated: time, lastUpdated: time, dateLastRequest: null,
    });
    expect(await server.ws('GET', `/project/SHOP/hook/${body.id}`)).toMatchObject({ status: 200, body });
  });

  it('a new hook is enabled, verifies certificates and has no secret where nobody says', async () => {
    expect(await server.hook()).toMatchObject({ enabled: true, ignoreSsl: false, secret: null });
  });

  it('GET 200 lists the hooks of this project by their numbers, any number of them (I18), and those of no other', async () => {
    const { body: before } = await server.ws('GET', '/project/SECOND/hook', { as: 'admin' });
    expect(before).toEqual([]);
    const ids: number[] = [];
    for (let n = 0; n < 12; n += 1) ids.push((await server.hook({ url: `https://receiver.example/${n}` })).id as number);
    const { status, body } = await server.ws('GET', '/project/SHOP/hook');
    expect(status).toBe(200);
    expect(body.map(({ id }: { id: number }) => id).slice(-12)).toEqual(ids);
    expect((await server.ws('GET', '/project/SECOND/hook', { as: 'admin' })).body).toEqual([]);
  });

  it.each(['PUT', 'POST'])('%s 200 changes what it names and leaves the rest', async (method) => {
    const { id } = await server.hook({ secret: 'a', events: ['story.create', 'task.create'] });
    const path = `/project/SHOP/hook/${id}`;
    const changed = await server.ws(method, path, { body: { hook: { url: 'https://receiver.example/other', ignoreSsl: true } } });
    expect(changed).toMatchObject({ status: 200, body: { id, url: 'https://receiver.example/other', ignoreSsl: true, secret: 'a', events: ['story.create', 'task.create'], enabled: true } });
    expect((await server.ws(method, path, { body: { hook: { events: ['sprint.state'], secret: 'b', enabled: false } } })).body).toMatchObject({ events: ['sprint.state'], secret: 'b', enabled: false, ignoreSsl: true });
    expect((await server.ws(method, path, { body: { hook: { secret: '' } } })).body).toMatchObject({ secret: null, events: ['sprint.state'] });
    expect((await server.ws('GET', path)).body).toMatchObject({ url: 'https://receiver.example/other', secret: null, enabled: false });
  });

  it('PUT 200 with the object as it was read changes nothing', async () => {
    const read = await server.hook({ secret: 'a', events: ['story.create', 'task.create'], ignoreSsl: true });
    expect((await server.ws('PUT', `/project/SHOP/hook/${read.id}`, { body: { hook: read } })).body).toEqual(read);
  });

  it('DELETE 204 without a body, then 404', async () => {
    const { id } = await server.hook();
    expect(await server.ws('DELETE', `/project/SHOP/hook/${id}`)).toMatchObject({ status: 204, text: '' });
    for (const method of ['GET', 'PUT', 'POST', 'DELETE']) {
      expect(await server.ws(method, `/project/SHOP/hook/${id}`, method === 'GET' ? {} : { body: { hook: {} } })).toMatchObject({ status: 404, body: { text: expect.any(String) } });
    }
    expect((await server.hook()).id).toBeGreaterThan(id);
  });

  it('drops unknown codes, strips spaces, and takes "Story events" by their codes and all 56 of a project', async () => {
    expect((await server.hook({ events: [' story.create', 'nonsense', 'story. state '] })).events).toEqual(['story.create', 'story.state']);
    const all = (await server.registry.call('GET', '/v1/tenants/acme/hooks')).body;
    expect(all.items.length).toBeGreaterThan(0);
    expect((await server.hook({ events: 'story.create,story.update,story.delete,story.state' })).events).toEqual(['story.create', 'story.update', 'story.delete', 'story.state']);
  });

  it('takes a form as the pages of the product send it', async () => {
    const body = 'hook.url=https%3A%2F%2Freceiver.example%2Fform&hook.events=story.create&hook.events=story.state&hook.enabled=false';
    const { status, body: hook } = await server.ws('POST', '/project/SHOP/hook', { body, headers: { 'content-type': 'application/x-www-form-urlencoded' } });
    expect([status, hook.url, hook.events, hook.enabled]).toEqual([201, 'https://receiver.example/form', ['story.create', 'story.state'], false]);
  });

  it('finds the project by its number too', async () => {
    const { id } = await server.hook();
    expect((await server.ws('GET', `/project/1/hook/${id}`)).status).toBe(200);
    expect((await server.ws('GET', '/project/99/hook', { as: 'admin' })).status).toBe(404);
  });

  it.each([
    ['x-icescrum-token', {}], ['x-gitlab-token', {}], ['x-auth-token', {}], ['X-ICESCRUM-TOKEN', {}],
  ])('takes the token from the header %s', async (name) => {
    expect((await server.ws('GET', '/project/SHOP/hook', { as: null, headers: { [name]: server.tokens.owner } })).status).toBe(200);
  });

  it('takes the token from the query', async () => {
    expect((await server.ws('GET', `/project/SHOP/hook?icescrum-token=${server.tokens.owner}`, { as: null })).status).toBe(200);
  });

  it.each(['owner', 'master', 'admin'] as const)('is for the %s', async (as) => {
    const { id } = await server.hook();
    expect((await server.ws('GET', '/project/SHOP/hook', { as })).status).toBe(200);
    expect((await server.ws('PUT', `/project/SHOP/hook/${id}`, { as, body: { hook: { enabled: false } } })).status).toBe(200);
    expect((await server.ws('DELETE', `/project/SHOP/hook/${id}`, { as })).status).toBe(204);
  });

  it('a project needs its Webhooks app: a blocked one has it no more, 403, until it is unblocked (I5)', async () => {
    const { id } = await server.hook();
    const block = (blocked: boolean) => server.registry.call('PATCH', `/v1/tenants/acme/projects/${server.projectId}`, { body: { blocked } });
    await block(true);
    for (const [method, path] of [['GET', ''], ['POST', ''], ['GET', `/${id}`], ['PUT', `/${id}`], ['DELETE', `/${id}`]] as const) {
      expect(await server.ws(method, `/project/SHOP/hook${path}`)).toMatchObject({ status: 403, body: { text: expect.stringContaining('Webhooks app') } });
    }
    await block(false);
    expect((await server.ws('GET', `/project/SHOP/hook/${id}`)).status).toBe(200);
  });

  it('takes an address without TLS and warns of it where Hooklane shows the hook (I7)', async () => {
    await server.hook({ url: 'http://receiver.example/plain' });
    const { body } = await server.registry.call('GET', '/v1/tenants/acme/hooks?limit=200');
    expect(body.items.at(-1)).toMatchObject({ url: 'http://receiver.example/plain', warnings: [{ code: 'insecure-url' }] });
  });

  it('tells the history who did it, and where the hook came from', async () => {
    await server.hook({ url: 'https://receiver.example/told' });
    const { body } = await server.registry.call('GET', '/v1/tenants/acme/hooks?limit=200');
    const native = body.items.at(-1);
    expect(native).toMatchObject({ dialect: 'icescrum', origin: 'icescrum', url: 'https://receiver.example/told', name: 'receiver.example', projects: [server.projectId, 'SHOP'], disablePolicy: { limit: 5, count: 'in-a-row' } });
    const { body: history } = await server.registry.call('GET', `/v1/tenants/acme/hooks/${native.id}/history`);
    expect(history.items[0].actor).toMatch(/^(user|key):/);
  });
});
