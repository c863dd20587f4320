import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Receivers } from '../../src/ports.js';
import { grpcClient } from '../grpc-client.js';
import { ADMIN_KEY, startRegistry, type RegistryUnderTest } from '../registry-service.js';

const url = (path: string): string => `https://receiver.example/${path}`;
const lists: Readonly<Record<string, unknown>> = {
  taiga: [{ id: 3, project: 12, name: 'ci', url: url('taiga?token=t-4711'), key: 'k-4711', logs_counter: 7 }],
  backlog: [{ id: 1, name: 'all', description: 'd', hookUrl: url('backlog'), allEvent: true, activityTypeIds: [] }],
  icescrum: [{ class: 'Hook', id: 5, url: url('icescrum'), secret: 'k-4711', workspaceId: 2, workspaceType: 'project', events: ['story.create', 'nonsense'], enabled: false, ignoreSsl: true }],
  worksection: { status: 'ok', data: [{ id: '14', url: url('worksection'), events: 'post_task,reopen_task', status: 'active' }] },
};
const made: Readonly<Record<string, object>> = {
  taiga: { name: 'ci', url: url('taiga?token=***'), projects: ['12'], eventTypes: ['*'], enabled: true, secrets: [{ kind: 'hmac' }] },
  backlog: { name: 'all', eventTypes: ['*'], metadata: { description: 'd' }, secrets: [] },
  icescrum: { name: 'iceScrum 5', eventTypes: ['story.create'], enabled: false, projects: ['2'], tls: { verify: false } },
  worksection: { name: 'Worksection 14', eventTypes: ['post_task', 'reopen_task'], enabled: true, projects: [] },
};

describe('POST /v1/tenants/{tenant}/imports', () => {
  let registry: RegistryUnderTest;
  const probed: string[] = [];
  let outcomeClass = 'success';
  const probe: Receivers['probe'] = async ({ hook }) => (probed.push(hook.name), { outcome: { attempt: { outcomeClass, errorCode: 'status-404', errorSentence: 'Not there.', status: 404, responseBody: Buffer.alloc(0) } }, place: { partition: 0, offset: 0 } } as never);
  beforeAll(async () => {
    registry = await startRegistry({}, { ports: { receivers: { probe } as Receivers } });
    for (const tenant of ['acme', 'other']) await registry.tenant(tenant);
  });
  afterAll(() => registry?.stop());

  const run = (body: object, options: object = {}, tenant = 'acme') => registry.call('POST', `/v1/tenants/${tenant}/imports`, { body, ...options });
  const hooksOf = async (tenant = 'acme') => (await registry.call('GET', `/v1/tenants/${tenant}/hooks`)).body.items;

  it.each(Object.keys(lists))('%s: says first what it would make, then makes it, and makes nothing twice', async (dialect) => {
    const before = (await hooksOf()).length;
    const dry = await run({ dialect, hooks: lists[dialect] });
    expect(dry).toMatchObject({ status: 200, body: { dryRun: true, items: [{ index: 0, result: 'would-create', hook: null }] } });
    expect(await hooksOf()).toHaveLength(before);
    const real = await run({ dialect, hooks: lists[dialect], dryRun: false });
    expect(real.body).toMatchObject({ dryRun: false, items: [{ result: 'created' }] });
    const { hook } = real.body.items[0];
    expect((await registry.call('GET', `/v1/tenants/acme/hooks/${hook}`)).body).toMatchObject({ dialect, origin: 'api', ...made[dialect] });
    expect((await run({ dialect, hooks: lists[dialect], dryRun: false })).body.items).toMatchObject([{ result: 'exists', hook }]);
    expect(await hooksOf()).toHaveLength(before + 1);
    expect(JSON.stringify([dry.body, real.body])).not.toContain('4711');
  });

  it('tells the problem of each hook, and makes the others', async () => {
    const hook = { name: 'n', key: 'k', project: 1 };
    const hooks = [{ ...hook, url: url('one') }, { ...hook, url: 'http://192.168.0.1/in' }, { name: 'no url' }, { ...hook, url: url('one') }, { ...hook, url: 'ftp://x' }];
    const expected = [{ result: 'would-create' }, { result: 'problem', code: 'target-denied' }, { result: 'problem', code: 'invalid-request', message: 'Has no url.' }, { result: 'exists', hook: null }, { result: 'problem', code: 'invalid-hook' }];
    expect((await run({ dialect: 'taiga', hooks })).body.items).toMatchObject(expected);
    expect((await run({ dialect: 'taiga', hooks, dryRun: false })).body.items).toMatchObject([{ result: 'created' }, ...expected.slice(1, 3), { result: 'exists', hook: expect.stringMatching(/^hook_/) }, expected[4]]);
  });

  it('puts the hooks into the project that is named', async () => {
    const { body } = await run({ dialect: 'taiga', hooks: lists['taiga'], project: 'SHOP', dryRun: false }, {}, 'other');
    expect((await registry.call('GET', `/v1/tenants/other/hooks/${body.items[0].hook}`)).body.projects).toEqual(['SHOP']);
  });

  it('asks the receivers where the dialect does, and not in a dry run', async () => {
    outcomeClass = 'rejected';
    probed.length = 0;
    const hooks = [{ id: '77', url: url('silent'), events: 'post_task', status: 'active' }];
    expect((await run({ dialect: 'worksection', hooks })).body.items).toMatchObject([{ result: 'would-create' }]);
    expect(probed).toEqual([]);
    expect((await run({ dialect: 'worksection', hooks, dryRun: false })).body.items).toMatchObject([{ result: 'problem', code: 'receiver-refused', message: 'Not there.' }]);
    expect(probed).toEqual(['Worksection 77']);
    outcomeClass = 'success';
  });

  it('answers a repeat with the same Idempotency-Key as the first time', async () => {
    const once = () => run({ dialect: 'backlog', hooks: [{ name: 'once', hookUrl: url('once'), allEvent: true }], dryRun: false }, { headers: { 'idempotency-key': 'import-1' } });
    const first = await once();
    expect(first.body.items).toMatchObject([{ result: 'created' }]);
    expect((await once()).body).toEqual(first.body);
  });

  it('says the same over gRPC', async () => {
    const grpc = grpcClient(registry.service.grpcPort!);
    const { message } = await grpc.call('ImportService', 'ImportHooks', { tenant: 'acme', dialect: 'taiga', hooksJson: JSON.stringify([{ name: 'g', url: url('g'), key: 'k' }]) }, ADMIN_KEY);
    expect(message).toMatchObject({ dryRun: true, items: [{ index: 0, name: 'g', result: 'would-create' }] });
    expect(await grpc.call('ImportService', 'ImportHooks', { tenant: 'acme', dialect: 'taiga', hooksJson: '{' }, ADMIN_KEY)).toMatchObject({ reason: 'invalid-request' });
  });

  it.each([
    ['what is no list', { dialect: 'taiga', hooks: { a: 1 } }],
    ['a dialect without a list', { dialect: 'native', hooks: [] }],
    ['more than a thousand', { dialect: 'taiga', hooks: Array(1_001).fill({}) }],
  ])('400: %s', async (_, body) => {
    expect(await run(body)).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
  });

  it('404: another tenant\'s key; 403: one that may not write', async () => {
    const body = { dialect: 'taiga', hooks: [] };
    expect((await run(body, { key: await registry.key('other', 'admin') })).status).toBe(404);
    expect((await run(body, { key: await registry.key('acme', 'hooks:read') })).status).toBe(403);
  });
});
