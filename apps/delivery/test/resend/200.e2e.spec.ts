import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { behaviours, startReceiver, type Receiver } from '@hooklane/testkit';
import { OTHER_KEY, PUBLISHER_KEY, REPLAY_KEY, startDelivery, type DeliveryUnderTest } from '../support/delivery-service.js';

describe('POST /v1/tenants/{tenant}/deliveries/{id}/resend', () => {
  let delivery: DeliveryUnderTest;
  let receiver: Receiver;

  beforeAll(async () => {
    delivery = await startDelivery();
    receiver = await startReceiver();
    await delivery.hook('hook_a', receiver.url('/a'), { order: 'fifo' });
    await delivery.hook('hook_down', receiver.url('/down'), { order: 'fifo' });
  }, 60_000);
  afterEach(() => receiver.clear());
  afterAll(async () => {
    await delivery?.stop();
    await receiver?.stop();
  });

  const resend = (id: string, options = {}) => delivery.call('POST', `/v1/tenants/acme/deliveries/${id}/resend`, { key: REPLAY_KEY, ...options });

  it('200: a delivery that has its fate goes out once more, with the same id and bytes, and keeps its fate', async () => {
    const id = await delivery.request('hook_a', { eventId: 'evt_1', data: Buffer.from('{"n": 1.0}') });
    const [first] = await delivery.settled('hook_a', 1);
    expect(first).toMatchObject({ deliveryId: id, fate: 'delivered' });
    const { status, body } = await resend(id);
    expect(status).toBe(200);
    expect(body).toMatchObject({ deliveryId: id, eventId: 'evt_1', hookId: 'hook_a', trigger: 'resend', class: 'success', fate: null, request: { body: { content: '{"n": 1.0}' } } });
    expect(receiver.requests.map(({ body: sent, headers }) => [sent.toString(), headers['webhook-id']])).toEqual([['{"n": 1.0}', 'evt_1'], ['{"n": 1.0}', 'evt_1']]);
    const outcomes = await delivery.outcomes('hook_a');
    expect(outcomes.at(-1)).toMatchObject({ deliveryId: id, trigger: 'resend', fate: '', streak: 0, attempt: { requestBodyIsEventData: true } });
  });

  it('200: whatever came of it; nothing is counted', async () => {
    const { deliveryId } = (await delivery.settled('hook_a', 1))[0] as { deliveryId: string };
    receiver.on('/a', behaviours.status(500));
    expect((await resend(deliveryId)).body).toMatchObject({ class: 'unavailable', status: 500 });
    receiver.on('/a', behaviours.status(200));
    expect((await delivery.call('GET', '/v1/tenants/acme/hooks/hook_a/lane')).body.failures).toBe(0);
  });

  it('202: of one that waits its lane is told to try it now', async () => {
    receiver.on('/down', behaviours.status(503));
    const id = await delivery.request('hook_down', { eventId: 'evt_2' });
    await delivery.attempted('hook_down', 1);
    const { status, body } = await resend(id);
    expect([status, Object.keys(body)]).toEqual([202, ['commandId']]);
    expect(await delivery.commands('hook_down')).toEqual([expect.objectContaining({ commandId: body.commandId, kind: 'retry-now', deliveryId: id, tenantId: 'acme', actor: `key:key_${REPLAY_KEY}` })]);
    expect(receiver.requests).toHaveLength(1);
  });

  it('once for one Idempotency-Key', async () => {
    const { deliveryId } = (await delivery.settled('hook_a', 1))[0] as { deliveryId: string };
    const again = () => resend(deliveryId, { headers: { 'idempotency-key': 'resend-1' } });
    const [one, two] = [await again(), await again()];
    expect(two.body).toEqual(one.body);
    expect(receiver.requests).toHaveLength(1);
  });

  it('says the same over gRPC', async () => {
    const { deliveryId } = (await delivery.settled('hook_a', 1))[0] as { deliveryId: string };
    expect((await delivery.grpc('resendDelivery', { tenant: 'acme', id: deliveryId }, REPLAY_KEY)).answer).toMatchObject({ outcomeClass: 'success', status: 200, commandId: '' });
    expect((await delivery.grpc('resendDelivery', { tenant: 'acme', id: 'dlv_0_0_hook_z' }, REPLAY_KEY)).error?.code).toBe(5);
  });

  it('404: what is no delivery of the tenant\'s', async () => {
    const { deliveryId } = (await delivery.settled('hook_a', 1))[0] as { deliveryId: string };
    const [, partition, offset] = deliveryId.split('_');
    const wrong = ['nonsense', 'dlv_x', `dlv_${partition}_${offset}_hook_down`, `dlv_${partition}_99999_hook_a`, `dlv_${Number(partition) + 1}_${offset}_hook_a`, `dlv_${partition}_${offset}_hook_none`];
    expect(await Promise.all(wrong.map(async (id) => (await resend(id)).status))).toEqual(wrong.map(() => 404));
    expect((await resend(deliveryId, { key: OTHER_KEY })).status).toBe(404);
    expect((await resend(deliveryId, { key: PUBLISHER_KEY })).status).toBe(403);
    expect(receiver.requests).toHaveLength(0);
  });
});
