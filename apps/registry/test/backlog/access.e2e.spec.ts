import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ADMIN_KEY } from '../registry-service.js';
import { startBacklog, type BacklogUnderTest } from './backlog-api.js';

const WEBHOOKS = '/projects/SHOP/webhooks';
const form: readonly [string, string][] = [['name', 'chat'], ['hookUrl', 'https://chat.example/in']];
const error = (message: string, code: number) => ({ errors: [{ message, code, moreInfo: '' }] });
const unknownCaller = { status: 401, body: error('Authentication failure.', 11) };

describe('who may use Backlog\'s API', () => {
  let backlog: BacklogUnderTest;
  let number: number;
  beforeAll(async () => {
    backlog = await startBacklog();
    number = (await backlog.webhook()).id;
  });
  afterAll(() => backlog.registry.stop());

  const post = async (path: string, body: object) => {
    const answer = await backlog.registry.call('POST', `/v1/tenants/acme/${path}`, { body });
    expect(answer.status).toBe(201);
    return answer.body;
  };
  /** A key that speaks for a new user with this role in the tenant and, if any, in SHOP. */
  const keyOfUser = async (role: string, inShop?: string): Promise<string> => {
    const { id } = await post('users', { name: `${role} ${inShop ?? ''}`, role });
    if (inShop) expect((await backlog.registry.call('PUT', `/v1/tenants/acme/projects/${backlog.shop.id}/members/${id}`, { body: { role: inShop } })).status).toBe(201);
    return (await post('api-keys', { name: 'own', scopes: ['hooks:write'], user: id })).key;
  };
  const hooks = async () => JSON.stringify((await backlog.registry.call('GET', '/v1/tenants/acme/hooks?limit=100')).body.items);

  it('200: a key in Backlog\'s header, in the query, or as a bearer; the header counts first', async () => {
    const as = (headers: Record<string, string>, query = '') => backlog.api('GET', WEBHOOKS + query, { key: null, headers });
    expect((await as({ 'backlog-api-key': backlog.key })).status).toBe(200);
    expect((await as({}, `?apiKey=${backlog.key}`)).status).toBe(200);
    expect((await as({ authorization: `Bearer ${backlog.key}` })).status).toBe(200);
    expect((await as({ 'backlog-api-key': backlog.key, authorization: 'Bearer wrong' })).status).toBe(200);
    expect(await as({ 'backlog-api-key': 'wrong' }, `?apiKey=${backlog.key}`)).toMatchObject(unknownCaller);
  });

  it('401: without a key, with a wrong one, with one that was revoked, and with one of the platform; whatever the body', async () => {
    const { id, key: revoked } = await post('api-keys', { name: 'old', scopes: ['hooks:write'] });
    await backlog.registry.call('POST', `/v1/tenants/acme/api-keys/${id}/revoke`);
    const before = await hooks();
    for (const key of [null, '', 'wrong', revoked, ADMIN_KEY]) {
      for (const [method, path] of [['GET', WEBHOOKS], ['POST', WEBHOOKS], ['GET', `${WEBHOOKS}/${number}`], ['PATCH', `${WEBHOOKS}/${number}`], ['DELETE', `${WEBHOOKS}/${number}`]] as const) {
        expect(await backlog.api(method, path, { key, ...(method === 'GET' ? {} : { form }) })).toMatchObject(unknownCaller);
      }
    }
    expect(await backlog.api('POST', WEBHOOKS, { key: null, body: '{', headers: { 'content-type': 'application/json' } })).toMatchObject(unknownCaller);
    expect(await hooks()).toBe(before);
  });

  it('404: for another tenant, which does not even learn that the project is there', async () => {
    await backlog.registry.tenant('other');
    const key = await backlog.registry.key('other', 'hooks:write');
    for (const path of [WEBHOOKS, `/projects/${backlog.shop.number}/webhooks`, `${WEBHOOKS}/${number}`]) {
      expect(await backlog.api('GET', path, { key })).toMatchObject({ status: 404, body: error('No project.', 6) });
    }
    expect((await backlog.api('POST', WEBHOOKS, { key, form })).status).toBe(404);
  });

  it.each<[string, string | undefined]>([
    ['owner', undefined],
    ['admin', undefined],
    ['member', 'admin'],
    ['viewer', 'admin'],
  ])('administrators, and administrators of the project, may do everything; others nothing (B17): %s, in the project %s', async (role, inShop) => {
    const key = await keyOfUser(role, inShop);
    const made = await backlog.api('POST', WEBHOOKS, { key, form });
    expect(made.status).toBe(200);
    for (const method of ['GET', 'PATCH', 'DELETE']) expect((await backlog.api(method, `${WEBHOOKS}/${made.body.id}`, { key })).status).toBe(200);
    expect((await backlog.api('GET', WEBHOOKS, { key })).status).toBe(200);
  });

  it.each<[string, string | undefined, number]>([
    ['member', 'member', 403],
    ['member', 'viewer', 403],
    ['viewer', 'member', 403],
    ['member', undefined, 404],
    ['viewer', undefined, 404],
  ])('%s, in the project %s: %i everywhere, and nothing is made, changed or deleted', async (role, inShop, status) => {
    const key = await keyOfUser(role, inShop);
    const body = status === 403 ? error('Webhooks are for administrators and for administrators of the project.', 5) : error('No project.', 6);
    const before = await hooks();
    for (const [method, path] of [['GET', WEBHOOKS], ['POST', WEBHOOKS], ['GET', `${WEBHOOKS}/${number}`], ['PATCH', `${WEBHOOKS}/${number}`], ['DELETE', `${WEBHOOKS}/${number}`]] as const) {
      expect(await backlog.api(method, path, { key, ...(method === 'GET' ? {} : { form }) })).toMatchObject({ status, body });
    }
    expect(await hooks()).toBe(before);
  });

  it('403: a key that may only read, for addresses are shown whole', async () => {
    const key = await backlog.registry.key('acme', 'hooks:read');
    expect(await backlog.api('GET', WEBHOOKS, { key })).toMatchObject({ status: 403, body: { errors: [{ code: 5 }] } });
  });

  it('403: an administrator of one project changes no webhook that others share', async () => {
    await backlog.project('BLOG');
    await backlog.registry.hook('acme', { name: 'shared', dialect: 'backlog', projects: ['SHOP', 'BLOG'] });
    const shared = (await backlog.api('GET', WEBHOOKS)).body.find(({ name }: { name: string }) => name === 'shared');
    const key = await keyOfUser('member', 'admin');
    expect((await backlog.api('GET', `${WEBHOOKS}/${shared.id}`, { key })).status).toBe(200);
    for (const method of ['PATCH', 'DELETE']) {
      expect(await backlog.api(method, `${WEBHOOKS}/${shared.id}`, { key })).toMatchObject({ status: 403, body: error('This webhook belongs to other projects too: it is for administrators.', 5) });
    }
    expect((await backlog.api('DELETE', `${WEBHOOKS}/${shared.id}`)).status).toBe(200);
  });

  it('says who made a webhook and who changed it last', async () => {
    const ana = await post('users', { name: 'Ana', userName: 'ana', email: 'ana@x.example', role: 'admin' });
    const { key } = await post('api-keys', { name: 'Ana\'s', scopes: ['hooks:write'], user: ana.id });
    const { body: made } = await backlog.api('POST', WEBHOOKS, { key, form });
    const user = { id: expect.any(Number), userId: 'ana', name: 'Ana', roleType: 1, lang: null, nulabAccount: null, mailAddress: 'ana@x.example', lastLoginTime: null };
    expect(made).toMatchObject({ createdUser: user, updatedUser: user });
    expect(made.createdUser.id).toBeGreaterThan(0);
    const { body: changed } = await backlog.api('PATCH', `${WEBHOOKS}/${made.id}`, { form: [['name', 'renamed']] });
    expect(changed).toMatchObject({ createdUser: made.createdUser, created: made.created, updatedUser: { id: 0, name: 'spec' } });
    await backlog.registry.call('DELETE', `/v1/tenants/acme/users/${ana.id}`);
    expect((await backlog.api('GET', `${WEBHOOKS}/${made.id}`)).body.createdUser).toEqual(made.createdUser);
  });
});
