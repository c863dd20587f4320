import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startWorksection, type WorksectionUnderTest } from './worksection-registry.js';
import { send, worksectionClients, type Answered, type ClientName, type Params } from './worksection-client.js';

const good = { url: 'https://receiver.example/in', events: 'post_task' };
const error = (statusCode: number, message: string, details?: string): object => ({ status: 'error', status_code: statusCode, message, ...(details === undefined ? {} : { message_details: details }) });
const mustRespond = (url: string): object => error(11, 'Url should respond 200 HTTP_CODE and JSON {status:OK}', url);

describe("bad input to Worksection's admin API", () => {
  let registry: WorksectionUnderTest;
  let key: string;
  beforeAll(async () => {
    registry = await startWorksection();
    await registry.tenant('acme');
    key = await registry.recoverableKey('acme', 'hooks:write');
  });
  afterAll(() => registry.stop());

  const hooks = async (): Promise<number> => ((await registry.call('GET', '/v1/tenants/acme/hooks')).body.items as unknown[]).length;

  const table: readonly (readonly [what: string, action: string, params: Params, body: object])[] = [
    ['no action', '', {}, error(10, 'Field is required', 'action')],
    ['an action that is none of ours', 'get_tasks', {}, error(11, 'Field is invalid', 'action: get_tasks')],
    ['an action in capitals', 'ADD_WEBHOOK', good, error(11, 'Field is invalid', 'action: ADD_WEBHOOK')],
    ['no address', 'add_webhook', { events: 'post_task' }, error(10, 'Field is required', 'url')],
    ['no events', 'add_webhook', { url: good.url }, error(10, 'Field is required', 'events')],
    ['an unknown event', 'add_webhook', { ...good, events: 'post_task,delete_project' }, error(11, 'Field is invalid', 'events: delete_project')],
    ['an address that is none', 'add_webhook', { ...good, url: 'receiver' }, mustRespond('receiver')],
    ['another scheme', 'add_webhook', { ...good, url: 'ftp://receiver.example/' }, mustRespond('ftp://receiver.example/')],
    ['a user in the address', 'add_webhook', { ...good, url: 'https://a:b@receiver.example/' }, mustRespond('https://a:b@receiver.example/')],
    ['a private address', 'add_webhook', { ...good, url: 'https://10.1.2.3/in' }, mustRespond('https://10.1.2.3/in')],
    ['the metadata address', 'add_webhook', { ...good, url: 'http://169.254.169.254/latest' }, mustRespond('http://169.254.169.254/latest')],
    ['a user with a colon', 'add_webhook', { ...good, http_user: 'a:b', http_pass: 'c' }, error(11, 'Field is invalid', 'http_user')],
    ['a password with a line end', 'add_webhook', { ...good, http_user: 'a', http_pass: 'b\nc' }, error(11, 'Field is invalid', 'http_pass')],
    ['no id', 'delete_webhook', {}, error(10, 'Field is required', 'id')],
    ['an id that was never given', 'delete_webhook', { id: '99999' }, error(10, 'WebHook not found')],
    ['an id that is no number', 'delete_webhook', { id: '1 OR 1=1' }, error(10, 'WebHook not found')],
    ['an id beyond all numbers', 'delete_webhook', { id: '9'.repeat(30) }, error(10, 'WebHook not found')],
  ];

  describe.each(['a hashed query', 'the SDKs from 2.1.1', 'an OAuth token in the header'] satisfies ClientName[])('by %s', (name) => {
    it.each(table)('%s: HTTP 200 with the error, and nothing is made', async (_, action, params, body) => {
      const before = await hooks();
      const answer = await worksectionClients(registry.url, key)[name](action, params);
      expect(answer).toMatchObject({ status: 200, contentType: 'application/json; charset=utf-8', body });
      expect(Object.keys(answer.body)).toEqual(Object.keys(body));
      expect(await hooks()).toBe(before);
    });
  });

  const posted = (body: string, contentType: string): Promise<Answered> => send(`${registry.url}/api/oauth2?action=get_webhooks`, { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': contentType }, body });

  it.each([
    ['JSON that is none', '{"url":', 'application/json', 400],
    ['JSON that is a list', '[1]', 'application/json', 400],
    ['JSON with a prototype', '{"__proto__":{"url":"https://receiver.example"}}', 'application/json', 400],
    ['JSON nested too deep', `{"a":${'['.repeat(500)}${']'.repeat(500)}}`, 'application/json', 400],
    ['a multipart form that is none', 'nothing', 'multipart/form-data; boundary=x', 400],
    ['more than a mebibyte', `{"url":"${'a'.repeat(1_100_000)}"}`, 'application/json', 413],
  ])('%s: the error in the same shape', async (_, body, contentType, status) => {
    const answer = await posted(body, contentType);
    expect(answer).toMatchObject({ status, contentType: 'application/json; charset=utf-8', body: { status: 'error', status_code: status, message: expect.any(String) } });
  });

  it.each([
    ['GET', '/api/admin/v3?action=get_webhooks', 404],
    ['GET', '/api/admin/v2/webhooks', 404],
    ['GET', '/api/oauth2/token', 404],
    ['PUT', '/api/admin/v2?action=get_webhooks', 405],
    ['DELETE', '/api/oauth2?action=delete_webhook&id=1', 405],
    ['GET', '/api/admin/v2?action=get_webhooks%00', 400],
  ])('%s %s: %i in the same shape', async (method, path, status) => {
    expect(await send(registry.url + path, { method })).toMatchObject({ status, body: { status: 'error', status_code: status, message: expect.any(String) } });
  });

  it('a parameter that comes twice counts as none', async () => {
    expect((await send(`${registry.url}/api/oauth2?action=delete_webhook&id=1&id=2&access_token=${key}`)).body).toEqual(error(10, 'Field is required', 'id'));
  });

  it('a platform key is nobody here', async () => {
    expect(await send(`${registry.url}/api/oauth2?action=get_webhooks`, { headers: { authorization: `Bearer ${registry.adminKey}` } })).toMatchObject({ status: 401 });
  });
});
