import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRegistry, type RegistryUnderTest } from '../registry-service.js';

describe('configuration is history (promise 7)', () => {
  let registry: RegistryUnderTest;
  beforeAll(async () => void (registry = await startRegistry()));
  afterAll(() => registry.stop());

  it('of tenants, projects, users, event types and keys too: who, when, why, what differed; and any past state', async () => {
    const { call } = registry;
    const base = '/v1/tenants/acme';
    const because = { 'hooklane-reason': 'an audit asked for it' };
    await call('PUT', base, { body: {} });
    const made = async (path: string, body: object): Promise<string> => (await call('POST', `${base}/${path}`, { body })).body.id;
    const project = `${base}/projects/${await made('projects', { key: 'P', name: 'before' })}`;
    const user = `${base}/users/${await made('users', { name: 'before' })}`;
    const member = `${project}/members/${user.split('/').at(-1)}`;
    await call('PUT', member, { body: { role: 'viewer' } });
    const key = `${base}/api-keys/${await made('api-keys', { name: 'k', scopes: ['publish'] })}`;
    await made('event-types', { name: 'a.b', description: 'before' });
    await new Promise((resolve) => setTimeout(resolve, 5));
    const then = new Date().toISOString();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await call('PUT', base, { body: { retentionDays: 7 }, headers: because });
    await call('PATCH', project, { body: { name: 'after' }, headers: because });
    await call('PATCH', user, { body: { name: 'after' }, headers: because });
    await call('PATCH', `${base}/event-types/a.b`, { body: { description: 'after' }, headers: because });
    await call('PUT', member, { body: { role: 'member' }, headers: because });
    await call('POST', `${key}/revoke`, { headers: because });
    for (const [path, field, before, after] of [[base, 'retentionDays', 30, 7], [project, 'name', 'before', 'after'], [user, 'name', 'before', 'after'], [`${base}/event-types/a.b`, 'description', 'before', 'after'], [key, 'revoked', false, true], [member, 'role', 'viewer', 'member']] as const) {
      const { items } = (await call('GET', `${path}/history`)).body;
      expect(items).toHaveLength(2);
      expect(items[1]).toMatchObject({ version: 2, actor: expect.stringMatching(/^key:key_/), reason: 'an audit asked for it', requestId: expect.any(String), difference: [{ field, before, after }] });
      expect((await call('GET', `${path}?at=${then}`)).body).toMatchObject({ [field]: before, version: 1 });
      expect((await call('GET', path)).body).toMatchObject({ [field]: after, version: 2 });
      const first = (await call('GET', `${path}/history?limit=1`)).body;
      expect((await call('GET', `${path}/history?limit=1&cursor=${first.next}`)).body.items[0].version).toBe(2);
    }
  });

  it('says nothing of what never was', async () => {
    for (const path of ['projects/prj_none/members/usr_none', 'projects/prj_none', 'users/usr_none', 'event-types/none', 'api-keys/key_none', 'hooks/hook_none']) expect((await registry.call('GET', `/v1/tenants/acme/${path}/history`)).status).toBe(404);
  });
});
