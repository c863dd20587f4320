import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { QueryRunner } from 'typeorm';
import { AddOrderModes1763700000002 } from '../../src/adapters/migrations/add-order-modes.js';
import { startRegistry, type RegistryUnderTest } from '../registry-service.js';

describe('dropping and rebuilding the read models changes no answer (promise 7)', () => {
  let registry: RegistryUnderTest;
  beforeAll(async () => void (registry = await startRegistry()));
  afterAll(() => registry.stop());

  it('of any route, with live, changed and deleted things', async () => {
    const { call } = registry;
    const paths: string[] = ['/v1/tenants', '/v1/api-keys'];
    for (const tenant of ['acme', 'globex']) {
      const base = `/v1/tenants/${tenant}`;
      await call('PUT', base, { body: { name: tenant, quotas: { eventsPerSecond: 5 } } });
      await call('PUT', base, { body: { retentionDays: 3 } });
      for (let index = 0; index < 3; index += 1) {
        const hook = await registry.hook(tenant, { name: `h${index}`, headers: { 'X-A': '1' }, basicAuth: { user: 'u', password: 'p' }, filter: { data: { b: 1, a: { $in: [2, 'x'] } } } });
        await call('PATCH', `${base}/hooks/${hook.id}`, { body: { disablePolicy: { limit: index } } });
        await call('POST', `${base}/hooks/${hook.id}/lane/hold`);
        if (index === 1) await call('POST', `${base}/hooks/${hook.id}/disable`);
        if (index === 1) await call('POST', `${base}/hooks/${hook.id}/enable`, { body: { catchUp: 'missed' } });
        if (index === 2) await call('DELETE', `${base}/hooks/${hook.id}`);
        paths.push(`${base}/hooks/${hook.id}`, `${base}/hooks/${hook.id}/history`);
      }
      const key = (await call('POST', `${base}/api-keys`, { body: { name: 'k', scopes: ['publish'] } })).body;
      await call('POST', `${base}/api-keys/${key.id}/revoke`);
      await call('POST', `${base}/event-types`, { body: { name: 'a.b', schema: { type: 'object' }, example: { z: 1, a: [1.5] } } });
      await call('POST', `${base}/event-types`, { body: { name: 'gone' } });
      await call('DELETE', `${base}/event-types/gone`);
      const project = (await call('POST', `${base}/projects`, { body: { key: 'P', name: 'p' } })).body;
      const old = (await call('POST', `${base}/projects`, { body: { key: 'OLD', name: 'old' } })).body;
      await call('DELETE', `${base}/projects/${old.id}`);
      await call('POST', `${base}/projects`, { body: { key: 'OLD', name: 'new' } });
      const user = (await call('POST', `${base}/users`, { body: { name: 'u' } })).body;
      await call('PUT', `${base}/projects/${project.id}/members/${user.id}`, { body: { role: 'viewer' } });
      paths.push(base, `${base}/hooks`, `${base}/hooks?limit=1`, `${base}/api-keys`, `${base}/event-types`, `${base}/projects`, `${base}/projects/${project.id}/members`, `${base}/users`);
    }
    const ask = async () => Promise.all(paths.map(async (path) => {
      const { status, headers, body } = await call('GET', path);
      return { path, status, etag: headers.get('etag'), body };
    }));
    const before = await ask();
    await registry.context.database.pool('spec', 1).query('TRUNCATE registry.tenants, registry.api_keys, registry.hooks, registry.event_types, registry.projects, registry.users, registry.memberships, registry.numbers');
    expect((await call('GET', '/v1/tenants/acme')).status).toBe(404);
    const rebuilt = await call('POST', '/v1/registry/read-models/rebuild');
    expect(rebuilt.status).toBe(200);
    expect(rebuilt.body.events).toBeGreaterThan(40);
    expect(await ask()).toEqual(before);
  });

  it('nor does the migration of hooks that were made before there were order modes', async () => {
    const pool = registry.context.database.pool('spec', 1);
    const { id } = await registry.hook('acme');
    const path = `/v1/tenants/acme/hooks/${id}`;
    const { body: before } = await registry.call('GET', path);
    await pool.query(`UPDATE registry.events SET data = data #- '{config,concurrency}' #- '{config,rateLimit}' #- '{config,catchUp}' WHERE stream_id = $1`, [`hook/acme/${id}`]);
    const migration = new AddOrderModes1763700000002();
    await migration.down(pool as unknown as QueryRunner);
    await migration.up(pool as unknown as QueryRunner);
    expect((await registry.call('GET', path)).body).toEqual(before);
    await registry.call('POST', '/v1/registry/read-models/rebuild');
    expect((await registry.call('GET', path)).body).toEqual(before);
    expect((await registry.call('PATCH', path, { body: { order: 'none' } })).body).toMatchObject({ order: 'none', concurrency: 8, rateLimit: null, catchUp: 'none', version: 2 });
  });
});
