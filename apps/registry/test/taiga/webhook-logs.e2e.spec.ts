import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startTaigaRegistry, type TaigaRegistry } from './taiga-registry.js';

interface Row {
  readonly id: number;
  readonly webhook: number;
  readonly status: number;
}

describe("the calls of Taiga's webhooks", () => {
  let registry: TaigaRegistry;
  let ana: string;
  let bo: string;
  let webhook: number;
  let hookId: string;

  beforeAll(async () => {
    registry = await startTaigaRegistry();
    await registry.tenant('acme');
    const shop = await registry.project('acme', 'shop');
    ana = await registry.user('acme', 'ana', { [shop.id]: 'admin' });
    bo = await registry.user('acme', 'bo', { [shop.id]: 'member' });
  }, 180_000);
  beforeEach(async () => {
    registry.outside.rows = [];
    registry.outside.answer = { status: 200, body: 'ok' };
    registry.outside.tests.length = 0;
    registry.outside.resends.length = 0;
    webhook = (await registry.taiga('POST', '/webhooks', ana, { project: 1, name: 'CI', url: 'https://ci.example/taiga', key: 'k' })).body.id as number;
    const { items } = (await registry.call('GET', '/v1/tenants/acme/hooks?limit=100')).body as { items: { id: string; createdAt: string }[] };
    hookId = items.at(-1)!.id;
  });
  afterAll(() => registry.stop());

  const delivered = (body = '{"action": "create"}') => registry.outside.delivered('acme', hookId, body);
  const rows = async (query = `?webhook=${webhook}`, token: string | null = ana): Promise<Row[]> => (await registry.taiga('GET', `/webhooklogs${query}`, token)).body as Row[];

  describe('POST /webhooks/{id}/test', () => {
    it('sends the ping of who presses it and answers with its row (T16)', async () => {
      const { status, body } = await registry.taiga('POST', `/webhooks/${webhook}/test`, ana);
      expect({ status, body }).toMatchObject({ status: 200, body: { webhook, status: 200, url: 'https://ci.example/taiga', response_data: '{"content": "ok"}', duration: 0.078 } });
      const [test] = registry.outside.tests;
      expect(test).toMatchObject({ hookId, sample: { type: 'test.test', project: expect.stringMatching(/^prj_/) }, actor: expect.stringMatching(/^user:/) });
      expect(JSON.parse(test!.sample.data.toString())).toEqual({
        by: { id: 1, permalink: `${registry.url}/profile/ana`, username: 'ana', full_name: 'ana of acme', photo: null, gravatar_id: expect.stringMatching(/^[0-9a-f]{32}$/) },
        data: { test: 'test' },
      });
      expect(await rows()).toEqual([expect.objectContaining({ id: body.id })]);
    });

    it('answers 200 with the row of a call that failed', async () => {
      registry.outside.answer = { status: 0, errorCode: 'target-blocked', errorSentence: 'x' };
      expect(await registry.taiga('POST', `/webhooks/${webhook}/test`, ana)).toMatchObject({ status: 200, body: { status: 0, response_data: 'error-in-request: Private IP Address not allowed', request_headers: {}, response_headers: {}, duration: 0 } });
    });
  });

  describe('GET /webhooklogs', () => {
    it('lists the last ten calls of a hook, newest first, and only to its admins (T17)', async () => {
      const ids = Array.from({ length: 12 }, () => delivered().number);
      expect((await rows()).map(({ id }) => id)).toEqual(ids.reverse().slice(0, 10));
      expect((await registry.taiga('GET', `/webhooks/${webhook}`, ana)).body.logs_counter).toBe(10);
      expect([await rows(undefined, bo), await rows(undefined, null), await rows('?webhook=99'), await rows('?webhook=x')]).toEqual([[], [], [], []]);
    });

    it('lists those of all hooks where none is named, with pages', async () => {
      const first = delivered().number;
      const { body } = await registry.taiga('POST', `/webhooks/${webhook}/test`, ana);
      expect((await rows('')).map(({ id }) => id)).toEqual([body.id, first]);
      const page = await registry.call('GET', '/api/v1/webhooklogs?page_size=1&page=2', { key: ana });
      expect([page.body[0].id, page.headers.get('x-pagination-count')]).toEqual([first, '2']);
    });
  });

  describe('GET /webhooklogs/{id}', () => {
    it('shows one call, with the numbers as they were sent', async () => {
      const { number } = delivered('{"data": {"value": 8.0}}');
      const { status, text } = await registry.taiga('GET', `/webhooklogs/${number}`, ana);
      expect(status).toBe(200);
      expect(text).toContain('"request_data":{"data": {"value": 8.0}}');
    });

    it('has none that is not among the last ten, or whose hook is gone', async () => {
      const oldest = delivered().number;
      const ids = Array.from({ length: 10 }, () => delivered().number);
      expect((await registry.taiga('GET', `/webhooklogs/${oldest}`, ana)).status).toBe(404);
      expect((await registry.taiga('GET', `/webhooklogs/${ids[9]}`, ana)).status).toBe(200);
      await registry.taiga('DELETE', `/webhooks/${webhook}`, ana);
      expect((await registry.taiga('GET', `/webhooklogs/${ids[9]}`, ana)).status).toBe(404);
    });
  });

  describe('POST /webhooklogs/{id}/resend', () => {
    it('sends the stored bytes to the present hook and answers with the new row (T17)', async () => {
      const { number, eventId } = delivered('{"a": 8.0}');
      const { status, body } = await registry.taiga('POST', `/webhooklogs/${number}/resend`, ana);
      expect({ status, body }).toMatchObject({ status: 200, body: { webhook, status: 200, request_data: { a: 8 } } });
      expect(body.id).not.toBe(number);
      expect(registry.outside.resends).toEqual([{ attempt: expect.objectContaining({ number, hookId, eventId, requestBody: Buffer.from('{"a": 8.0}') }), actor: expect.stringMatching(/^user:/) }]);
      expect((await rows()).map(({ id }) => id)).toEqual([body.id, number]);
    });

    it('is 451 for a blocked project', async () => {
      const { number } = delivered();
      const [project] = (await registry.call('GET', '/v1/tenants/acme/projects')).body.items as { id: string }[];
      await registry.call('PATCH', `/v1/tenants/acme/projects/${project!.id}`, { body: { blocked: true } });
      expect((await registry.taiga('POST', `/webhooklogs/${number}/resend`, ana)).status).toBe(451);
      expect((await registry.taiga('GET', `/webhooklogs/${number}`, ana)).status).toBe(200);
      await registry.call('PATCH', `/v1/tenants/acme/projects/${project!.id}`, { body: { blocked: false } });
      expect(registry.outside.resends).toEqual([]);
    });
  });

  it.each([
    ['GET', '', [401, 403, 200]],
    ['POST', '/resend', [401, 404, 200]],
  ] as const)('%s /webhooklogs/{id}%s: nobody, a member, an admin', async (method, path, statuses) => {
    const { number } = delivered();
    const answered: number[] = [];
    for (const token of [null, bo, ana]) answered.push((await registry.taiga(method, `/webhooklogs/${number}${path}`, token)).status);
    expect(answered).toEqual(statuses);
  });

  it.each([
    ['POST', ''],
    ['PUT', '/1'],
    ['PATCH', '/1'],
    ['DELETE', '/1'],
  ])('%s /webhooklogs%s is not allowed: a log is not written', async (method, path) => {
    const { status, body } = await registry.taiga(method, `/webhooklogs${path}`, ana, {});
    expect({ status, type: body._error_type }).toEqual({ status: 405, type: 'taiga.base.api.exceptions.MethodNotAllowed' });
  });
});
