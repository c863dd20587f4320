import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startWorksection, type WorksectionUnderTest } from './worksection-registry.js';
import { worksectionClients, type Answered, type Params } from './worksection-client.js';

const URL_MUST_RESPOND = (url: string): string => `{"status":"error","status_code":11,"message":"Url should respond 200 HTTP_CODE and JSON {status:OK}","message_details":"${url}"}`;

describe("Worksection's webhooks over its own API", () => {
  let registry: WorksectionUnderTest;
  let client: (action: string, params?: Params) => Promise<Answered>;
  beforeAll(async () => {
    registry = await startWorksection();
    await registry.tenant('acme');
    client = worksectionClients(registry.url, await registry.recoverableKey('acme', 'hooks:write'))['a hashed query'];
  });
  beforeEach(() => registry.receivers.answerAll('ok'));
  afterAll(() => registry.stop());

  const native = async (): Promise<readonly Record<string, unknown>[]> => (await registry.call('GET', '/v1/tenants/acme/hooks')).body.items;

  it('are made active, with the id as a number, and seen in the native API with their origin (W19, W23)', async () => {
    const { text, body } = await client('add_webhook', { url: 'https://receiver.example/in', events: 'post_task,close_task', projects: '333,7', http_user: 'ws', http_pass: 'secret' });
    expect(text).toBe(`{"status":"ok","id":${body.id}}`);
    expect((await native()).at(-1)).toMatchObject({
      name: 'Worksection receiver.example', url: 'https://receiver.example/in', dialect: 'worksection', origin: 'worksection', enabled: true, colour: 'green',
      eventTypes: ['post_task', 'close_task'], projects: ['333', '7'], basicAuth: { user: 'ws', password: '***' }, timeoutMs: 5_000, disablePolicy: { limit: 10, count: 'in-a-row' },
    });
  });

  it('are listed as in the seed: id as text, lists with commas, no projects where it has all, never the password (W25, W28)', async () => {
    const all = await client('add_webhook', { url: 'https://receiver.example/all', events: 'post_task,post_comment,post_project', http_user: 'ws', http_pass: 'never-listed' });
    const some = await client('add_webhook', { url: 'https://receiver.example/some', events: 'post_task,delete_task,reopen_task', projects: '333' });
    const { text, body } = await client('get_webhooks');
    expect(text.startsWith('{"status":"ok","data":[{"id":"')).toBe(true);
    expect(text).toContain(
      `{"id":"${all.body.id}","url":"https://receiver.example/all","events":"post_task,post_comment,post_project","status":"active"},{"id":"${some.body.id}","url":"https://receiver.example/some","events":"post_task,delete_task,reopen_task","status":"active","projects":"333"}`,
    );
    expect(text).not.toMatch(/never-listed|http_|ws"/);
    const ids = body.data?.map(({ id }) => Number(id)) ?? [];
    expect(ids).toEqual(ids.toSorted((one, other) => one - other));
  });

  it('are paused while they are disabled', async () => {
    const { body } = await client('add_webhook', { url: 'https://receiver.example/paused', events: 'post_task' });
    const hook = (await native()).at(-1);
    await registry.call('POST', `/v1/tenants/acme/hooks/${String(hook?.['id'])}/disable`);
    expect((await client('get_webhooks')).body.data?.find(({ id }) => id === String(body.id))).toMatchObject({ status: 'paused' });
  });

  it('include what was made elsewhere in the dialect, and nothing of another one', async () => {
    await registry.hook('acme', { name: 'native', url: 'https://receiver.example/native' });
    await registry.hook('acme', { dialect: 'worksection', url: 'https://receiver.example/by-rest', eventTypes: ['*'] });
    const { data } = (await client('get_webhooks')).body;
    expect(data?.map(({ url }) => url)).not.toContain('https://receiver.example/native');
    expect(data?.find(({ url }) => url === 'https://receiver.example/by-rest')).toMatchObject({
      events: 'post_task,post_comment,post_project,update_task,update_comment,update_project,delete_task,delete_comment,close_task,reopen_task',
    });
  });

  it('are deleted by their id, once; their number is never given again (W27)', async () => {
    const { body } = await client('add_webhook', { url: 'https://receiver.example/short', events: 'post_task' });
    expect((await client('delete_webhook', { id: String(body.id) })).text).toBe('{"status":"ok"}');
    expect((await client('delete_webhook', { id: String(body.id) })).text).toBe('{"status":"error","status_code":10,"message":"WebHook not found"}');
    const next = await client('add_webhook', { url: 'https://receiver.example/next', events: 'post_task' });
    expect(next.body.id).toBeGreaterThan(body.id ?? 0);
    // As the seed spells it.
    expect((await client('delete_webhookd', { id: String(next.body.id) })).text).toBe('{"status":"ok"}');
  });

  it.each(['post_task', 'post_comment', 'post_project', 'update_task', 'update_comment', 'update_project', 'delete_task', 'delete_comment', 'close_task', 'reopen_task'])('take the event %s (W22, W26)', async (event) => {
    const { body } = await client('add_webhook', { url: 'https://receiver.example/each', events: event });
    expect((await client('get_webhooks')).body.data?.find(({ id }) => id === String(body.id))).toMatchObject({ events: event });
    await client('delete_webhook', { id: String(body.id) });
  });

  it('ask their receiver first, with a sample of the first event and the same Basic authentication (W24)', async () => {
    await client('add_webhook', { url: 'https://receiver.example/probed', events: 'close_task,post_task', http_user: 'ws', http_pass: 'pw' });
    const probe = registry.receivers.probes.at(-1);
    expect(probe).toMatchObject({ tenantId: 'acme', sample: { type: 'close_task' }, url: 'https://receiver.example/probed', basicAuth: 'ws:pw' });
  });

  it('are not made where the receiver does not say OK: code 11 with its address (W24)', async () => {
    const before = (await native()).length;
    registry.receivers.answerAll('broken');
    expect(await client('add_webhook', { url: 'https://google.example', events: 'post_task' })).toMatchObject({ status: 200, text: URL_MUST_RESPOND('https://google.example') });
    expect(await native()).toHaveLength(before);
  });

  it('are enabled by hand only when their receiver says OK; else an error says so, and they stay as they are (W13)', async () => {
    await client('add_webhook', { url: 'https://receiver.example/by-hand', events: 'post_task' });
    const id = String((await native()).at(-1)?.['id']);
    await registry.call('POST', `/v1/tenants/acme/hooks/${id}/disable`);
    registry.receivers.answerAll('broken');
    const refused = await registry.call('POST', `/v1/tenants/acme/hooks/${id}/enable`);
    expect(refused).toMatchObject({ status: 422, body: { code: 'receiver-refused' } });
    expect((await native()).at(-1)).toMatchObject({ enabled: false, colour: 'gray' });
    registry.receivers.answerAll('ok');
    expect((await registry.call('POST', `/v1/tenants/acme/hooks/${id}/enable`)).body).toMatchObject({ enabled: true, colour: 'green' });
  });

  it('begin disabled where somebody makes them in the console (W12)', async () => {
    registry.receivers.answerAll('broken');
    const { status, body } = await registry.call('POST', '/v1/tenants/acme/hooks', {
      body: { name: 'by hand', dialect: 'worksection', url: 'https://receiver.example/console', eventTypes: ['post_task'] },
      headers: { 'hooklane-client': 'console' },
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({ enabled: false, colour: 'gray', origin: 'console' });
  });

  it('come over from the product itself: what its get_webhooks answers is imported, and then listed the same', async () => {
    await registry.tenant('mover');
    const list = {
      status: 'ok',
      data: [
        { id: '14', url: 'https://receiver.example/a', events: 'post_task,delete_task,reopen_task', status: 'active', projects: '333' },
        { id: '16', url: 'https://receiver.example/b', events: 'post_task,post_comment,post_project', status: 'paused' },
      ],
    };
    const { body } = await registry.call('POST', '/v1/tenants/mover/imports', { body: { dialect: 'worksection', hooks: list, dryRun: false } });
    expect(body.items.map(({ result }: { result: string }) => result)).toEqual(['created', 'created']);
    const moved = await worksectionClients(registry.url, await registry.recoverableKey('mover', 'hooks:read'))['a hashed query']('get_webhooks');
    expect(moved.body.data?.map((item, index) => ({ ...item, id: list.data[index]?.id }))).toEqual(list.data);
  });
});
