import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRegistry, type RegistryUnderTest } from '../registry-service.js';

describe('the first admin key', () => {
  let registry: RegistryUnderTest;
  beforeAll(async () => {
    // Empty counts as not set; the first one was made while the registry started.
    registry = await startRegistry({ HOOKLANE_ADMIN_KEY: '' });
  });
  afterAll(() => registry.stop());

  it('is made by one of many that start at once, and again when no usable one is left', async () => {
    const keys = registry.service.adminKeys!;
    expect(await keys.ensureFirst()).toBeNull();
    const { body: last } = await registry.call('POST', '/v1/api-keys', { key: await keys.create('cli'), body: { name: 'the last', scopes: ['admin'] } });
    const list = async (key: string): Promise<{ id: string }[]> => (await registry.call('GET', '/v1/api-keys', { key })).body.items;
    const others = (await list(last.key)).filter(({ id }) => id !== last.id);
    expect(others).toHaveLength(2);
    for (const { id } of [...others, last]) expect((await registry.call('POST', `/v1/api-keys/${id}/revoke`, { key: last.key })).status).toBe(200);
    const made = await Promise.all([keys.ensureFirst(), keys.ensureFirst(), keys.ensureFirst()]);
    const first = made.filter((key) => key !== null);
    expect(first).toHaveLength(1);
    expect(await list(first[0]!)).toHaveLength(4);
  });
});
