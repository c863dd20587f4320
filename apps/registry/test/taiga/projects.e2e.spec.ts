import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTaigaRegistry, type TaigaRegistry } from './taiga-registry.js';

describe("what Taiga's clients look up before they make a webhook", () => {
  let registry: TaigaRegistry;
  let ana: string;

  beforeAll(async () => {
    registry = await startTaigaRegistry();
    await registry.tenant('acme');
    const shop = await registry.project('acme', 'shop');
    await registry.project('acme', 'hidden');
    const ware = await registry.project('acme', 'ware');
    ana = await registry.user('acme', 'ana', { [shop.id]: 'admin', [ware.id]: 'member' });
  }, 180_000);
  afterAll(() => registry.stop());

  it('the projects that one has a role in, by name', async () => {
    const { body, headers } = await registry.taiga('GET', '/projects?member=1', ana);
    expect(body).toEqual([expect.objectContaining({ id: 1, slug: 'shop', name: 'SHOP', i_am_admin: true, blocked_code: null }), expect.objectContaining({ id: 3, slug: 'ware', i_am_admin: false })]);
    expect(headers.get('x-pagination-count')).toBe('2');
    expect((await registry.taiga('GET', '/projects', null)).body).toEqual([]);
  });

  it('one project by its slug, which is its key, or by its number', async () => {
    expect(await registry.taiga('GET', '/projects/by_slug?slug=ware', ana)).toMatchObject({ status: 200, body: { id: 3, slug: 'ware' } });
    expect(await registry.taiga('GET', '/projects/1', ana)).toMatchObject({ status: 200, body: { id: 1, slug: 'shop' } });
    expect((await registry.taiga('GET', '/projects/by_slug?slug=hidden', ana)).status).toBe(404);
    expect((await registry.taiga('GET', '/projects/2', ana)).status).toBe(404);
    expect((await registry.taiga('GET', '/projects/1', null)).status).toBe(401);
  });

  it('who one is', async () => {
    expect(await registry.taiga('GET', '/users/me', ana)).toMatchObject({ status: 200, body: { id: 1, username: 'ana', full_name: 'ana of acme' } });
    expect((await registry.taiga('GET', '/users/me', null)).status).toBe(401);
    expect((await registry.taiga('GET', '/users/me', await registry.key('acme', 'hooks:write'))).status).toBe(403);
  });
});
