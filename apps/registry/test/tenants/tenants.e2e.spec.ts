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
    expect(registry.context.directory.tenant('acme')).toMatchObject({ name: 'Acme', eventsPerSecond: 50, unknownEventTypes: 'reject' });
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

  it('404 for everything below a tenant that is not there', async () => {
    for (const path of ['hooks', 'event-types', 'projects', 'users', 'api-keys']) expect([path, (await registry.call('GET', `/v1/tenants/nobody/${path}`)).status]).toEqual([path, 404]);
    expect((await registry.call('POST', '/v1/tenants/nobody/hooks', { body: { name: 'n', url: 'https://a.example' } })).status).toBe(404);
  });
});
