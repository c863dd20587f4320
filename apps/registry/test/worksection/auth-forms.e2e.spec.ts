import { createHash, createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startWorksection, type WorksectionUnderTest } from './worksection-registry.js';
import { send, worksectionClients, type ClientName } from './worksection-client.js';

const clientNames = Object.keys(worksectionClients('', '')) as ClientName[];
const BAD_HASH = '{"status":"error","status_code":2,"message":"Action hash is missed or invalid"}';
const BAD_TOKEN = '{"status":"error","status_code":2,"message":"Access token is missed or invalid"}';

describe("who calls Worksection's admin API", () => {
  let registry: WorksectionUnderTest;
  let key: string;
  beforeAll(async () => {
    registry = await startWorksection();
    await registry.tenant('acme');
    key = await registry.recoverableKey('acme', 'hooks:write');
  });
  afterAll(() => registry.stop());

  const clients = (withKey = key): ReturnType<typeof worksectionClients> => worksectionClients(registry.url, withKey);

  it.each(clientNames)('is told by %s: adds, lists and deletes', async (name) => {
    const client = clients()[name];
    const added = await client('add_webhook', { url: 'https://receiver.example/in?a=1&b=ü', events: 'post_task,reopen_task', http_user: 'ws', http_pass: 'p w' });
    expect(added).toMatchObject({ status: 200, contentType: 'application/json; charset=utf-8', text: `{"status":"ok","id":${added.body.id}}` });
    const { body } = await client('get_webhooks');
    expect(body.data).toContainEqual({ id: String(added.body.id), url: 'https://receiver.example/in?a=1&b=ü', events: 'post_task,reopen_task', status: 'active' });
    expect(await client('delete_webhook', { id: String(added.body.id) })).toMatchObject({ status: 200, text: '{"status":"ok"}' });
    expect((await client('get_webhooks')).body).toEqual({ status: 'ok', data: [] });
  });

  it.each(clientNames)('is not told by %s with a key that nobody has', async (name) => {
    const sdkOrToken = /SDKs|OAuth/.test(name);
    const answer = await clients('hl_nobody_has_this_key')[name]('get_webhooks');
    expect(answer).toMatchObject({ status: sdkOrToken ? 401 : 200, text: /OAuth/.test(name) ? BAD_TOKEN : BAD_HASH, challenge: sdkOrToken ? `${/OAuth/.test(name) ? 'Bearer' : 'Admin'} realm="api"` : '' });
  });

  it('is nobody without credentials: code 2 with HTTP 200 for keys, HTTP 401 for tokens', async () => {
    expect(await send(`${registry.url}/api/admin/v2/?action=get_webhooks`)).toMatchObject({ status: 200, text: BAD_HASH });
    expect(await send(`${registry.url}/api/oauth2?action=get_webhooks`)).toMatchObject({ status: 401, text: BAD_TOKEN });
  });

  it("is nobody with a key's hash on the OAuth address, or a token on the key's", async () => {
    const query = 'action=get_webhooks';
    const hash = createHash('md5').update(query + key).digest('hex');
    expect(await send(`${registry.url}/api/oauth2?${query}&hash=${hash}`)).toMatchObject({ status: 401, text: BAD_TOKEN });
    expect(await send(`${registry.url}/api/admin/v2?${query}&access_token=${key}`)).toMatchObject({ status: 200, text: BAD_HASH });
    expect(await send(`${registry.url}/api/admin/v2?${query}`, { headers: { authorization: `Bearer ${key}` } })).toMatchObject({ status: 401, text: BAD_HASH });
  });

  it("takes the SDK's signature within five minutes, for its action only", async () => {
    const signed = (action: string, asAction: string, ageS: number) => {
      const unix = Math.floor(Date.now() / 1_000) - ageS;
      const digest = createHmac('sha256', key).update(`${asAction}:${unix}`).digest('hex');
      return send(`${registry.url}/api/admin/v2?action=${action}`, { method: 'POST', headers: { authorization: `Admin ${unix}_${digest}` } });
    };
    expect((await signed('get_webhooks', 'get_webhooks', 290)).status).toBe(200);
    expect((await signed('get_webhooks', 'get_webhooks', -290)).status).toBe(200);
    for (const [asAction, ageS] of [['get_webhooks', 310], ['get_webhooks', -310], ['delete_webhook', 0]] as const) {
      expect(await signed('get_webhooks', asAction, ageS)).toMatchObject({ status: 401, text: BAD_HASH });
    }
  });

  it('is not told by a hash that somebody saw, once a body says something else', async () => {
    const query = 'action=get_webhooks';
    const hash = createHash('md5').update(query + key).digest('hex');
    for (const body of ['action=add_webhook&url=https://evil.example&events=post_task', '{"action":"add_webhook","url":"https://evil.example","events":"post_task"}']) {
      expect(await send(`${registry.url}/api/admin/v2?${query}&hash=${hash}`, { method: 'POST', body })).toMatchObject({ status: 200, text: BAD_HASH });
    }
  });

  it('is nobody with a key of which only a hash is kept, or one that was revoked', async () => {
    const plain = await registry.key('acme', 'hooks:write');
    expect(await clients(plain)['a hashed query']('get_webhooks')).toMatchObject({ text: BAD_HASH });
    // As a token it is shown, so nothing need be recovered.
    expect((await clients(plain)['an OAuth token in the header']('get_webhooks')).body.status).toBe('ok');
    const { id, key: revoked } = await registry.createRecoverableKey('acme', 'hooks:write');
    expect((await clients(revoked)['a hashed query']('get_webhooks')).body.status).toBe('ok');
    await registry.call('DELETE', `/v1/tenants/acme/api-keys/${id}`);
    expect(await clients(revoked)['a hashed query']('get_webhooks')).toMatchObject({ text: BAD_HASH });
    expect(await clients(revoked)['an OAuth token in the header']('get_webhooks')).toMatchObject({ status: 401, text: BAD_TOKEN });
  });

  it('may do what the key may: nothing is made or deleted with one that reads', async () => {
    const readOnly = clients(await registry.recoverableKey('acme', 'hooks:read'));
    const denied = '{"status":"error","status_code":403,"message":"Access denied","message_details":"administrative"}';
    const { body } = await clients()['a hashed query']('add_webhook', { url: 'https://receiver.example/?token=secret', events: 'post_task' });
    for (const name of ['a hashed query', 'the SDKs from 2.1.1', 'an OAuth token in the header'] as const) {
      expect(await readOnly[name]('add_webhook', { url: 'https://receiver.example', events: 'post_task' })).toMatchObject({ status: 200, text: denied });
      expect(await readOnly[name]('delete_webhook', { id: String(body.id) })).toMatchObject({ status: 200, text: denied });
    }
    expect((await readOnly['a hashed query']('get_webhooks')).body.data).toEqual([expect.objectContaining({ url: 'https://receiver.example/?token=***' })]);
    await clients()['a hashed query']('delete_webhook', { id: String(body.id) });
    const publisher = clients(await registry.recoverableKey('acme', 'publish'));
    expect(await publisher['a hashed query']('get_webhooks')).toMatchObject({ text: denied });
  });

  it("never sees another tenant's webhooks, nor deletes them by their id", async () => {
    await registry.tenant('rival');
    const rival = clients(await registry.recoverableKey('rival', 'hooks:write'));
    const { body } = await clients()['a hashed query']('add_webhook', { url: 'https://receiver.example/mine', events: 'post_task' });
    expect((await rival['a hashed query']('get_webhooks')).body.data).toEqual([]);
    expect(await rival['a hashed query']('delete_webhook', { id: String(body.id) })).toMatchObject({ text: '{"status":"error","status_code":10,"message":"WebHook not found"}' });
    expect((await clients()['a hashed query']('delete_webhook', { id: String(body.id) })).body.status).toBe('ok');
  });
});

describe("the pace of Worksection's admin API", () => {
  it('is limited where the operator says so', async () => {
    const registry = await startWorksection({ HOOKLANE_WORKSECTION_REQUESTS_PER_SECOND: '0.01' });
    try {
      await registry.tenant('acme');
      const client = worksectionClients(registry.url, await registry.recoverableKey('acme', 'hooks:write'))['a hashed query'];
      expect((await client('get_webhooks')).status).toBe(200);
      expect(await client('get_webhooks')).toMatchObject({ status: 429, text: '{"status":"error","status_code":429,"message":"Too many requests"}' });
    } finally {
      await registry.stop();
    }
  });
});
