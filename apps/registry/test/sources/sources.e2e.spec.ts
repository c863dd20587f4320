import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Topics } from '@hooklane/contracts/topics';
import { sourceKinds } from '@hooklane/contracts/rest';
import { inboundKindNames } from '@hooklane/dialects';
import { startRegistry, type RegistryUnderTest } from '../registry-service.js';

describe('inbound sources', () => {
  let registry: RegistryUnderTest;
  let user: string;
  beforeAll(async () => {
    registry = await startRegistry();
    await registry.tenant('acme');
    user = (await registry.call('POST', '/v1/tenants/acme/users', { body: { name: 'Ana' } })).body.id as string;
  });
  afterAll(() => registry.stop());
  const post = (body: object, headers: Record<string, string> = {}) => registry.call('POST', '/v1/tenants/acme/sources', { body, headers });
  const tiki = (more: object = {}) => post({ kind: 'tiki', name: 'Mautic', user, header: 'Webhook-Signature', secret: 'pasted', ...more });
  const directory = async () => {
    await registry.context.directory.caughtUp();
    return registry.context.directory.sourcesOf('acme');
  };

  it('a Tiki handler begins as in Tiki, shows its receiving URL and never its secret, and changes by merge patch with history', async () => {
    const made = await tiki();
    expect(made).toMatchObject({
      status: 201,
      body: { id: expect.stringMatching(/^src_/), kind: 'tiki', name: 'Mautic', user, enabled: true, verification: 'base64 hmac', algorithm: 'sha256', header: 'Webhook-Signature', secret: '***', replays: 'accept', eventType: 'tiki.webhook.received', forwardedHeaders: ['X-Origin-Base-URL'], url: `${registry.url}/in/acme/tiki-webhooks.php`, version: 1 },
    });
    expect([made.headers.get('etag'), made.headers.get('location')]).toEqual(['"1"', `/v1/tenants/acme/sources/${made.body.id}`]);
    const path = `/v1/tenants/acme/sources/${made.body.id}`;
    expect(await registry.call('PATCH', path, { body: { algorithm: 'sha512', secret: 'another', verification: 'hmac' }, headers: { 'if-match': '"1"' } })).toMatchObject({ status: 200, body: { algorithm: 'sha512', verification: 'hmac', version: 2 } });
    expect((await registry.call('PATCH', path, { body: { name: 'x' }, headers: { 'if-match': '"1"' } })).status).toBe(412);
    // The same secret again is no change.
    expect((await registry.call('PATCH', path, { body: { secret: 'another', algorithm: 'sha512' } })).body.version).toBe(2);
    expect((await registry.call('PATCH', path, { body: { algorithm: null } })).body).toMatchObject({ algorithm: 'sha256', version: 3 });
    const history = await registry.call('GET', `${path}/history`);
    expect(history.body.items.map(({ type }: { type: string }) => type)).toEqual(['SourceCreated', 'SourceConfigured', 'SourceConfigured']);
    expect(history.body.items[1].difference).toEqual(expect.arrayContaining([{ field: 'secret', before: '***', after: '***' }, { field: 'algorithm', before: 'sha256', after: 'sha512' }]));
    const then = history.body.items[0].at as string;
    expect((await registry.call('GET', `${path}?at=${then}`)).body).toMatchObject({ verification: 'base64 hmac', version: 1 });
    expect(history.text + made.text).not.toMatch(/pasted|another/);
    expect((await registry.call('DELETE', path)).status).toBe(204);
    expect((await registry.call('GET', path)).status).toBe(404);
    expect(await directory()).toEqual([]);
  });

  it('goes to event-ingest through catalog.changed in the order of creation, its secret sealed for it alone', async () => {
    const first = (await tiki({ name: 'first', secret: 'very-much-a-secret' })).body;
    const second = (await tiki({ name: 'second', enabled: false })).body;
    const sources = await directory();
    expect(sources.map(({ sourceId, name, enabled }) => [sourceId, name, enabled])).toEqual([[first.id, 'first', true], [second.id, 'second', false]]);
    const { secretBox, log } = registry.context;
    expect(secretBox.open(sources[0]!.sealedSecret, `source/acme/${first.id}`).toString()).toBe('very-much-a-secret');
    expect(() => secretBox.open(sources[0]!.sealedSecret, `source/acme/${second.id}`)).toThrow();
    const [bounds] = await log.bounds(Topics.catalogChanged);
    const values: string[] = [];
    for await (const batch of log.read({ topic: Topics.catalogChanged, partition: 0, from: bounds!.first, to: bounds!.next })) values.push(...batch.map(({ value }) => value.toString('latin1')));
    expect(values.length).toBeGreaterThan(2);
    expect(values.join()).not.toContain('very-much-a-secret');
    for (const { id } of [first, second]) await registry.call('DELETE', `/v1/tenants/acme/sources/${id}`);
  });

  it('of another kind has an address of its own, and its kind\'s settings and event type', async () => {
    const made = (await post({ kind: 'stripe', name: 'Pay', user, secret: 'whsec_x', project: 'shop', eventType: 'pay.called' }, { 'x-forwarded-proto': 'https' })).body;
    expect(made).toMatchObject({ kind: 'stripe', header: 'Stripe-Signature', toleranceSeconds: 300, eventType: 'pay.called', project: 'shop', verification: null, algorithm: null, url: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+\/in\/acme\/src_/) });
    expect((await post({ kind: 'taiga', name: 'T', user, secret: 'x' }, { 'x-forwarded-host': 'hooks.example.com, proxy' })).body.url).toMatch(/^http:\/\/hooks\.example\.com\/in\/acme\/src_/);
    expect((await post({ kind: 'taiga', name: 'T', user, secret: 'x' }, { 'x-forwarded-host': 'a b' })).body.url).toMatch(/^\/in\/acme\/src_/);
    expect((await post({ kind: 'github', name: 'Hub', user, secret: 'x' })).body).toMatchObject({ eventType: 'github.webhook.received', forwardedHeaders: ['X-GitHub-Event', 'X-GitHub-Delivery'] });
    const listed = await registry.call('GET', '/v1/tenants/acme/sources?limit=1');
    expect(listed.body).toMatchObject({ items: [{ id: made.id }], next: expect.any(String) });
    expect((await registry.call('GET', `/v1/tenants/acme/sources?limit=1&cursor=${listed.body.next}`)).body.items).toMatchObject([{ kind: 'taiga' }]);
  });

  it.each([
    ['a user that is not there', { kind: 'tiki', header: 'X', user: 'usr_none' }, 422, ['/user']],
    ['a Tiki handler without a header', { kind: 'tiki' }, 422, ['/header']],
    ['an algorithm that is not sound', { kind: 'tiki', header: 'X', algorithm: 'md5' }, 422, ['/algorithm']],
    ['a setting that the kind does not have', { kind: 'github', algorithm: 'sha256', header: 'X' }, 422, ['/algorithm', '/header']],
    ['a token nowhere', { kind: 'token' }, 422, ['/header']],
    ['a token in two places', { kind: 'token', header: 'X', query: 'y' }, 422, ['/header']],
    ['basic auth without a user name', { kind: 'basic' }, 422, ['/basicAuthUser']],
    ['a guard against repeats of what is not signed', { kind: 'token', header: 'X', replays: 'refuse' }, 422, ['/idHeader']],
    ['a secret that is none of Standard Webhooks', { kind: 'standard-webhooks', secret: 'no base64!' }, 422, ['/secret']],
    ['a header forwarded that holds the secret', { kind: 'token', header: 'X-Token', forwardedHeaders: ['X-A', 'x-token', 'Authorization'] }, 422, ['/forwardedHeaders/1', '/forwardedHeaders/2']],
    ['no secret', { kind: 'github', secret: '' }, 400, ['/secret']],
    ['a kind that is none', { kind: 'mystery' }, 400, ['/kind']],
    ['a header that is none', { kind: 'tiki', header: 'a b' }, 400, ['/header']],
    ['a field that is none', { kind: 'github', algo: 'sha1' }, 400, ['/algo']],
  ])('refuses %s, with the place', async (_what, fields, status, pointers) => {
    const { status: got, body } = await post({ name: 'bad', user, secret: 's', ...fields });
    expect([got, body.code, body.errors.map(({ pointer }: { pointer: string }) => pointer)]).toEqual([status, status === 422 ? 'invalid-source' : 'invalid-request', pointers]);
  });

  it('keep their user, who is deleted only when none of them acts in that name', async () => {
    const handler = (await registry.call('POST', '/v1/tenants/acme/users', { body: { name: 'Bo' } })).body.id as string;
    const { id } = (await tiki({ name: 'of Bo', user: handler })).body;
    expect(await registry.call('DELETE', `/v1/tenants/acme/users/${handler}`)).toMatchObject({ status: 409, body: { code: 'invalid-state', detail: expect.stringContaining('"of Bo"') } });
    expect((await registry.call('PATCH', `/v1/tenants/acme/sources/${id}`, { body: { user: 'usr_none' } })).body.code).toBe('invalid-source');
    expect((await registry.call('PATCH', `/v1/tenants/acme/sources/${id}`, { body: { user } })).body).toMatchObject({ user, version: 2 });
    expect((await registry.call('DELETE', `/v1/tenants/acme/users/${handler}`)).status).toBe(204);
  });

  it('the kinds of the contract are those that can be verified', () => {
    expect([...sourceKinds]).toEqual(inboundKindNames);
  });

  it('the switch "Webhook access" is off at first, may be set by the tenant itself, and is known to event-ingest', async () => {
    const own = await registry.key('acme', 'admin');
    expect((await registry.call('GET', '/v1/tenants/acme')).body.webhookAccess).toBe(false);
    expect(await registry.call('PUT', '/v1/tenants/acme', { body: { webhookAccess: true }, key: own })).toMatchObject({ status: 200, body: { webhookAccess: true } });
    await registry.context.directory.caughtUp();
    expect(registry.context.directory.tenant('acme')?.webhookAccess).toBe(true);
  });

  it('a hundred are enough for a tenant, whose deletion ends them all', async () => {
    await registry.tenant('many');
    const owner = (await registry.call('POST', '/v1/tenants/many/users', { body: { name: 'Bo' } })).body.id as string;
    const make = (n: number) => registry.call('POST', '/v1/tenants/many/sources', { body: { kind: 'github', name: `n${n}`, user: owner, secret: 's' } });
    for (let at = 0; at < 100; at += 20) await Promise.all(Array.from({ length: 20 }, (_, n) => make(at + n)));
    expect(await make(100)).toMatchObject({ status: 409, body: { code: 'invalid-state' } });
    expect((await registry.call('DELETE', '/v1/tenants/many')).status).toBe(204);
    await registry.context.directory.caughtUp();
    expect(registry.context.directory.sourcesOf('many')).toEqual([]);
  });
});

describe('HOOKLANE_PUBLIC_URL', () => {
  it('is what every receiving address begins with, whoever asks', async () => {
    const registry = await startRegistry({ HOOKLANE_PUBLIC_URL: 'https://hooks.example.com/' });
    try {
      await registry.tenant('acme');
      const user = (await registry.call('POST', '/v1/tenants/acme/users', { body: { name: 'Ana' } })).body.id as string;
      const { body } = await registry.call('POST', '/v1/tenants/acme/sources', { body: { kind: 'tiki', name: 'M', user, header: 'X', secret: 's' } });
      expect(body.url).toBe('https://hooks.example.com/in/acme/tiki-webhooks.php');
    } finally {
      await registry.stop();
    }
  });
});
