import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRegistry, type RegistryUnderTest } from '../registry-service.js';

describe('projects, users and who has which role', () => {
  let registry: RegistryUnderTest;
  beforeAll(async () => {
    registry = await startRegistry();
    await registry.tenant('acme');
  });
  afterAll(() => registry.stop());
  const post = (path: string, body: object) => registry.call('POST', `/v1/tenants/acme/${path}`, { body });

  it('a project\'s key is unique among the tenant\'s live ones', async () => {
    const made = await post('projects', { key: 'SHOP', name: 'Shop' });
    expect(made).toMatchObject({ status: 201, body: { id: expect.stringMatching(/^prj_/), key: 'SHOP', blocked: false, version: 1 } });
    expect(await post('projects', { key: 'SHOP', name: 'Another' })).toMatchObject({ status: 409, body: { code: 'already-exists' } });
    const other = (await post('projects', { key: 'BLOG', name: 'Blog' })).body;
    expect((await registry.call('PATCH', `/v1/tenants/acme/projects/${other.id}`, { body: { key: 'SHOP' } })).status).toBe(409);
    expect(await registry.call('PATCH', `/v1/tenants/acme/projects/${made.body.id}`, { body: { blocked: true } })).toMatchObject({ status: 200, body: { blocked: true, version: 2 } });
    await registry.context.directory.caughtUp();
    expect(registry.context.directory.project('acme', made.body.id)).toMatchObject({ key: 'SHOP', blocked: true });
    expect((await registry.call('DELETE', `/v1/tenants/acme/projects/${made.body.id}`)).status).toBe(204);
    expect((await post('projects', { key: 'SHOP', name: 'Shop again' })).status).toBe(201);
    await registry.context.directory.caughtUp();
    expect(registry.context.directory.project('acme', made.body.id)).toBeUndefined();
  });

  it('users get roles in projects', async () => {
    const project = (await post('projects', { key: 'TEAM', name: 'Team' })).body.id;
    const user = (await post('users', { name: 'Ada', email: 'ada@example.com', role: 'admin' })).body;
    expect(user).toMatchObject({ id: expect.stringMatching(/^usr_/), role: 'admin', email: 'ada@example.com' });
    const member = `/v1/tenants/acme/projects/${project}/members/${user.id}`;
    expect(await registry.call('PUT', member, { body: { role: 'member' } })).toMatchObject({ status: 201, body: { project, user: user.id, role: 'member' } });
    expect(await registry.call('PUT', member, { body: { role: 'viewer' } })).toMatchObject({ status: 200, body: { role: 'viewer', version: 2 } });
    expect((await registry.call('GET', `/v1/tenants/acme/projects/${project}/members`)).body.items).toHaveLength(1);
    expect((await registry.call('DELETE', member)).status).toBe(204);
    expect((await registry.call('GET', `/v1/tenants/acme/projects/${project}/members`)).body.items).toHaveLength(0);
    expect((await registry.call('PUT', `/v1/tenants/acme/projects/${project}/members/usr_none`, { body: { role: 'viewer' } })).status).toBe(404);
    expect((await registry.call('PUT', `/v1/tenants/acme/projects/prj_none/members/${user.id}`, { body: { role: 'viewer' } })).status).toBe(404);
    expect(await registry.call('PATCH', `/v1/tenants/acme/users/${user.id}`, { body: { email: null } })).toMatchObject({ status: 200, body: { email: null, name: 'Ada' } });
    expect((await post('users', { name: 'X', email: 'nonsense' })).status).toBe(400);
  });
});
