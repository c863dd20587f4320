import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KeyUsed, Topics } from '@hooklane/contracts/topics';
import { ADMIN_KEY, startRegistry, type RegistryUnderTest } from '../registry-service.js';

describe('API keys', () => {
  let registry: RegistryUnderTest;
  beforeAll(async () => {
    registry = await startRegistry();
    await registry.tenant('acme');
  });
  afterAll(() => registry.stop());

  it('a key is shown once, stored hashed, works at once and stops at once when it is revoked', async () => {
    const made = await registry.call('POST', '/v1/tenants/acme/api-keys', { body: { name: 'ci', scopes: ['hooks:read'] } });
    expect(made).toMatchObject({ status: 201, body: { key: expect.stringMatching(/^hl_[A-Za-z0-9_-]{43}$/), scopes: ['hooks:read'], tenant: 'acme', revoked: false, expiresAt: null, lastUsedAt: null } });
    const { id, key } = made.body;
    const use = () => registry.call('GET', '/v1/tenants/acme/hooks', { key });
    expect((await use()).status).toBe(200);
    const { body: shown } = await registry.call('GET', `/v1/tenants/acme/api-keys/${id}`);
    expect(JSON.stringify(shown)).not.toContain(key);
    const { rows } = await registry.context.database.pool('spec', 1).query('SELECT data FROM registry.events');
    expect(JSON.stringify(rows)).not.toContain(key);
    expect(await registry.call('POST', `/v1/tenants/acme/api-keys/${id}/revoke`)).toMatchObject({ status: 200, body: { revoked: true } });
    expect((await use()).status).toBe(401);
    expect((await registry.call('GET', '/v1/tenants/acme/api-keys')).body.items).toContainEqual(expect.objectContaining({ id, revoked: true }));
    expect(await registry.call('DELETE', `/v1/tenants/acme/api-keys/${id}`)).toMatchObject({ status: 200, body: { revoked: true, version: 2 } });
  });

  it('a key ends at its expiry; one that is past is refused', async () => {
    const expiresAt = new Date(Date.now() + 700).toISOString();
    const { body } = await registry.call('POST', '/v1/tenants/acme/api-keys', { body: { name: 'short', scopes: ['hooks:read'], expiresAt } });
    expect((await registry.call('GET', '/v1/tenants/acme/hooks', { key: body.key })).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 800));
    expect((await registry.call('GET', '/v1/tenants/acme/hooks', { key: body.key })).status).toBe(401);
    expect((await registry.call('POST', '/v1/tenants/acme/api-keys', { body: { name: 'past', scopes: ['publish'], expiresAt: '2020-01-01T00:00:00Z' } })).body).toMatchObject({ code: 'invalid-request', errors: [{ pointer: '/expiresAt' }] });
    expect((await registry.call('POST', '/v1/tenants/acme/api-keys', { body: { name: 'x', scopes: ['fly'] } })).status).toBe(400);
  });

  it('says when a key was used last', async () => {
    const { body } = await registry.call('POST', '/v1/tenants/acme/api-keys', { body: { name: 'used', scopes: ['publish'] } });
    const append = (usedAtMs: number) => registry.context.log.append([{ topic: Topics.keysUsed, partition: 0, key: body.id, value: KeyUsed.encode({ keyId: body.id, usedAtMs }).finish() }]);
    await append(1_700_000_060_000);
    await append(1_700_000_000_000);
    for (const end = Date.now() + 30_000; ; ) {
      const shown = (await registry.call('GET', `/v1/tenants/acme/api-keys/${body.id}`)).body.lastUsedAt;
      if (shown === new Date(1_700_000_060_000).toISOString()) break;
      expect(Date.now()).toBeLessThan(end);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });

  it('platform keys are the platform\'s alone, and the configured one is the first', async () => {
    const { body } = await registry.call('GET', '/v1/api-keys');
    expect(body.items).toHaveLength(1);
    expect(body.items[0]).toMatchObject({ tenant: null, scopes: ['admin'], name: 'Configured admin key' });
    expect(await registry.service.adminKeys!.ensureFirst()).toBeNull();
    const another = await registry.service.adminKeys!.create('cli');
    expect((await registry.call('GET', '/v1/api-keys', { key: another })).body.items).toHaveLength(2);
    const tenantKey = await registry.key('acme', 'admin');
    for (const [method, path] of [['GET', '/v1/api-keys'], ['POST', '/v1/api-keys'], ['GET', `/v1/api-keys/${body.items[0].id}`], ['POST', `/v1/api-keys/${body.items[0].id}/revoke`], ['DELETE', `/v1/api-keys/${body.items[0].id}`]] as const) {
      expect((await registry.call(method, path, { key: tenantKey })).status).toBe(404);
    }
    expect((await registry.call('GET', '/v1/api-keys', { key: ADMIN_KEY })).status).toBe(200);
  });
});
