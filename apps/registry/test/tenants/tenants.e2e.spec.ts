import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRegistry, type RegistryUnderTest } from '../registry-service.js';

describe('tenants', () => {
  let registry: RegistryUnderTest;
  beforeAll(async () => void (registry = await startRegistry()));
  afterAll(() => registry.stop());

  it('PUT creates (201) with defaults, and changes only what it names (200)', async () => {
    const made = await registry.call('PUT', '/v1/tenants/acme', { body: { name: 'Acme' } });
    expect(made.headers.get('location')).toBe('/v1/tenants/acme');
    expect(made).toMatchObject({ status: 201, body: { id: 'acme', name: 'Acme', unknownEventTypes: 'accept', quotas: { eventsPerSecond: 0 }, retentionDays: 30, allowedTargets: [], version: 1 } });
    const changed = await registry.call('PUT', '/v1/tenants/acme', { body: { quotas: { eventsPerSecond: 50, eventsBurst: 100 }, unknownEventTypes: 'reject' } });
    expect(changed).toMatchObject({ status: 200, body: { name: 'Acme', unknownEventTypes: 'reject', quotas: { eventsPerSecond: 50, eventsBurst: 100 }, version: 2 } });
    expect(await registry.call('PUT', '/v1/tenants/acme', { body: {} })).toMatchObject({ status: 200, body: { version: 2 } });
    await registry.context.directory.caughtUp();
    expect(registry.context.directory.tenant('acme')).toMatchObject({ name: 'Acme', eventsPerSecond: 50, unknownEventTypes: 'reject', unknownProjects: 'accept' });
    expect((await registry.call('PUT', '/v1/tenants/acme', { body: { unknownProjects: 'reject' } })).body).toMatchObject({ unknownProjects: 'reject', unknownEventTypes: 'reject' });
  });

  it('PUT 400 for a name that is none and for targets that are none', async () => {
    for (const name of ['Acme', '-a', 'a_b', 'x'.repeat(64)]) expect((await registry.call('PUT', `/v1/tenants/${name}`, { body: {} })).status).toBe(400);
    expect((await registry.call('PUT', '/v1/tenants/acme', { body: { allowedTargets: ['10.0.0.0/8', 'not a target'] } })).body).toMatchObject({ code: 'invalid-request', errors: [{ pointer: '/allowedTargets/1' }] });
    expect((await registry.call('PUT', '/v1/tenants/acme', { body: { quota: 5 } })).body).toMatchObject({ errors: [{ pointer: '/quota' }] });
  });

  it('a tenant\'s own targets open the guard for its hooks only', async () => {
    await registry.call('PUT', '/v1/tenants/inside', { body: { allowedTargets: ['10.1.0.0/16'] } });
    await registry.tenant('outside');
    const create = (tenant: string) => registry.call('POST', `/v1/tenants/${tenant}/hooks`, { body: { name: 'n', url: 'http://10.1.2.3/' } });
    expect((await create('inside')).status).toBe(201);
    expect((await create('outside')).body.code).toBe('target-denied');
  });

  it('a tenant\'s key sees and changes its own tenant only, and not what protects others', async () => {
    await registry.tenant('mine');
    await registry.tenant('theirs');
    const key = await registry.key('mine', 'admin');
    expect((await registry.call('GET', '/v1/tenants', { key })).body.items.map(({ id }: { id: string }) => id)).toEqual(['mine']);
    expect((await registry.call('GET', '/v1/tenants/theirs', { key })).status).toBe(404);
    expect((await registry.call('PUT', '/v1/tenants/theirs', { key, body: {} })).status).toBe(404);
    expect((await registry.call('PUT', '/v1/tenants/brand-new', { key, body: {} })).status).toBe(404);
    expect((await registry.call('PUT', '/v1/tenants/mine', { key, body: { unknownEventTypes: 'reject' } })).status).toBe(200);
    expect((await registry.call('PUT', '/v1/tenants/mine', { key, body: { allowedTargets: ['127.0.0.1'] } })).status).toBe(403);
    const all = (await registry.call('GET', '/v1/tenants?limit=100')).body.items.map(({ id }: { id: string }) => id);
    expect(all).toEqual([...all].sort());
    expect(all).toContain('theirs');
  });

  it('DELETE takes all that is in it along, for every other service too, and keeps the history', async () => {
    await registry.tenant('doomed');
    await registry.tenant('bystander');
    const post = async (path: string, body: object) => (await registry.call('POST', `/v1/tenants/doomed/${path}`, { body })).body;
    const hooks = await Promise.all(Array.from({ length: 60 }, () => registry.hook('doomed')));
    const kept = await registry.hook('bystander');
    const [project, user] = [await post('projects', { key: 'P', name: 'p' }), await post('users', { name: 'u' })];
    await registry.call('PUT', `/v1/tenants/doomed/projects/${project.id}/members/${user.id}`, { body: { role: 'member' } });
    await post('event-types', { name: 'a.b' });
    const key = await registry.key('doomed', 'admin', 'publish');
    expect((await registry.call('DELETE', '/v1/tenants/doomed', { key })).body.code).toBe('missing-scope');
    expect((await registry.call('DELETE', '/v1/tenants/doomed', { headers: { 'if-match': '"9"' } })).status).toBe(412);
    expect((await registry.call('DELETE', '/v1/tenants/doomed', { headers: { 'hooklane-reason': 'moved out' } })).status).toBe(204);

    await registry.context.directory.caughtUp();
    const { directory } = registry.context;
    expect([directory.tenant('doomed'), directory.hooksOf('doomed'), directory.project('doomed', project.id), directory.eventType('doomed', 'a.b')]).toEqual([undefined, [], undefined, undefined]);
    expect(directory.hook(kept.id)).toBeDefined();
    expect((await registry.call('GET', '/v1/tenants/doomed', { key })).status).toBe(401);
    for (const path of ['', '/hooks', `/hooks/${hooks[0].id}`, '/api-keys', '/projects', '/users', '/event-types']) expect([path, (await registry.call('GET', `/v1/tenants/doomed${path}`)).status]).toEqual([path, 404]);
    expect((await registry.call('DELETE', '/v1/tenants/doomed')).status).toBe(404);
    expect((await registry.call('PUT', '/v1/tenants/doomed', { body: {} })).body.code).toBe('invalid-state');
    const { body: history } = await registry.call('GET', '/v1/tenants/doomed/history');
    expect(history.items.at(-1)).toMatchObject({ type: 'TenantDeleted', reason: 'moved out' });
    expect((await registry.call('GET', `/v1/tenants/doomed/hooks/${hooks[59].id}/history`)).body.items.at(-1)).toMatchObject({ type: 'HookDeleted', reason: 'moved out' });
  });

  it('404 for everything below a tenant that is not there', async () => {
    for (const path of ['hooks', 'event-types', 'projects', 'users', 'api-keys']) expect([path, (await registry.call('GET', `/v1/tenants/nobody/${path}`)).status]).toEqual([path, 404]);
    expect((await registry.call('POST', '/v1/tenants/nobody/hooks', { body: { name: 'n', url: 'https://a.example' } })).status).toBe(404);
  });
});
