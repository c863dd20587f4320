import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startIcescrum, type IcescrumServer, type WsOptions } from './icescrum-server.js';

const good = { url: 'https://receiver.example/in', events: ['story.create'] };
const fields = (...names: string[]): unknown => names.map((name) => ({ text: expect.stringMatching(new RegExp(` - ${name}$`)) }));
const sentence = { text: expect.any(String) };

describe('bad input to iceScrum\'s REST API is answered in its shape, and makes nothing', () => {
  let server: IcescrumServer;
  let id: number;
  beforeAll(async () => {
    server = await startIcescrum();
    id = (await server.hook()).id as number;
  });
  afterAll(() => server.registry.stop());

  async function everything(): Promise<string> {
    const { body } = await server.registry.call('GET', '/v1/tenants/acme/hooks?limit=200');
    return JSON.stringify(body.items);
  }

  it.each<[string, number, unknown, WsOptions]>([
    ['no token', 401, sentence, { as: null, body: { hook: good } }],
    ['an empty token', 401, sentence, { as: null, headers: { 'x-icescrum-token': '' }, body: { hook: good } }],
    ['a wrong token', 401, sentence, { as: null, headers: { 'x-icescrum-token': 'nonsense' }, body: { hook: good } }],
    ['a key of the platform', 401, sentence, { as: null, headers: { 'x-icescrum-token': 'admin-key-for-these-specs' }, body: { hook: good } }],
    ['a native Authorization header instead', 401, sentence, { as: null, headers: { authorization: 'Bearer admin-key-for-these-specs' }, body: { hook: good } }],
    ['a team member', 403, sentence, { as: 'member', body: { hook: good } }],
    ['a stakeholder', 403, sentence, { as: 'viewer', body: { hook: good } }],
    ['a key that may only read', 403, sentence, { as: 'reader', body: { hook: good } }],
    ['a Product Owner of a foreign tenant', 404, sentence, { as: 'stranger', body: { hook: good } }],
    ['no body', 400, fields('url', 'events'), {}],
    ['no hook in it', 400, fields('url', 'events'), { body: good }],
    ['an empty hook', 400, fields('url', 'events'), { body: { hook: {} } }],
    ['no url', 400, fields('url'), { body: { hook: { events: good.events } } }],
    ['no events', 400, fields('events'), { body: { hook: { url: good.url } } }],
    ['only unknown events', 400, fields('events'), { body: { hook: { ...good, events: ['order.paid', '*', 'user.create'] } } }],
    ['a url that is none', 400, fields('url'), { body: { hook: { ...good, url: 'not a url' } } }],
    ['a url of another scheme', 400, fields('url'), { body: { hook: { ...good, url: 'ftp://receiver.example/in' } } }],
    ['a url that is too long', 400, fields('url'), { body: { hook: { ...good, url: `https://receiver.example/${'x'.repeat(1_000)}` } } }],
    ['a private address', 400, fields('url'), { body: { hook: { ...good, url: 'http://192.168.1.7/in' } } }],
    ['a unique local address', 400, fields('url'), { body: { hook: { ...good, url: 'http://[fd00::1]/in' } } }],
    ['the metadata address of clouds', 400, fields('url'), { body: { hook: { ...good, url: 'http://169.254.169.254/latest' } } }],
    ['switches that are none', 400, fields('enabled', 'ignoreSsl'), { body: { hook: { ...good, enabled: 'maybe', ignoreSsl: 2 } } }],
    ['a secret that is too long', 400, fields('secret'), { body: { hook: { ...good, secret: 'x'.repeat(256) } } }],
    ['no JSON', 400, sentence, { body: '{"hook":' }],
    ['JSON that is no object', 400, sentence, { body: '[]' }],
    ['JSON that nests too deep', 400, sentence, { body: `{"hook":${'['.repeat(5_000)}${']'.repeat(5_000)}}` }],
    ['an encoded body', 415, sentence, { body: '{}', headers: { 'content-encoding': 'br' } }],
    ['a body beyond 1 MiB', 413, sentence, { body: { hook: { ...good, secret: 'x'.repeat(1_100_000) } } }],
  ])('%s: %i', async (_, status, body, options) => {
    const before = await everything();
    for (const [method, path] of [['POST', '/project/SHOP/hook'], ['PUT', `/project/SHOP/hook/${id}`]] as const) {
      // An update needs none of the fields.
      if (method === 'PUT' && ['no body', 'no hook in it', 'an empty hook', 'no url', 'no events'].includes(_)) continue;
      const answer = await server.ws(method, path, options);
      expect([method, answer.status, answer.body]).toEqual([method, status, body]);
      expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    }
    expect(await everything()).toBe(before);
  });

  it.each([
    ['GET', '/project/NOWHERE/hook', 404],
    ['GET', '/project/SHOP/hook/999', 404],
    ['GET', '/project/SHOP/hook/abc', 404],
    ['GET', '/project/SHOP/hook/99999999999999999999', 404],
    ['GET', '/project/SHOP/hook/-1', 404],
    ['DELETE', '/project/SHOP/hook/999', 404],
    ['GET', '/portfolio/PF/hook', 404],
    ['GET', '/nothing', 404],
  ])('%s /ws%s: %i in its shape', async (method, path, status) => {
    expect(await server.ws(method, path, { as: 'admin' })).toMatchObject({ status, body: sentence });
  });

  it.each(['member', 'viewer', 'reader', 'stranger'] as const)('shows nothing to a %s, and lets it delete nothing', async (as) => {
    const refused = as === 'stranger' ? 404 : 403;
    for (const [method, path] of [['GET', ''], ['GET', `/${id}`], ['DELETE', `/${id}`]] as const) expect(await server.ws(method, `/project/SHOP/hook${path}`, { as })).toMatchObject({ status: refused, body: sentence });
    expect((await server.ws('GET', `/project/SHOP/hook/${id}`)).status).toBe(200);
  });

  it('a hook of one project is not found in another, and numbers of another tenant mean nothing here', async () => {
    expect((await server.ws('GET', `/project/SECOND/hook/${id}`, { as: 'admin' })).status).toBe(404);
    expect((await server.ws('GET', `/project/RIVAL/hook/${id}`, { as: 'stranger' })).status).toBe(404);
  });
});
