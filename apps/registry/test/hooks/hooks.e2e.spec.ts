import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HookChanged, HookSecrets, Topics } from '@hooklane/contracts/topics';
import { startRegistry, type RegistryUnderTest } from '../registry-service.js';

describe('hooks over REST', () => {
  let registry: RegistryUnderTest;
  beforeAll(async () => {
    registry = await startRegistry();
    await registry.tenant('acme');
    await registry.tenant('other');
  });
  afterAll(() => registry.stop());

  const path = (id: string, rest = ''): string => `/v1/tenants/acme/hooks/${id}${rest}`;

  async function tableHook(id: string): Promise<{ hook: HookChanged; secrets: HookSecrets }> {
    const hook = registry.context.directory.hook(id)!;
    return { hook, secrets: HookSecrets.decode(registry.context.secretBox.open(hook.sealedSecrets, `hook/acme/${id}`)) };
  }

  it('PATCH 200: absent, null and a value differ; the new version is in the table when the answer comes', async () => {
    const hook = await registry.hook('acme', { timeoutMs: 3_000, metadata: { team: 'core' }, filter: { data: { amount: { $gt: 5 } } } });
    const { status, body, headers } = await registry.call('PATCH', path(hook.id), { body: { name: 'renamed', timeoutMs: null, filter: null }, headers: { 'if-match': '"1"' } });
    expect([status, headers.get('etag')]).toEqual([200, '"2"']);
    expect(body).toMatchObject({ name: 'renamed', timeoutMs: 15_000, filter: null, metadata: { team: 'core' }, version: 2 });
    await registry.context.directory.caughtUp();
    expect(registry.context.directory.hook(hook.id)).toMatchObject({ name: 'renamed', version: 2, filter: '' });
  });

  it('PATCH 412 with the current version when If-Match names another; `*`, a list and no header match', async () => {
    const hook = await registry.hook('acme');
    const patch = (ifMatch: string, name: string) => registry.call('PATCH', path(hook.id), { body: { name }, headers: { 'if-match': ifMatch } });
    expect(await patch('"7"', 'no')).toMatchObject({ status: 412, body: { code: 'version-mismatch', version: 1 } });
    expect(await patch('W/"1"', 'no')).toMatchObject({ status: 412 });
    expect(await patch('nonsense', 'no')).toMatchObject({ status: 412 });
    expect(await patch('"7", "1"', 'one')).toMatchObject({ status: 200 });
    expect(await patch('*', 'two')).toMatchObject({ status: 200 });
    expect((await registry.call('DELETE', path(hook.id), { headers: { 'if-match': '"1"' } })).status).toBe(412);
  });

  it('PATCH many at once: without If-Match each is made on what the others left, with it one wins', async () => {
    const hook = await registry.hook('acme');
    const patch = (field: string, headers = {}) => registry.call('PATCH', path(hook.id), { body: { metadata: { [field]: 'set' } }, headers });
    const names = Array.from({ length: 25 }, (_, index) => `f${index}`);
    const answers = await Promise.all(names.map((name) => patch(name)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const { body } = await registry.call('GET', path(hook.id));
    expect([body.version, Object.keys(body.metadata).sort()]).toEqual([26, names.sort()]);
    const guarded = await Promise.all(['a', 'b', 'c'].map((name) => patch(name, { 'if-match': '"26"' })));
    expect(guarded.map(({ status }) => status).sort()).toEqual([200, 412, 412]);
  });

  it('POST and PATCH 400: a header that is named twice, in another case or among the secret ones', async () => {
    const create = (fields: object) => registry.call('POST', '/v1/tenants/acme/hooks', { body: { name: 'n', url: 'https://a.example', ...fields } });
    const twice = { headers: { 'X-Team': 'a', 'x-team': 'b' } };
    expect(await create(twice)).toMatchObject({ status: 400, body: { code: 'invalid-request', errors: [{ pointer: '/headers/x-team', message: 'Is the same header as /headers/X-Team.' }] } });
    expect(await create({ headers: { 'X-Team': 'a' }, secretHeaders: { 'X-TEAM': 'b' } })).toMatchObject({ status: 400, body: { errors: [{ pointer: '/secretHeaders/X-TEAM' }] } });
    const hook = await registry.hook('acme', { headers: { 'X-Team': 'a' } });
    expect(await registry.call('PATCH', path(hook.id), { body: twice })).toMatchObject({ status: 400, body: { errors: [{ pointer: '/headers/x-team' }] } });
    // Moved from one to the other, in either direction.
    const moved = await registry.call('PATCH', path(hook.id), { body: { headers: { 'X-Team': null }, secretHeaders: { 'x-team': 's' } } });
    expect(moved.body).toMatchObject({ headers: {}, secretHeaders: { 'x-team': '***' } });
    expect((await registry.call('PATCH', path(hook.id), { body: { headers: { 'X-Team': 'c' }, secretHeaders: { 'x-team': null } } })).body).toMatchObject({ headers: { 'X-Team': 'c' }, secretHeaders: {} });
  });

  it('PATCH that changes nothing keeps the version', async () => {
    const hook = await registry.hook('acme', { headers: { 'X-A': '1' } });
    expect(await registry.call('PATCH', path(hook.id), { body: { name: hook.name, url: hook.url, headers: { 'X-A': '1' }, retry: hook.retry } })).toMatchObject({ status: 200, body: { version: 1 } });
  });

  it('DELETE 204, then 404 everywhere, while the history stays and the table says that it is deleted', async () => {
    const hook = await registry.hook('acme');
    expect((await registry.call('DELETE', path(hook.id))).status).toBe(204);
    for (const [method, rest] of [['GET', ''], ['DELETE', ''], ['POST', '/enable'], ['POST', '/rotate-secret']] as const) expect((await registry.call(method, path(hook.id, rest))).body.code).toBe('not-found');
    expect((await registry.call('PATCH', path(hook.id), { body: { name: 'x' } })).status).toBe(404);
    const { body } = await registry.call('GET', path(hook.id, '/history'));
    expect(body.items.map(({ type }: { type: string }) => type)).toEqual(['HookCreated', 'HookDeleted']);
    await registry.context.directory.caughtUp();
    expect(registry.context.directory.hook(hook.id)).toBeUndefined();
    expect(registry.context.directory.hookVersion(hook.id)).toBe(2);
  });

  it('disable and enable: gray and green, the epoch rises, the reason stands in the history', async () => {
    const hook = await registry.hook('acme');
    expect(await registry.call('POST', path(hook.id, '/disable'), { body: { reason: 'maintenance' } })).toMatchObject({ status: 200, body: { enabled: false, colour: 'gray', disabledReason: 'manual' } });
    expect(await registry.call('POST', path(hook.id, '/enable'), { headers: { 'hooklane-reason': 'done' } })).toMatchObject({ status: 200, body: { enabled: true, colour: 'green', version: 3 } });
    const { body } = await registry.call('GET', path(hook.id, '/history'));
    expect(body.items.map(({ reason }: { reason: string }) => reason)).toEqual(['', 'maintenance', 'done']);
    await registry.context.directory.caughtUp();
    expect(registry.context.directory.hook(hook.id)).toMatchObject({ enabled: true, enabledEpoch: 2 });
  });

  it('GET ?at= shows the configuration of that time', async () => {
    const hook = await registry.hook('acme');
    await new Promise((resolve) => setTimeout(resolve, 5));
    const between = new Date().toISOString();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await registry.call('PATCH', path(hook.id), { body: { name: 'later' } });
    expect((await registry.call('GET', path(hook.id, `?at=${between}`))).body).toMatchObject({ name: 'a hook', version: 1 });
    expect((await registry.call('GET', path(hook.id, `?at=${new Date().toISOString()}`))).body).toMatchObject({ name: 'later', version: 2 });
    expect((await registry.call('GET', path(hook.id, '?at=2020-01-01T00:00:00Z'))).status).toBe(404);
    expect((await registry.call('GET', path(hook.id, '?at=yesterday'))).body).toMatchObject({ code: 'invalid-request', errors: [{ pointer: '/at' }] });
  });

  it('rotates: the new secret is shown once, the old one signs on for 24 hours, Ed25519 on demand', async () => {
    const hook = await registry.hook('acme');
    const before = Date.now();
    const { status, body } = await registry.call('POST', path(hook.id, '/rotate-secret'), { body: { signatures: ['v1', 'v1a'] } });
    expect(status).toBe(200);
    expect(body).toMatchObject({ secret: expect.stringMatching(/^whsec_/), publicKey: expect.stringMatching(/^whpk_/), secrets: [{ kind: 'v1', expiresAt: null }, { kind: 'v1a', expiresAt: null }, { kind: 'v1', expiresAt: expect.any(String) }] });
    expect(body.secret).not.toBe(hook.secret);
    expect(Date.parse(body.secrets[2].expiresAt) - before).toBeGreaterThanOrEqual(24 * 3_600_000);
    await registry.context.directory.caughtUp();
    const { secrets } = await tableHook(hook.id);
    expect(secrets.signing.map(({ value }) => value.slice(0, 5))).toEqual(['whsec', 'whsk_', 'whsec']);
    expect(secrets.signing.map(({ value }) => value)).toContain(hook.secret);
    const none = await registry.call('POST', path(hook.id, '/rotate-secret'), { body: { overlapHours: 0, signatures: ['v1'] } });
    expect(none.body.secrets).toHaveLength(1);
  });

  it('takes a secret of one\'s own, and refuses one that cannot sign', async () => {
    const own = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    expect(await registry.hook('acme', { secret: own })).toMatchObject({ secret: own });
    for (const secret of ['whsec_short', 'plain', `whsec_${Buffer.alloc(80).toString('base64')}`]) {
      expect(await registry.call('POST', '/v1/tenants/acme/hooks', { body: { name: 'n', url: 'https://a.example', secret } })).toMatchObject({ status: 422, body: { code: 'invalid-hook', errors: [{ pointer: '/secret' }] } });
    }
  });

  it('shows no secret again: not in answers, the history, the events, the read models, the tables', async () => {
    const secrets = { token: 'tok-4711', password: 'pw-4711', header: 'hdr-4711', plain: 'bearer-4711' };
    const hook = await registry.hook('acme', {
      url: `https://a.example/in?token=${secrets.token}`,
      basicAuth: { user: 'u', password: secrets.password },
      secretHeaders: { 'X-Key': secrets.header },
      headers: { 'X-Auth-Token': secrets.plain },
    });
    const { body: shown } = await registry.call('GET', path(hook.id));
    expect(shown).toMatchObject({ url: 'https://a.example/in?token=***', basicAuth: { user: 'u', password: '***' }, secretHeaders: { 'X-Key': '***', 'X-Auth-Token': '***' }, headers: {} });
    expect(shown.secret).toBeUndefined();
    await registry.call('PATCH', path(hook.id), { body: { basicAuth: { password: 'pw-4712' } } });
    const { body: history } = await registry.call('GET', path(hook.id, '/history'));
    expect(history.items[1].difference).toEqual([{ field: 'basicAuth', before: '***', after: '***' }]);
    const pool = registry.context.database.pool('spec', 1);
    const dump: string[] = [JSON.stringify(shown), JSON.stringify(history)];
    for (const table of ['events', 'hooks', 'idempotent_answers']) dump.push(JSON.stringify((await pool.query(`SELECT * FROM registry.${table}`)).rows));
    for await (const records of registry.context.log.read({ topic: Topics.hooksChanged, partition: 0, from: 0, to: 10_000 })) dump.push(...records.map(({ value }) => value.toString('latin1')));
    const everything = dump.join('\n');
    for (const secret of [...Object.values(secrets), 'pw-4712', hook.secret.slice(6)]) expect(everything).not.toContain(secret);
    expect((await tableHook(hook.id)).secrets).toMatchObject({ url: `https://a.example/in?token=${secrets.token}`, basicAuthPassword: expect.stringMatching(/^pw-471/) });
  });

  it.each([
    ['unknown fields, each by name', { name: 'n', url: 'https://a.example', priority: 5, retry: { tries: 3 } }, 400, 'invalid-request', ['/retry/tries', '/priority']],
    ['orders that are none', { name: 'n', url: 'https://a.example', order: 'lifo', catchUp: 'all' }, 400, 'invalid-request', ['/order', '/catchUp']],
    ['numbers out of their range', { name: 'n', url: 'https://a.example', order: 'none', concurrency: 65, rateLimit: { perSecond: 0 } }, 400, 'invalid-request', ['/concurrency', '/rateLimit/perSecond']],
    ['a concurrency that the order does not allow', { name: 'n', url: 'https://a.example', concurrency: 2 }, 422, 'invalid-hook', ['/concurrency']],
    ['wrong types', { name: 5, url: 7 }, 400, 'invalid-request', ['/name', '/url']],
    ['a missing address', { name: 'n' }, 400, 'invalid-request', ['/url']],
    ['lines in a name', { name: 'a\nb', url: 'https://a.example' }, 400, 'invalid-request', ['/name']],
    ['text that no database keeps', { name: 'n', url: 'https://a.example', filter: { data: { a: '\u0000' } } }, 400, 'invalid-request', ['/filter']],
    ['credentials in the address', { name: 'n', url: 'https://u:p@a.example' }, 422, 'invalid-hook', ['/url']],
    ['header injection', { name: 'n', url: 'https://a.example', headers: { 'X-A': 'a\r\nB: c' } }, 422, 'invalid-hook', ['/headers/X-A']],
    ['reserved headers', { name: 'n', url: 'https://a.example', headers: { 'Webhook-Signature': 'x' } }, 422, 'invalid-hook', ['/headers/Webhook-Signature']],
    ['a dialect that is none', { name: 'n', url: 'https://a.example', dialect: 'klingon' }, 422, 'invalid-hook', undefined],
    ['private targets', { name: 'n', url: 'http://10.0.0.1/' }, 422, 'target-denied', ['/url']],
    ['a regular expression that is not linear', { name: 'n', url: 'https://a.example', filter: { data: { a: { $regex: '(?<!x)y' } } } }, 422, 'invalid-hook', undefined],
  ])('POST refuses %s', async (_, body, status, code, pointers) => {
    const answer = await registry.call('POST', '/v1/tenants/acme/hooks', { body });
    expect(answer).toMatchObject({ status, body: { code, type: `urn:hooklane:problem:${code}`, status } });
    if (pointers) expect(answer.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(pointers);
  });

  it('POST refuses fields that it does not know by name', async () => {
    const hook = await registry.hook('acme');
    expect(await registry.call('POST', path(hook.id, '/enable'), { body: { catchUp: 'all', replay: true } })).toMatchObject({ status: 400, body: { errors: [{ pointer: '/catchUp' }, { pointer: '/replay' }] } });
    expect((await registry.call('POST', path(hook.id, '/enable'), { body: {} })).status).toBe(200);
  });

  it('order, concurrency, rate limit and catch-up: shown, told to the lanes, in the history and as of any time', async () => {
    const hook = await registry.hook('acme');
    expect(hook).toMatchObject({ order: 'fifo', concurrency: null, rateLimit: null, catchUp: 'none' });
    await new Promise((resolve) => setTimeout(resolve, 5));
    const before = new Date().toISOString();
    await new Promise((resolve) => setTimeout(resolve, 5));
    const chosen = { order: 'none', concurrency: 3, rateLimit: { perSecond: 2.5 }, catchUp: 'missed' };
    expect(await registry.call('PATCH', path(hook.id), { body: chosen })).toMatchObject({ status: 200, body: { ...chosen, version: 2 } });
    await registry.context.directory.caughtUp();
    expect(registry.context.directory.hook(hook.id)).toMatchObject({ order: 'none', concurrency: 3, rateLimitPerSecond: 2.5, catchUp: 'missed' });
    const { body: history } = await registry.call('GET', path(hook.id, '/history'));
    expect(history.items[1].difference).toEqual([
      { field: 'order', before: 'fifo', after: 'none' },
      { field: 'concurrency', before: null, after: 3 },
      { field: 'rateLimit', before: null, after: { perSecond: 2.5 } },
      { field: 'catchUp', before: 'none', after: 'missed' },
    ]);
    expect((await registry.call('GET', path(hook.id, `?at=${before}`))).body).toMatchObject({ order: 'fifo', concurrency: null, rateLimit: null, catchUp: 'none' });
    expect((await registry.call('PATCH', path(hook.id), { body: { order: null, rateLimit: null, catchUp: null } })).body).toMatchObject({ order: 'fifo', concurrency: null, rateLimit: null, catchUp: 'none' });
    await registry.context.directory.caughtUp();
    expect(registry.context.directory.hook(hook.id)).toMatchObject({ order: 'fifo', concurrency: 0, rateLimitPerSecond: 0, catchUp: 'none' });
  });

  it('POST refuses malformed JSON, other content types and a body that is too large', async () => {
    const post = (body: string, contentType = 'application/json') => registry.call('POST', '/v1/tenants/acme/hooks', { body, headers: { 'content-type': contentType } });
    expect(await post('{"name":')).toMatchObject({ status: 400, body: { code: 'malformed-json' } });
    expect(await post('name=x', 'application/x-www-form-urlencoded')).toMatchObject({ status: 415 });
    expect(await post(`{"name":"${'x'.repeat(1_100_000)}"}`)).toMatchObject({ status: 413 });
  });

  it('pages stay stable while hooks are inserted, and cursors of others are refused', async () => {
    await registry.tenant('paging');
    const made = [];
    for (let index = 0; index < 5; index += 1) made.push((await registry.hook('paging', { name: `h${index}` })).id);
    const first = (await registry.call('GET', '/v1/tenants/paging/hooks?limit=2')).body;
    made.push((await registry.hook('paging', { name: 'late' })).id);
    const second = (await registry.call('GET', `/v1/tenants/paging/hooks?limit=2&cursor=${first.next}`)).body;
    const third = (await registry.call('GET', `/v1/tenants/paging/hooks?limit=10&cursor=${second.next}`)).body;
    expect([...first.items, ...second.items, ...third.items].map(({ id }: { id: string }) => id)).toEqual(made);
    expect(third.next).toBeNull();
    for (const cursor of ['nonsense', Buffer.from('[]').toString('base64url')]) expect((await registry.call('GET', `/v1/tenants/paging/hooks?cursor=${cursor}`)).body.code).toBe('invalid-cursor');
    expect((await registry.call('GET', `/v1/tenants/acme/hooks?cursor=${first.next}`)).body.code).toBe('invalid-cursor');
    expect((await registry.call('GET', `/v1/tenants/paging/event-types?cursor=${first.next}`)).body.code).toBe('invalid-cursor');
    expect((await registry.call('GET', '/v1/tenants/paging/hooks?limit=0')).status).toBe(400);
    expect((await registry.call('GET', '/v1/tenants/paging/hooks?colour=red')).body.errors).toEqual([expect.objectContaining({ pointer: '/colour' })]);
  });

  it('another tenant\'s key, and another tenant\'s hook id, get 404', async () => {
    const hook = await registry.hook('acme');
    const key = await registry.key('other', 'hooks:read', 'hooks:write');
    for (const [method, rest, body] of [['GET', '', undefined], ['PATCH', '', { name: 'x' }], ['DELETE', '', undefined], ['POST', '/enable', undefined], ['POST', '/disable', undefined], ['POST', '/rotate-secret', undefined], ['GET', '/history', undefined]] as const) {
      expect((await registry.call(method, path(hook.id, rest), { key, body })).status).toBe(404);
      expect((await registry.call(method, `/v1/tenants/other/hooks/${hook.id}${rest}`, { key, body })).status).toBe(404);
    }
    expect((await registry.call('GET', path(hook.id))).body.version).toBe(1);
  });

  it('401 without a key, 403 without the scope', async () => {
    expect((await registry.call('GET', '/v1/tenants/acme/hooks', { key: null })).status).toBe(401);
    expect((await registry.call('GET', '/v1/tenants/acme/hooks', { key: 'hl_wrong' })).status).toBe(401);
    const key = await registry.key('acme', 'hooks:read');
    expect((await registry.call('GET', '/v1/tenants/acme/hooks', { key })).status).toBe(200);
    expect(await registry.call('POST', '/v1/tenants/acme/hooks', { key, body: { name: 'n', url: 'https://a.example' } })).toMatchObject({ status: 403, body: { code: 'missing-scope' } });
  });
});
