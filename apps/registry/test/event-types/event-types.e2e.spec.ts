import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRegistry, type RegistryUnderTest } from '../registry-service.js';

describe('event types', () => {
  let registry: RegistryUnderTest;
  beforeAll(async () => {
    registry = await startRegistry();
    await registry.tenant('acme');
  });
  afterAll(() => registry.stop());
  const post = (body: object) => registry.call('POST', '/v1/tenants/acme/event-types', { body });

  it('are created, read, listed by name, changed, deleted and created again', async () => {
    const schema = { type: 'object', required: ['id'], properties: { id: { type: 'integer' } } };
    expect(await post({ name: 'order.created', schema, example: { id: 1 }, description: 'An order.' })).toMatchObject({ status: 201, body: { name: 'order.created', schema, example: { id: 1 }, version: 1 } });
    await post({ name: 'a.first' });
    expect((await registry.call('GET', '/v1/tenants/acme/event-types')).body.items.map(({ name }: { name: string }) => name)).toEqual(['a.first', 'order.created']);
    expect(await registry.call('PATCH', '/v1/tenants/acme/event-types/order.created', { body: { schema: null }, headers: { 'if-match': '"1"' } })).toMatchObject({ status: 200, body: { schema: null, example: { id: 1 }, version: 2 } });
    await registry.context.directory.caughtUp();
    expect(registry.context.directory.eventType('acme', 'order.created')).toMatchObject({ schema: '' });
    expect((await post({ name: 'order.created' })).body.code).toBe('already-exists');
    expect((await registry.call('DELETE', '/v1/tenants/acme/event-types/order.created')).status).toBe(204);
    expect((await registry.call('GET', '/v1/tenants/acme/event-types/order.created')).status).toBe(404);
    await registry.context.directory.caughtUp();
    expect(registry.context.directory.eventType('acme', 'order.created')).toBeUndefined();
    expect(await post({ name: 'order.created' })).toMatchObject({ status: 201, body: { version: 4 } });
  });

  it('refuse names, schemas and sizes that cannot work', async () => {
    for (const name of ['', 'a b', 'order.*', '*']) expect([name, (await post({ name })).status]).toEqual([name, 400]);
    expect(await post({ name: 'bad', schema: { type: 'nonsense' } })).toMatchObject({ status: 422, body: { code: 'invalid-schema' } });
    expect(await post({ name: 'bad', schema: { $ref: 'https://elsewhere.example/schema' } })).toMatchObject({ status: 422 });
    expect(await post({ name: 'bad', schema: { type: 'string', pattern: '(a+)+$'.repeat(200) } })).toMatchObject({ status: 422 });
    const rounded = await post({ name: 'bad', schema: { properties: { id: { const: 2 ** 53 } } } });
    expect(rounded).toMatchObject({ status: 422, body: { code: 'invalid-schema', errors: [{ pointer: '/schema/properties/id/const' }] } });
    expect((await post({ name: 'bad', example: 'x'.repeat(140_000) })).status).toBe(400);
  });

  it('with a slash in the name are reachable', async () => {
    await post({ name: 'com/example:x' });
    expect((await registry.call('GET', `/v1/tenants/acme/event-types/${encodeURIComponent('com/example:x')}`)).body.name).toBe('com/example:x');
  });
});
