import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startBacklog, type BacklogCall, type BacklogUnderTest } from './backlog-api.js';

const WEBHOOKS = '/projects/SHOP/webhooks';
const good: readonly [string, string][] = [['name', 'chat'], ['hookUrl', 'https://chat.example/in']];
const json = (body: string): BacklogCall => ({ body, headers: { 'content-type': 'application/json' } });
const errors = (code: number, ...messages: (string | RegExp)[]) => ({ errors: messages.map((message) => ({ message: typeof message === 'string' ? message : expect.stringMatching(message), code, moreInfo: '' })) });

describe('bad input to Backlog\'s API', () => {
  let backlog: BacklogUnderTest;
  let number: number;
  beforeAll(async () => {
    backlog = await startBacklog();
    number = (await backlog.webhook()).id;
    await backlog.registry.tenant('other');
  });
  afterAll(() => backlog.registry.stop());

  const hooks = async () => JSON.stringify((await backlog.registry.call('GET', '/v1/tenants/acme/hooks?limit=100')).body.items);

  it.each<[string, BacklogCall, object]>([
    ['no field', { form: [] }, errors(7, 'name: Required.', 'hookUrl: Required.')],
    ['no body', {}, errors(7, 'name: Required.', 'hookUrl: Required.')],
    ['no name', { form: [good[1]!] }, errors(7, 'name: Required.')],
    ['an empty URL', { form: [good[0]!, ['hookUrl', '']] }, errors(7, 'hookUrl: Required.')],
    ['a name of two lines', { form: [['name', 'a\nb'], good[1]!] }, errors(7, 'name: Must be one line of well-formed text.')],
    ['a name beyond 200 characters', { form: [['name', 'x'.repeat(201)], good[1]!] }, errors(7, /^name: /)],
    ['a description beyond 1,024 characters', { form: [...good, ['description', 'x'.repeat(1_025)]] }, errors(7, /^description: /)],
    ['a URL that is none', { form: [good[0]!, ['hookUrl', 'chat.example/in']] }, errors(7, 'hookUrl: Is not an absolute URL.')],
    ['a URL of another kind', { form: [good[0]!, ['hookUrl', 'ftp://chat.example/in']] }, errors(7, 'hookUrl: Must begin with http:// or https://.')],
    ['a private address (B4)', { form: [good[0]!, ['hookUrl', 'http://192.168.0.10/in']] }, errors(7, /^hookUrl: 192\.168\.0\.10 is an address that hooks may not reach/)],
    ['a private address of another family (B4)', { form: [good[0]!, ['hookUrl', 'https://[fd00::1]/in']] }, errors(7, /^hookUrl: .* is an address that hooks may not reach/)],
    ['an address that only this network reaches (B3)', { form: [good[0]!, ['hookUrl', 'http://169.254.10.1/in']] }, errors(7, /^hookUrl: 169\.254\.10\.1 is an address that hooks may not reach/)],
    ['no event', { form: [...good, ['allEvent', 'false']] }, errors(7, 'activityTypeIds: Choose an event, or set allEvent to true.')],
    ['an event that is no number', { form: [...good, ['activityTypeIds[]', 'issue.created']] }, errors(7, /^activityTypeIds: Must be at most 200 numbers/)],
    ['the event 0', { form: [...good, ['activityTypeIds[]', '0']] }, errors(7, /^activityTypeIds: /)],
    ['a flag that is none', { form: [...good, ['allEvent', 'yes']] }, errors(7, 'allEvent: Must be true or false.')],
    ['two names', { form: [...good, ['name', 'another']] }, errors(7, 'name: Must be one text.')],
    ['several problems at once', { form: [['name', 'a'], ['name', 'b'], ['allEvent', 'x']] }, errors(7, 'name: Must be one text.', 'allEvent: Must be true or false.')],
    ['JSON that is none', json('{"name":'), errors(7, /./)],
    ['JSON that is no object', json('["name"]'), errors(7, 'The body must be a JSON object.')],
    ['what is no form', { body: '\u0000\u0001', headers: { 'content-type': 'application/octet-stream' } }, errors(7, 'name: Required.', 'hookUrl: Required.')],
  ])('POST 400: %s; nothing is made', async (_, call, body) => {
    const before = await hooks();
    expect(await backlog.api('POST', WEBHOOKS, call)).toMatchObject({ status: 400, body });
    expect(await hooks()).toBe(before);
  });

  it.each<[string, BacklogCall, object]>([
    ['an empty name', { form: [['name', '']] }, errors(7, 'name: Required.')],
    ['a private address (B4)', { form: [['hookUrl', 'http://10.0.0.1/']] }, errors(7, /^hookUrl: 10\.0\.0\.1 is an address/)],
    ['no event left', { form: [['activityTypeIds[]', '']] }, errors(7, 'activityTypeIds: Choose an event, or set allEvent to true.')],
    ['JSON that is none', json('{'), errors(7, /./)],
  ])('PATCH 400: %s; nothing is changed', async (_, call, body) => {
    const before = await hooks();
    expect(await backlog.api('PATCH', `${WEBHOOKS}/${number}`, call)).toMatchObject({ status: 400, body });
    expect(await hooks()).toBe(before);
  });

  it('413 for a body beyond 1 MiB', async () => {
    expect(await backlog.api('POST', WEBHOOKS, { form: [...good, ['description', 'x'.repeat(1_100_000)]] })).toMatchObject({ status: 413, body: errors(7, /./) });
  });

  it.each(['/projects/NONE/webhooks', '/projects/99/webhooks', '/projects/shop/webhooks'])('404: no project %s', async (path) => {
    for (const [method, form] of [['GET', undefined], ['POST', good]] as const) {
      expect(await backlog.api(method, path, form ? { form } : {})).toMatchObject({ status: 404, body: errors(6, 'No project.') });
    }
  });

  it.each(['0', '99', '1.5', '-1', 'abc', '9007199254740993', 'hook_1'])('404: no webhook %s', async (webhook) => {
    for (const method of ['GET', 'PATCH', 'DELETE']) expect(await backlog.api(method, `${WEBHOOKS}/${webhook}`)).toMatchObject({ status: 404, body: errors(6, 'No webhook.') });
  });

  it('404: the webhook of another project', async () => {
    await backlog.project('BLOG');
    for (const method of ['GET', 'PATCH', 'DELETE']) expect((await backlog.api(method, `/projects/BLOG/webhooks/${number}`)).status).toBe(404);
  });

  it('404 and 405 look the same where there is no such route', async () => {
    expect(await backlog.api('GET', '/projects/%00/webhooks')).toMatchObject({ status: 404, body: errors(6, /./) });
    expect(await backlog.api('GET', '/space')).toMatchObject({ status: 404, body: errors(6, /./) });
    expect(await backlog.api('PUT', `${WEBHOOKS}/${number}`, { form: good })).toMatchObject({ status: 405, body: errors(7, /./) });
  });
});
