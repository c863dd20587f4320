import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startIcescrum, type IcescrumServer } from './icescrum-server.js';

const routes = [['GET', '/hook'], ['POST', '/hook'], ['GET', '/hook/1'], ['PUT', '/hook/1'], ['POST', '/hook/1'], ['DELETE', '/hook/1']] as const;

describe('hooks of the server, switched off as in the product', () => {
  let server: IcescrumServer;
  beforeAll(async () => {
    server = await startIcescrum();
  });
  afterAll(() => server.registry.stop());

  it.each(routes)('%s /ws%s: 503 to administrators, 403 to others, 401 to nobody', async (method, path) => {
    for (const [as, status] of [['admin', 503], ['owner', 403], ['reader', 403], [null, 401]] as const) {
      expect(await server.ws(method, path, { as })).toMatchObject({ status, body: { text: expect.any(String) } });
    }
  });
});

describe('hooks of the server, switched on', () => {
  let server: IcescrumServer;
  beforeAll(async () => {
    server = await startIcescrum({ HOOKLANE_ICESCRUM_SERVER_HOOKS: 'true', HOOKLANE_ICESCRUM_FAILURE_LIMIT: '9' });
  });
  afterAll(() => server.registry.stop());

  it('are made, listed, read, changed and deleted by administrators, with the codes of the server', async () => {
    const { status, body } = await server.ws('POST', '/hook', { as: 'admin', body: { hook: { url: 'https://receiver.example/in', events: ['user.create', 'project.delete', 'story.create'] } } });
    expect([status, body.workspaceId, body.workspaceType, body.events]).toEqual([201, null, null, ['user.create', 'project.delete']]);
    expect((await server.ws('GET', '/hook', { as: 'admin' })).body).toEqual([body]);
    expect((await server.ws('GET', `/hook/${body.id}`, { as: 'admin' })).body).toEqual(body);
    expect((await server.ws('PUT', `/hook/${body.id}`, { as: 'admin', body: { hook: { enabled: false } } })).body).toMatchObject({ id: body.id, enabled: false });
    expect((await server.ws('POST', `/hook/${body.id}`, { as: 'admin', body: { hook: { enabled: true } } })).body).toMatchObject({ id: body.id, enabled: true });
    expect((await server.ws('GET', `/project/SHOP/hook/${body.id}`)).status).toBe(404);
    expect((await server.ws('GET', '/project/SHOP/hook')).body).toEqual([]);
    expect((await server.ws('DELETE', `/hook/${body.id}`, { as: 'admin' })).status).toBe(204);
    expect((await server.ws('GET', `/hook/${body.id}`, { as: 'admin' })).status).toBe(404);
  });

  it('are for administrators only', async () => {
    for (const as of ['owner', 'master', 'member', 'reader'] as const) for (const [method, path] of routes) expect((await server.ws(method, path, { as })).status).toBe(403);
  });

  it('a project\'s codes alone are none for the server', async () => {
    expect(await server.ws('POST', '/hook', { as: 'admin', body: { hook: { url: 'https://receiver.example/in', events: ['story.create'] } } })).toMatchObject({ status: 400, body: [{ text: expect.stringMatching(/ - events$/) }] });
  });

  it('the limit of the administrator is that of every new iceScrum hook, wherever it is made; a hook can have another (I17)', async () => {
    const { items } = (await server.registry.call('GET', '/v1/dialects')).body;
    expect(items.find(({ name }: { name: string }) => name === 'icescrum').defaults.disablePolicy).toEqual({ limit: 9, count: 'in-a-row' });
    await server.hook();
    await server.registry.hook('acme', { dialect: 'icescrum', eventTypes: ['story.create'] });
    await server.registry.hook('acme', { dialect: 'icescrum', eventTypes: ['story.create'], disablePolicy: { limit: 2 } });
    const { body } = await server.registry.call('GET', '/v1/tenants/acme/hooks');
    expect(body.items.map(({ disablePolicy }: { disablePolicy: { limit: number } }) => disablePolicy.limit)).toEqual([9, 9, 2]);
    expect((await server.registry.call('PATCH', `/v1/tenants/acme/hooks/${body.items[2].id}`, { body: { disablePolicy: null } })).body.disablePolicy).toEqual({ limit: 9, count: 'in-a-row' });
  });
});
