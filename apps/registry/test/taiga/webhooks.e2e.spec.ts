import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTaigaRegistry, type TaigaRegistry } from './taiga-registry.js';

const form = (project: number, more: object = {}): object => ({ project, name: 'CI', url: 'https://ci.example/taiga?token=t', key: 'clé 🔑', ...more });

describe("Taiga's webhooks", () => {
  let registry: TaigaRegistry;
  /** Administrates `shop`; `bo` is a mere member of it. */
  let ana: string;
  let bo: string;
  /** Of the tenant's own key, which may change every hook. */
  let key: string;

  beforeAll(async () => {
    registry = await startTaigaRegistry();
    await registry.tenant('acme');
    const shop = await registry.project('acme', 'shop');
    await registry.project('acme', 'ware');
    const stuck = await registry.project('acme', 'stuck');
    ana = await registry.user('acme', 'ana', { [shop.id]: 'admin', [stuck.id]: 'admin' });
    bo = await registry.user('acme', 'bo', { [shop.id]: 'member' });
    key = await registry.key('acme', 'hooks:write');
  }, 180_000);
  afterAll(() => registry.stop());

  const create = async (project: number, more: object = {}): Promise<number> => (await registry.taiga('POST', '/webhooks', key, form(project, more))).body.id as number;

  describe('POST /webhooks', () => {
    it('makes a hook of the project, with the key that the receiver gave (T10, T14, T15)', async () => {
      const { status, body } = await registry.taiga('POST', '/webhooks', ana, form(1));
      expect({ status, body }).toEqual({ status: 201, body: { id: expect.any(Number), project: 1, name: 'CI', url: 'https://ci.example/taiga?token=t', key: 'clé 🔑', logs_counter: 0 } });
    });

    it('makes the same hook as the native API, with its origin, every event and the delivery rules of Taiga', async () => {
      await create(1, { name: 'seen natively' });
      const { items } = (await registry.call('GET', '/v1/tenants/acme/hooks?limit=100')).body as { items: Record<string, unknown>[] };
      expect(items.find(({ name }) => name === 'seen natively')).toMatchObject({
        dialect: 'taiga', origin: 'taiga', enabled: true, eventTypes: ['*'], projects: [expect.stringMatching(/^prj_/), 'shop'], url: 'https://ci.example/taiga?token=***', timeoutMs: 30_000, disablePolicy: { limit: 0 }, retry: { unavailableDelaysMs: [], rejectedDelaysMs: [] },
      });
    });

    it('takes the hook that a form sends, and a name of 250 characters', async () => {
      const { status, body } = await registry.call('POST', '/api/v1/webhooks', { key: ana, headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: `project=1&name=${'n'.repeat(250)}&url=https%3A%2F%2Fci.example%2F&key=k` });
      expect({ status, name: body.name }).toEqual({ status: 201, name: 'n'.repeat(250) });
    });
  });

  describe('GET /webhooks', () => {
    it('lists the hooks of the projects that one administrates, by name; others and nobody get none (T1)', async () => {
      const hidden = await create(2, { name: 'of another project' });
      const shown = await create(1, { name: 'AAA' });
      const ids = async (token: string | null, query = ''): Promise<number[]> => ((await registry.taiga('GET', `/webhooks${query}`, token)).body as { id: number }[]).map(({ id }) => id);
      expect((await ids(ana))[0]).toBe(shown);
      expect(await ids(ana)).not.toContain(hidden);
      expect([await ids(bo), await ids(null)]).toEqual([[], []]);
      expect(await ids(key)).toEqual(expect.arrayContaining([hidden, shown]));
      expect(await ids(key, '?project=2')).toEqual([hidden]);
      expect([await ids(ana, '?project=2'), await ids(ana, '?project=99')]).toEqual([[], []]);
    });

    it('shows hooks that were made elsewhere, and none of other dialects', async () => {
      const made = await registry.hook('acme', { name: 'made natively', dialect: 'taiga', secret: 'k', projects: ['ware'] });
      await registry.hook('acme', { name: 'speaks natively', projects: ['ware'] });
      const list = (await registry.taiga('GET', '/webhooks?project=2', key)).body as { name: string; key: string; project: number }[];
      expect(list.filter(({ name }) => name.endsWith('natively'))).toEqual([expect.objectContaining({ name: 'made natively', key: 'k', project: 2 })]);
      await registry.call('DELETE', `/v1/tenants/acme/hooks/${made.id}`);
    });

    it('has pages of 30, of the size one asks for, or none', async () => {
      for (let at = 0; at < 31; at++) await create(2, { name: `page ${at}` });
      const list = async (query: string, headers: Record<string, string> = {}) => registry.call('GET', `/api/v1/webhooks?project=2${query}`, { key, headers });
      const first = await list('');
      expect(first.body).toHaveLength(30);
      expect(Object.fromEntries([...first.headers].filter(([name]) => name.startsWith('x-pag')))).toEqual({
        'x-paginated': 'true', 'x-paginated-by': '30', 'x-pagination-count': '32', 'x-pagination-current': '1', 'x-pagination-next': `${registry.url}/api/v1/webhooks?project=2&page=2`,
      });
      expect((await list('&page=2')).body).toHaveLength(2);
      expect((await list('&page_size=1000')).body).toHaveLength(32);
      const whole = await list('', { 'x-disable-pagination': 'true' });
      expect([whole.body.length, whole.headers.get('x-paginated')]).toEqual([32, null]);
      expect(await list('&page=9')).toMatchObject({ status: 404, body: { _error_type: 'taiga.base.exceptions.NotFound' } });
    });
  });

  describe('GET, PUT, PATCH and DELETE /webhooks/{id}', () => {
    it('shows one hook, its key in clear', async () => {
      const id = await create(1);
      expect(await registry.taiga('GET', `/webhooks/${id}`, ana)).toMatchObject({ status: 200, body: { id, key: 'clé 🔑' } });
    });

    it('changes it whole or in part (T16)', async () => {
      const id = await create(1);
      expect(await registry.taiga('PUT', `/webhooks/${id}`, ana, form(1, { name: 'new', url: 'https://other.example/', key: 'k2', id, logs_counter: 0 }))).toMatchObject({ status: 200, body: { id, project: 1, name: 'new', url: 'https://other.example/', key: 'k2' } });
      expect(await registry.taiga('PUT', `/webhooks/${id}`, ana, { name: 'without project', url: 'https://other.example/', key: 'k2' })).toMatchObject({ status: 200, body: { project: 1, name: 'without project' } });
      expect(await registry.taiga('PATCH', `/webhooks/${id}`, ana, { key: 'k3' })).toMatchObject({ status: 200, body: { name: 'without project', key: 'k3' } });
      expect(await registry.taiga('GET', `/webhooks/${id}`, ana)).toMatchObject({ body: { name: 'without project', url: 'https://other.example/', key: 'k3' } });
    });

    it('moves it to another project for who administrates both', async () => {
      const id = await create(1);
      expect((await registry.taiga('PATCH', `/webhooks/${id}`, ana, { project: 2 })).status).toBe(403);
      expect(await registry.taiga('PATCH', `/webhooks/${id}`, key, { project: 2 })).toMatchObject({ status: 200, body: { project: 2 } });
      expect((await registry.taiga('GET', `/webhooks/${id}`, ana)).status).toBe(403);
      await registry.taiga('DELETE', `/webhooks/${id}`, key);
    });

    it('leaves the projects of a hook that has several, as only the native API makes them', async () => {
      const made = await registry.hook('acme', { name: 'of two', dialect: 'taiga', secret: 'k', projects: ['shop', 'ware'] });
      const list = (await registry.taiga('GET', '/webhooks?project=1', key)).body as { name: string; id: number }[];
      const { id } = list.find(({ name }) => name === 'of two')!;
      expect((await registry.taiga('PUT', `/webhooks/${id}`, key, form(1, { name: 'of two still' }))).status).toBe(200);
      expect((await registry.call('GET', `/v1/tenants/acme/hooks/${made.id}`)).body).toMatchObject({ name: 'of two still', projects: ['shop', 'ware'] });
      expect((await registry.taiga('GET', `/webhooks/${id}`, ana)).status).toBe(403);
      await registry.taiga('DELETE', `/webhooks/${id}`, key);
    });

    it('deletes it, for the native API too (T16)', async () => {
      const id = await create(1, { name: 'to go' });
      expect(await registry.taiga('DELETE', `/webhooks/${id}`, ana)).toMatchObject({ status: 204, text: '' });
      expect(await registry.taiga('GET', `/webhooks/${id}`, ana)).toMatchObject({ status: 404, body: { _error_message: 'Not found.', _error_type: 'taiga.base.exceptions.NotFound' } });
      const { items } = (await registry.call('GET', '/v1/tenants/acme/hooks?limit=100')).body as { items: { name: string }[] };
      expect(items.map(({ name }) => name)).not.toContain('to go');
    });
  });

  it.each([
    ['GET', '', undefined, [401, 403, 200]],
    ['PUT', '', form(1), [401, 403, 200]],
    ['PATCH', '', { key: 'k' }, [401, 403, 200]],
    ['POST', '/test', undefined, [401, 404, 200]],
    ['DELETE', '', undefined, [401, 403, 204]],
  ] as const)('%s /webhooks/{id}%s: nobody, a member, an admin', async (method, path, body, statuses) => {
    const id = await create(1);
    const answered: number[] = [];
    for (const token of [null, bo, ana]) answered.push((await registry.taiga(method, `/webhooks/${id}${path}`, token, body)).status);
    expect(answered).toEqual(statuses);
  });

  it.each([
    ['POST', '', form(3), 451],
    ['GET', '/{id}', undefined, 200],
    ['PUT', '/{id}', form(3), 451],
    ['PATCH', '/{id}', { key: 'k' }, 451],
    ['POST', '/{id}/test', undefined, 451],
    ['DELETE', '/{id}', undefined, 451],
  ] as const)('of a blocked project: %s /webhooks%s', async (method, path, body, status) => {
    const projects = (await registry.call('GET', '/v1/tenants/acme/projects')).body.items as { id: string; key: string }[];
    const block = (blocked: boolean) => registry.call('PATCH', `/v1/tenants/acme/projects/${projects.find(({ key: name }) => name === 'stuck')!.id}`, { body: { blocked } });
    await block(false);
    const id = await create(3);
    await block(true);
    const answer = await registry.taiga(method, `/webhooks${path.replace('{id}', String(id))}`, ana, body);
    expect(answer.status).toBe(status);
    if (status === 451) expect(answer.body).toEqual({ _error_message: 'Blocked element', _error_type: 'taiga.base.exceptions.Blocked' });
  });

  it('says in the history of the hook who did it', async () => {
    await registry.taiga('POST', '/webhooks', ana, form(1, { name: 'told' }));
    const { items } = (await registry.call('GET', '/v1/tenants/acme/hooks?limit=100')).body as { items: { id: string; name: string }[] };
    const history = (await registry.call('GET', `/v1/tenants/acme/hooks/${items.find(({ name }) => name === 'told')!.id}/history`)).body.items as { actor: string }[];
    expect(history[0]!.actor).toMatch(/^user:/);
  });
});
