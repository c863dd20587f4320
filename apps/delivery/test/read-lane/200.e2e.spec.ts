import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OTHER_KEY, PUBLISHER_KEY, startDelivery, type DeliveryUnderTest } from '../support/delivery-service.js';

describe('GET /v1/tenants/{tenant}/hooks/{hook}/lane', () => {
  let delivery: DeliveryUnderTest;

  beforeAll(async () => {
    delivery = await startDelivery();
    await delivery.hook('hook_a', 'http://127.0.0.1:1/');
    await delivery.hook('hook_off', 'http://127.0.0.1:1/', { enabled: false });
  }, 60_000);
  afterAll(() => delivery?.stop());

  it('200: a lane for which nothing waits', async () => {
    const { status, body } = await delivery.call('GET', '/v1/tenants/acme/hooks/hook_a/lane');
    expect(status).toBe(200);
    expect(body).toEqual({ hookId: 'hook_a', state: 'live', waitsFor: null, sentence: 'Nothing waits.', head: null, nextAttemptAt: null, failures: 0, inFlight: 0, blocked: 0, lastError: null, backlog: { count: 0, oldestAcceptedAt: null, oldestAgeMs: null } });
    expect((await delivery.call('GET', '/v1/tenants/acme/hooks/hook_off/lane')).body.state).toBe('disabled');
  });

  it('401, 403 and 404: no key, a key without the scope, another tenant’s key or hook (promise 9)', async () => {
    expect((await delivery.call('GET', '/v1/tenants/acme/hooks/hook_a/lane', { key: null })).status).toBe(401);
    expect((await delivery.call('GET', '/v1/tenants/acme/hooks/hook_a/lane', { key: PUBLISHER_KEY })).body.code).toBe('missing-scope');
    expect((await delivery.call('GET', '/v1/tenants/acme/hooks/hook_a/lane', { key: OTHER_KEY })).body.code).toBe('not-found');
    expect((await delivery.call('GET', '/v1/tenants/other/hooks/hook_a/lane', { key: OTHER_KEY })).body.code).toBe('not-found');
    expect((await delivery.call('GET', '/v1/tenants/acme/hooks/hook_none/lane')).body.code).toBe('not-found');
  });

  it('says the same over gRPC', async () => {
    const { answer } = await delivery.grpc('getLane', { tenant: 'acme', hook: 'hook_a' });
    expect(answer).toMatchObject({ state: 'live', waitsFor: '', backlogCount: 0, headDeliveryId: '' });
    expect((await delivery.grpc('getLane', { tenant: 'acme', hook: 'hook_a' }, OTHER_KEY)).error?.code).toBe(5);
  });
});
