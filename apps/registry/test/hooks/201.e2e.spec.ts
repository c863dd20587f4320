import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRegistry, type RegistryUnderTest } from '../registry-service.js';

describe('POST /v1/tenants/{tenant}/hooks: 201', () => {
  let registry: RegistryUnderTest;
  beforeAll(async () => {
    registry = await startRegistry();
    await registry.tenant('acme');
  });
  afterAll(() => registry.stop());

  it('answers with id, secret and every field, the defaults filled in', async () => {
    const { status, headers, body } = await registry.call('POST', '/v1/tenants/acme/hooks', { body: { name: 'orders', url: 'https://receiver.example/in', eventTypes: ['order.*'] } });
    expect(status).toBe(201);
    expect(headers.get('etag')).toBe('"1"');
    expect(body).toMatchObject({
      id: expect.stringMatching(/^hook_[0-9a-f]{32}$/),
      tenant: 'acme',
      name: 'orders',
      url: 'https://receiver.example/in',
      eventTypes: ['order.*'],
      enabled: true,
      dialect: 'native',
      order: 'fifo',
      envelope: 'none',
      timeoutMs: 15_000,
      disablePolicy: { limit: 100, count: 'in-a-row' },
      colour: 'green',
      failureCount: 0,
      lastError: null,
      lastSuccessAt: null,
      version: 1,
      secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
      publicKey: null,
    });
  });
});
