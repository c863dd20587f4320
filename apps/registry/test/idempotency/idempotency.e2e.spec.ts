import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Topics } from '@hooklane/contracts/topics';
import { partitionOf } from '@hooklane/event-log';
import { startRegistry, type RegistryUnderTest } from '../registry-service.js';

const openapi = JSON.parse(readFileSync(new URL('../../../../docs/openapi.json', import.meta.url), 'utf8')) as { paths: Record<string, object> };
/** Routes of event-ingest, delivery and log-query. */
const OF_OTHERS = /\/events(:batch)?$|\/test$|\/resend$|\/replays(\/|$)|^\/v1\/incidents\//;

describe('Idempotency-Key', () => {
  let registry: RegistryUnderTest;
  beforeAll(async () => {
    registry = await startRegistry();
    await registry.tenant('acme');
    await registry.tenant('other');
  });
  afterAll(() => registry.stop());

  const body = { name: 'n', url: 'https://a.example' };
  const create = (key: string, fields: object = {}, tenant = 'acme') => registry.call('POST', `/v1/tenants/${tenant}/hooks`, { body: { ...body, ...fields }, headers: { 'idempotency-key': key } });

  it('the same request gets the same answer, secret and ETag included, and makes nothing new', async () => {
    const first = await create('k-1');
    const again = await create('k-1');
    expect(again.status).toBe(201);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('etag')).toBe(first.headers.get('etag'));
    const { body: list } = await registry.call('GET', '/v1/tenants/acme/hooks?limit=100');
    expect(list.items.filter(({ id }: { id: string }) => id === first.body.id)).toHaveLength(1);
  });

  it('another request with the key gets 409, and so does another caller', async () => {
    await create('k-2');
    expect(await create('k-2', { name: 'else' })).toMatchObject({ status: 409, body: { code: 'id-reused' } });
    const key = await registry.key('acme', 'hooks:write');
    expect(await registry.call('POST', '/v1/tenants/acme/hooks', { body, key, headers: { 'idempotency-key': 'k-2' } })).toMatchObject({ status: 409 });
  });

  it('is the tenant\'s own', async () => {
    const here = await create('k-3');
    const there = await create('k-3', {}, 'other');
    expect(there.status).toBe(201);
    expect(there.body.id).not.toBe(here.body.id);
  });

  it('of many at once exactly one makes something', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => create('k-4')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ body: { id } }) => id)).size).toBe(1);
    expect(new Set(answers.map(({ body: { secret } }) => secret)).size).toBe(1);
  });

  it('a refused request does not use the key up', async () => {
    expect((await create('k-5', { url: 'nonsense' })).status).toBe(422);
    expect((await create('k-5')).status).toBe(201);
  });

  it('holds for every POST of the registry', async () => {
    const hook = await registry.hook('acme');
    const keyOf = async (path: string): Promise<string> => (await registry.call('POST', path, { body: { name: 'k', scopes: ['publish'] } })).body.id;
    const posts: [string, object | undefined][] = [
      [`/v1/tenants/acme/hooks/${hook.id}/disable`, undefined],
      [`/v1/tenants/acme/hooks/${hook.id}/enable`, { catchUp: 'missed' }],
      [`/v1/tenants/acme/hooks/${hook.id}/lane/retry-now`, undefined],
      [`/v1/tenants/acme/hooks/${hook.id}/lane/skip-head`, { deliveryId: `dlv_${partitionOf(hook.id, registry.context.log.partitionsOf(Topics.deliveriesRequested))}_0_${hook.id}` }],
      [`/v1/tenants/acme/hooks/${hook.id}/lane/hold`, undefined],
      [`/v1/tenants/acme/hooks/${hook.id}/lane/release`, { reason: 'r' }],
      [`/v1/tenants/acme/hooks/${hook.id}/lane/release-catch-up`, undefined],
      [`/v1/tenants/acme/hooks/${hook.id}/rotate-secret`, {}],
      ['/v1/tenants/acme/api-keys', { name: 'k', scopes: ['publish'] }],
      ['/v1/api-keys', { name: 'k', scopes: ['publish'] }],
      ['/v1/tenants/acme/projects', { key: 'P1', name: 'p' }],
      ['/v1/tenants/acme/users', { name: 'u' }],
      ['/v1/tenants/acme/event-types', { name: 'order.created' }],
      ['/v1/tenants/acme/hooks', body],
      ['/v1/tenants/acme/sources', { kind: 'token', name: 's', user: (await registry.call('POST', '/v1/tenants/acme/users', { body: { name: 'sender' } })).body.id, header: 'X-Token', secret: 'hidden' }],
      ['/v1/tenants/acme/imports', { dialect: 'taiga', hooks: [{ id: 1, project: 1, name: 'i', url: 'https://receiver.example/i', key: 'k' }], dryRun: false }],
      [`/v1/tenants/acme/api-keys/${await keyOf('/v1/tenants/acme/api-keys')}/revoke`, undefined],
      [`/v1/api-keys/${await keyOf('/v1/api-keys')}/revoke`, undefined],
      ['/v1/registry/read-models/rebuild', undefined],
    ];
    for (const [index, [path, post]] of posts.entries()) {
      const send = () => registry.call('POST', path, { body: post, headers: { 'idempotency-key': `every-${index}` } });
      const first = await send();
      expect([path, first.status < 300]).toEqual([path, true]);
      if (first.status === 201) expect(await registry.call('GET', first.headers.get('location')!)).toMatchObject({ status: 200, body: { createdAt: first.body.createdAt } });
      expect(await send()).toMatchObject({ status: first.status, body: first.body });
      const other = await registry.call('POST', '/v1/tenants/acme/users', { body: { name: 'somebody else' }, headers: { 'idempotency-key': `every-${index}` } });
      // Keys of the platform, and those of what is more than one change, are other keys.
      expect([path, other.status]).toEqual([path, path.startsWith('/v1/tenants/') && !path.endsWith('/imports') ? 409 : 201]);
    }
    const documented = Object.entries(openapi.paths).filter(([path, methods]) => 'post' in methods && !OF_OTHERS.test(path));
    expect(documented.filter(([path]) => !posts.some(([one]) => new RegExp(`^${path.replace(/\{[^}]+\}/g, '[^/]+')}$`).test(one))).map(([path]) => path)).toEqual([]);
  });

  it('refuses a key that is none', async () => {
    for (const key of ['', 'a b', 'x'.repeat(256)]) expect((await create(key)).status).toBe(400);
  });
});
