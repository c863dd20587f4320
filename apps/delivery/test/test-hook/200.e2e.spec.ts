import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { behaviours, startReceiver, type Receiver } from '@hooklane/testkit';
import { OTHER_KEY, SECRET, startDelivery, type DeliveryUnderTest } from '../support/delivery-service.js';

describe('POST /v1/tenants/{tenant}/hooks/{hook}/test', () => {
  let delivery: DeliveryUnderTest;
  let receiver: Receiver;

  beforeAll(async () => {
    delivery = await startDelivery();
    receiver = await startReceiver();
    await delivery.hook('hook_a', receiver.url('/a?token=abc'));
    await delivery.hook('hook_off', receiver.url('/off'), { enabled: false });
  }, 60_000);
  afterEach(() => receiver.clear());
  afterAll(async () => {
    await delivery?.stop();
    await receiver?.stop();
  });

  it('200: sends one request now and answers with the attempt, secrets masked', async () => {
    const { status, body } = await delivery.call('POST', '/v1/tenants/acme/hooks/hook_a/test');
    expect(status).toBe(200);
    expect(body).toMatchObject({ hookId: 'hook_a', trigger: 'test', class: 'success', status: 200, deliveryId: null, fate: null });
    expect(receiver.requests).toHaveLength(1);
    expect(receiver.requests[0]?.headers['x-token']).toBe(SECRET);
    expect(JSON.stringify(body)).not.toContain(SECRET);
    expect(body.request.url).toContain('token=***');
    expect(body.request.body.content).toBe(receiver.requests[0]?.body.toString());
    const [outcome] = await delivery.outcomes('hook_a');
    expect(outcome).toMatchObject({ trigger: 'test', fate: '', deliveryId: '', streak: 0 });
  });

  it('200: also when the receiver fails, with class and sentence; nothing is counted', async () => {
    receiver.on('/a', behaviours.status(503, { body: 'broken' }));
    const { body } = await delivery.call('POST', '/v1/tenants/acme/hooks/hook_a/test', { body: '{"type":"order.paid","data":{"n":1}}' });
    expect(body).toMatchObject({ class: 'unavailable', status: 503, errorCode: 'status-503', type: 'order.paid' });
    expect(body.response.body.content).toBe('broken');
    expect(receiver.requests[0]?.body.toString()).toBe('{"n":1}');
    expect((await delivery.call('GET', '/v1/tenants/acme/hooks/hook_a/lane')).body.failures).toBe(0);
  });

  it('200: for a disabled hook too', async () => {
    expect((await delivery.call('POST', '/v1/tenants/acme/hooks/hook_off/test')).body.class).toBe('success');
  });

  it('400: unknown fields are named', async () => {
    const { status, body } = await delivery.call('POST', '/v1/tenants/acme/hooks/hook_a/test', { body: '{"typo":1}' });
    expect([status, body.code]).toEqual([400, 'invalid-request']);
    expect(JSON.stringify(body.errors)).toContain('typo');
  });

  it('404: another tenant’s hook', async () => {
    expect((await delivery.call('POST', '/v1/tenants/acme/hooks/hook_a/test', { key: OTHER_KEY })).status).toBe(404);
    expect(receiver.requests).toHaveLength(0);
  });

  it('sends once for one Idempotency-Key, also when both come at once', async () => {
    const test = (body = '{}') => delivery.call('POST', '/v1/tenants/acme/hooks/hook_a/test', { body, headers: { 'idempotency-key': 'test-1' } });
    const [first, second] = await Promise.all([test(), test()]);
    expect([first.status, second.body, (await test()).body]).toEqual([200, first.body, first.body]);
    expect(receiver.requests).toHaveLength(1);
    expect(await test('{"data":1}')).toMatchObject({ status: 409, body: { code: 'id-reused' } });
    expect((await delivery.call('POST', '/v1/tenants/acme/hooks/hook_a/test', { headers: { 'idempotency-key': 'not a key' } })).status).toBe(400);
    const calls = await Promise.all([1, 2].map(() => delivery.grpc('testHook', { tenant: 'acme', hook: 'hook_a', idempotencyKey: 'test-2' })));
    expect(calls[1]?.answer).toEqual(calls[0]?.answer);
    expect(receiver.requests).toHaveLength(2);
  });

  it('gives an Idempotency-Key back when nothing came of it', async () => {
    const test = (hook: string) => delivery.call('POST', `/v1/tenants/acme/hooks/${hook}/test`, { headers: { 'idempotency-key': 'test-3' } });
    expect((await test('hook_none')).status).toBe(404);
    expect((await test('hook_a')).status).toBe(200);
  });

  it('says the same over gRPC', async () => {
    receiver.on('/a', behaviours.status(200, { body: 'thanks' }));
    const { answer } = await delivery.grpc('testHook', { tenant: 'acme', hook: 'hook_a', data: Buffer.from('[1.0]') });
    expect(answer).toMatchObject({ outcomeClass: 'success', status: 200, responseBody: Buffer.from('thanks') });
    expect(receiver.requests[0]?.body.toString()).toBe('[1.0]');
    expect((await delivery.grpc('testHook', { tenant: 'acme', hook: 'hook_a', data: Buffer.from('{') })).error?.code).toBe(3);
  });
});
