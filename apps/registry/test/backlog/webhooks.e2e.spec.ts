import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startBacklog, type BacklogUnderTest } from './backlog-api.js';

const WEBHOOKS = '/projects/SHOP/webhooks';

describe('Backlog\'s API of webhooks', () => {
  let backlog: BacklogUnderTest;
  beforeAll(async () => {
    backlog = await startBacklog();
  });
  afterAll(() => backlog.registry.stop());

  it('POST 200: name, URL and events make a webhook, answered as the object that the list then has (B10)', async () => {
    const { status, headers, body } = await backlog.api('POST', WEBHOOKS, {
      form: [['name', 'chat'], ['description', 'to the chat'], ['hookUrl', 'https://chat.example/in?token=t0'], ['allEvent', 'false'], ['activityTypeIds[]', '3'], ['activityTypeIds[]', '1'], ['activityTypeIds[]', '99']],
    });
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    const keyUser = { id: 0, userId: null, name: 'spec', roleType: 1, lang: null, nulabAccount: null, mailAddress: null, lastLoginTime: null };
    expect(body).toEqual({
      id: expect.any(Number),
      name: 'chat',
      description: 'to the chat',
      hookUrl: 'https://chat.example/in?token=t0',
      allEvent: false,
      activityTypeIds: [1, 3, 99],
      createdUser: keyUser,
      created: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      updatedUser: keyUser,
      updated: body.created,
    });
    expect((await backlog.api('GET', WEBHOOKS)).body).toContainEqual(body);
    expect(await backlog.api('GET', `${WEBHOOKS}/${body.id}`)).toMatchObject({ status: 200, body });
  });

  it('what it makes is a hook like any other, with its origin, its defaults and the query of its address masked', async () => {
    await backlog.webhook(['name', 'like any other'], ['hookUrl', 'https://chat.example/in?token=t0'], ['activityTypeIds[]', '3']);
    expect(await backlog.native('like any other')).toMatchObject({
      dialect: 'backlog',
      origin: 'backlog',
      url: 'https://chat.example/in?token=***',
      enabled: true,
      colour: 'green',
      projects: ['SHOP', backlog.shop.id],
      eventTypes: ['issue.commented'],
      timeoutMs: 10_000,
      disablePolicy: { limit: 0 },
      retry: { unavailableDelaysMs: [], rejectedDelaysMs: [] },
      secrets: [],
    });
  });

  it('POST 200 with allEvent, with JSON, and with the project\'s number in the path', async () => {
    const { number } = backlog.shop;
    const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name: 'all', hookUrl: 'https://a.example', allEvent: true }) };
    expect(await backlog.api('POST', `/projects/${number}/webhooks`, json)).toMatchObject({ status: 200, body: { allEvent: true, activityTypeIds: [], description: '' } });
    expect(await backlog.webhook()).toMatchObject({ allEvent: true });
  });

  it('a name may come twice: Backlog does not ask for others', async () => {
    expect((await backlog.webhook()).id).not.toBe((await backlog.webhook()).id);
  });

  it('PATCH 200 changes what it names (B13)', async () => {
    const { id } = await backlog.webhook(['description', 'd'], ['activityTypeIds[]', '1']);
    const patch = async (...form: [string, string][]) => (await backlog.api('PATCH', `${WEBHOOKS}/${id}`, { form })).body;
    expect(await patch(['name', 'renamed'])).toMatchObject({ id, name: 'renamed', description: 'd', hookUrl: 'https://chat.example/in', allEvent: false, activityTypeIds: [1] });
    expect(await patch(['hookUrl', 'https://b.example/?k=1'], ['description', ''])).toMatchObject({ name: 'renamed', description: '', hookUrl: 'https://b.example/?k=1' });
    expect(await patch(['activityTypeIds[]', '2'], ['activityTypeIds[]', '48'])).toMatchObject({ activityTypeIds: [2, 48] });
    expect(await patch(['allEvent', 'true'])).toMatchObject({ allEvent: true, activityTypeIds: [] });
    expect(await patch(['allEvent', 'false'], ['activityTypeIds[]', '5'])).toMatchObject({ allEvent: false, activityTypeIds: [5] });
    expect(await patch()).toMatchObject({ name: 'renamed', activityTypeIds: [5] });
    expect((await backlog.api('GET', `${WEBHOOKS}/${id}`)).body).toMatchObject({ name: 'renamed', hookUrl: 'https://b.example/?k=1', activityTypeIds: [5] });
  });

  it('DELETE 200 answers with what was deleted, and then it is gone everywhere (B14)', async () => {
    const webhook = await backlog.webhook(['name', 'to be deleted']);
    const hook = await backlog.native('to be deleted');
    expect(await backlog.api('DELETE', `${WEBHOOKS}/${webhook.id}`)).toMatchObject({ status: 200, body: webhook });
    const gone = { status: 404, body: { errors: [{ message: 'No webhook.', code: 6, moreInfo: '' }] } };
    for (const method of ['GET', 'DELETE', 'PATCH']) expect(await backlog.api(method, `${WEBHOOKS}/${webhook.id}`)).toMatchObject(gone);
    expect((await backlog.api('GET', WEBHOOKS)).body.map(({ id }: { id: number }) => id)).not.toContain(webhook.id);
    expect((await backlog.registry.call('GET', `/v1/tenants/acme/hooks/${hook.id}`)).status).toBe(404);
  });

  it('GET 200 lists what any API made for the project, in the order of creation, and nothing of others (B9)', async () => {
    await backlog.project('LIST');
    const path = '/projects/LIST/webhooks';
    expect(await backlog.api('GET', path)).toMatchObject({ status: 200, body: [] });
    const hook = (fields: object) => backlog.registry.hook('acme', { dialect: 'backlog', projects: ['LIST'], ...fields });
    await hook({ name: 'by the native API', eventTypes: ['issue.*', '99', 'shop.order'], metadata: { description: 'd' } });
    await backlog.api('POST', path, { form: [['name', 'by Backlog\'s'], ['hookUrl', 'https://a.example']] });
    await hook({ name: 'of two', projects: ['SHOP', 'LIST'], eventTypes: ['3'] });
    await hook({ name: 'of every project', projects: [] });
    await hook({ name: 'native', dialect: 'native' });
    const { body } = await backlog.api('GET', path);
    expect(body.map(({ name, activityTypeIds }: { name: string; activityTypeIds: number[] }) => [name, activityTypeIds])).toEqual([
      ['by the native API', [1, 2, 3, 4, 14, 17, 35, 47, 99]],
      ['by Backlog\'s', []],
      ['of two', [3]],
    ]);
    expect(body[0]).toMatchObject({ description: 'd' });
  });

  it('http is accepted, with a warning where the hook is administrated (B5)', async () => {
    await backlog.webhook(['name', 'in clear'], ['hookUrl', 'http://chat.example/in']);
    expect((await backlog.native('in clear')).warnings).toEqual([expect.objectContaining({ code: 'insecure-url' })]);
  });
});
