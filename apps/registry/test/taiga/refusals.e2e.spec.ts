import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { CallOptions } from '@hooklane/service-host/testing';
import { PASSWORD, startTaigaRegistry, type TaigaRegistry } from './taiga-registry.js';

const FORM = { project: 1, name: 'CI', url: 'https://ci.example/taiga', key: 'k' };
const REQUIRED = ['This field is required.'];
const error = (message: unknown, type: string): object => ({ _error_message: message, _error_type: `taiga.base.${type}` });
const some = expect.any(String);

describe("what Taiga's API refuses, in Taiga's words", () => {
  let registry: TaigaRegistry;
  let ana: string;
  let rival: string;
  let rivalsWebhook: number;
  let rivalsRow: number;

  beforeAll(async () => {
    registry = await startTaigaRegistry();
    await registry.tenant('acme');
    const shop = await registry.project('acme', 'shop');
    await registry.project('acme', 'ware');
    ana = await registry.user('acme', 'ana', { [shop.id]: 'admin' });
    await registry.tenant('rival');
    const theirs = await registry.project('rival', 'theirs');
    rival = await registry.user('rival', 'rex', { [theirs.id]: 'admin' });
    // Their numbers begin at 1 too; this one has a number that acme has not reached.
    for (let at = 0; at < 5; at++) rivalsWebhook = (await registry.taiga('POST', '/webhooks', rival, { ...FORM, name: `r${at}` })).body.id as number;
    rivalsRow = (await registry.taiga('POST', `/webhooks/${rivalsWebhook}/test`, rival)).body.id as number;
  }, 180_000);
  afterAll(() => registry.stop());
  afterEach(async () => {
    const { items } = (await registry.call('GET', '/v1/tenants/acme/hooks')).body as { items: unknown[] };
    expect(items).toEqual([]);
  });

  const post = (options: CallOptions) => registry.call('POST', '/api/v1/webhooks', options);

  it.each([
    ['nothing', {}, { project: REQUIRED, name: REQUIRED, url: REQUIRED, key: REQUIRED }],
    ['no name', { ...FORM, name: undefined }, { name: REQUIRED }],
    ['an empty key', { ...FORM, key: '' }, { key: REQUIRED }],
    ['a name that is too long', { ...FORM, name: 'x'.repeat(251) }, { name: ['Ensure this value has at most 250 characters (it has 251).'] }],
    ['a bad URL', { ...FORM, url: 'nonsense' }, { url: ['Enter a valid URL.'] }],
    ['a URL of another scheme', { ...FORM, url: 'ftp://ci.example/' }, { url: ['Enter a valid URL.'] }],
    ['a URL with a password', { ...FORM, url: 'https://me:secret@ci.example/' }, { url: [expect.stringContaining('user name')] }],
    ['a private URL', { ...FORM, url: 'http://10.1.2.3/' }, { url: ['Not allowed IP Address'] }],
    ['a link-local URL', { ...FORM, url: 'http://169.254.169.254/latest' }, { url: ['Not allowed IP Address'] }],
    ['a private URL in disguise', { ...FORM, url: 'http://[::ffff:192.168.1.1]/' }, { url: ['Not allowed IP Address'] }],
    ['an unknown project', { ...FORM, project: 99 }, { project: ["Invalid pk '99' - object does not exist."] }],
    ['a project by its key', { ...FORM, project: 'shop' }, { project: ["Invalid pk 'shop' - object does not exist."] }],
    ['a list for a project', { ...FORM, project: [1] }, { project: ['Incorrect type.  Expected pk value, received list.'] }],
    ['a key with U+0000', { ...FORM, key: 'a\u0000' }, { key: ['Null characters are not allowed.'] }],
  ])('%s', async (_, body, errors) => {
    expect(await post({ key: ana, body })).toMatchObject({ status: 400, body: errors });
  });

  it.each([
    ['what is no JSON', '{"project":', 400, error(some, 'api.exceptions.ParseError')],
    ['JSON that is no object', '[1]', 400, error(some, 'exceptions.BadRequest')],
    ['JSON too deep', `{"a":${'['.repeat(2_000)}${']'.repeat(2_000)}}`, 400, error(some, 'exceptions.BadRequest')],
    ['a body too large', JSON.stringify({ ...FORM, key: 'x'.repeat(1_100_000) }), 413, error(some, 'exceptions.BadRequest')],
  ])('%s', async (_, body, status, expected) => {
    expect(await post({ key: ana, body })).toMatchObject({ status, body: expected });
  });

  it.each([
    ['nobody', null],
    ['a token that is none', 'no-token'],
    ['a key that was made up', `hl_${'a'.repeat(40)}`],
  ])('%s', async (_, token) => {
    const { status, body, headers } = await post({ key: token, body: FORM });
    expect({ status, body }).toEqual({ status: 401, body: error(some, 'exceptions.NotAuthenticated') });
    expect(headers.get('www-authenticate')).toBe('Bearer realm="api"');
  });

  it('a key of the platform: it belongs to no tenant', async () => {
    expect((await registry.call('POST', '/api/v1/webhooks', { body: FORM })).status).toBe(401);
  });

  it('a bad token also where nobody would be answered', async () => {
    expect((await registry.taiga('GET', '/webhooks', 'no-token')).status).toBe(401);
    expect((await registry.taiga('GET', '/webhooklogs', 'no-token')).status).toBe(401);
  });

  it('a project that one does not administrate', async () => {
    expect(await post({ key: ana, body: { ...FORM, project: 2 } })).toMatchObject({ status: 403, body: error('You do not have permission to perform this action.', 'exceptions.PermissionDenied') });
  });

  it('a key that may only read', async () => {
    const reader = await registry.key('acme', 'hooks:read');
    expect((await post({ key: reader, body: FORM })).status).toBe(403);
    expect((await registry.taiga('GET', '/webhooks', reader)).body).toEqual([]);
  });

  it.each([
    ['GET', ''], ['PUT', ''], ['PATCH', ''], ['DELETE', ''], ['POST', '/test'],
  ])('a webhook of another tenant: %s /webhooks/{id}%s', async (method, path) => {
    expect(await registry.taiga(method, `/webhooks/${rivalsWebhook}${path}`, ana, method === 'GET' ? undefined : FORM)).toMatchObject({ status: 404, body: error('Not found.', 'exceptions.NotFound') });
    expect((await registry.taiga('GET', `/webhooks/${rivalsWebhook}`, rival)).body).toMatchObject({ name: 'r4', key: 'k' });
  });

  it.each([['GET', ''], ['POST', '/resend']])('a call of another tenant: %s /webhooklogs/{id}%s', async (method, path) => {
    expect(await registry.taiga(method, `/webhooklogs/${rivalsRow}${path}`, ana)).toMatchObject({ status: 404, body: error('Not found.', 'exceptions.NotFound') });
    expect((await registry.taiga('GET', `/webhooklogs?webhook=${rivalsWebhook}`, ana)).body).toEqual([]);
  });

  it.each([
    ['GET', '/webhooks/0'], ['GET', '/webhooks/x'], ['GET', '/webhooks/99999999999999999999'], ['GET', '/webhooklogs/99999999999999999999'], ['GET', '/webhooklogs/x'], ['GET', '/userstories'], ['GET', '/projects/99'], ['GET', '/projects/by_slug?slug=theirs'], ['GET', '/projects/by_slug'], ['GET', '/webhooks/1/2/3'],
  ])('what is not there: %s %s', async (method, path) => {
    expect(await registry.taiga(method, path, ana)).toMatchObject({ status: 404, body: error('Not found.', 'exceptions.NotFound') });
  });

  it('a filter that is no number', async () => {
    expect(await registry.taiga('GET', '/webhooks?project=shop', ana)).toMatchObject({ status: 400, body: error("'project' must be an integer value.", 'exceptions.BadRequest') });
  });

  it('a method that there is not', async () => {
    expect(await registry.taiga('DELETE', '/webhooks', ana)).toMatchObject({ status: 405, body: error(some, 'api.exceptions.MethodNotAllowed') });
  });

  describe('POST /auth', () => {
    const logIn = (body: unknown) => registry.taiga('POST', '/auth', null, body);

    it('answers a login with the user and a token', async () => {
      const { status, body } = await logIn({ type: 'normal', username: 'acme/ana', password: PASSWORD });
      expect({ status, body }).toMatchObject({ status: 200, body: { id: 1, username: 'ana', full_name: 'ana of acme', email: 'ana@acme.example', is_active: true, auth_token: some } });
      expect((await registry.call('GET', '/api/v1/webhooks', { key: null, headers: { authorization: `Application ${body.auth_token}` } })).status).toBe(200);
    });

    it('answers a token again for as long as it lasts, as clients of newer Taigas ask', async () => {
      const { body } = await logIn({ type: 'normal', username: 'acme/ana', password: PASSWORD });
      expect(body.refresh).toEqual(some);
      const again = await registry.taiga('POST', '/auth/refresh', null, { refresh: body.refresh });
      expect(again).toMatchObject({ status: 200, body: { auth_token: some, refresh: some } });
      expect((await registry.taiga('GET', '/users/me', again.body.auth_token as string)).body).toMatchObject({ username: 'ana' });
      expect(await registry.taiga('POST', '/auth/refresh', null, { refresh: 'made up' })).toMatchObject({ status: 401, body: { code: 'token_not_valid' } });
      expect(await registry.taiga('POST', '/auth/refresh', null, {})).toMatchObject({ status: 400, body: { refresh: REQUIRED } });
    });

    it.each([
      ['a wrong password', { type: 'normal', username: 'acme/ana', password: 'wrong' }],
      ['a user that is not there', { type: 'normal', username: 'acme/nobody', password: PASSWORD }],
      ['a user of another tenant', { type: 'normal', username: 'rival/ana', password: PASSWORD }],
      ['no password', { type: 'normal', username: 'acme/ana' }],
    ])('%s', async (_, body) => {
      expect(await logIn(body)).toMatchObject({ status: 401, body: { _error_message: some, _error_type: some, code: 'invalid_credentials' } });
    });

    it.each([[{ type: 'github', username: 'a', password: 'b' }], [{}]])('a login of another kind: %j', async (body) => {
      expect(await logIn(body)).toMatchObject({ status: 400, body: error('invalid login type', 'exceptions.BadRequest') });
    });

    it('what is no JSON', async () => {
      expect((await registry.call('POST', '/api/v1/auth', { key: null, body: '{' })).status).toBe(400);
    });
  });
});
