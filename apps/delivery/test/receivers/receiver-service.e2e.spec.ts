import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DeliveryOutcome, HookChanged } from '@hooklane/contracts/topics';
import { behaviours, startReceiver, type Receiver } from '@hooklane/testkit';
import { OTHER_KEY, SECRET, startDelivery, type DeliveryUnderTest } from '../support/delivery-service.js';

describe('ReceiverService: what other services try receivers out with', () => {
  let delivery: DeliveryUnderTest;
  let receiver: Receiver;

  beforeAll(async () => {
    delivery = await startDelivery();
    receiver = await startReceiver();
    await delivery.hook('hook_a', receiver.url('/a'));
  }, 60_000);
  afterEach(() => receiver.clear());
  afterAll(async () => {
    await delivery?.stop();
    await receiver?.stop();
  });

  const sample = { type: 'order.paid', project: 'P', data: Buffer.from('{"n":1.0}') };
  const encoded = (hook: HookChanged): Buffer => Buffer.from(HookChanged.encode(hook).finish());
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  const outcomeOf = (answer: any): DeliveryOutcome => DeliveryOutcome.decode(answer.sent.outcome);

  it('answers a test with the outcome and its place in the log', async () => {
    const first = await delivery.receivers('testReceiver', { tenant: 'acme', hook: 'hook_a', sample });
    const second = await delivery.receivers('testReceiver', { tenant: 'acme', hook: 'hook_a', sample });
    expect(outcomeOf(first.answer)).toMatchObject({ trigger: 'test', eventType: 'order.paid', project: 'P', streak: 0, fate: '', attempt: { outcomeClass: 'success', requestBody: Buffer.from('{"n":1.0}') } });
    expect(receiver.requests[0]?.body.toString()).toBe('{"n":1.0}');
    const { sent } = second.answer as unknown as { sent: { partition: number; offset: number } };
    const logged = await delivery.outcomes('hook_a');
    expect(sent.offset).toBe((first.answer as unknown as { sent: { offset: number } }).sent.offset + 1);
    expect(logged.at(-1)?.attempt?.attemptId).toBe(outcomeOf(second.answer).attempt?.attemptId);
  });

  it('probes a hook that is in no table, and keeps it in none', async () => {
    receiver.on('/new', behaviours.status(404, { body: 'who?' }));
    const hook = delivery.unsaved('hook_new', receiver.url('/new'), { enabled: false });
    const { answer } = await delivery.receivers('probeReceiver', { tenant: 'acme', hook: encoded(hook), sample });
    expect(outcomeOf(answer)).toMatchObject({ hookId: 'hook_new', trigger: 'probe', fate: '', attempt: { outcomeClass: 'rejected', status: 404, responseBody: Buffer.from('who?') } });
    expect(receiver.requests[0]?.headers['x-token']).toBe(SECRET);
    expect((await delivery.receivers('testReceiver', { tenant: 'acme', hook: 'hook_new', sample })).error?.code).toBe(5);
  });

  it('resends the bytes that it is given, with the headers that say something of the event, to where the hook is now', async () => {
    await delivery.hook('hook_moved', receiver.url('/before'));
    await delivery.hook('hook_moved', receiver.url('/after'));
    const headers = [{ name: 'Content-Type', value: 'text/x-strange' }, { name: 'Hooklane-Event-Type', value: 'order.paid' }, { name: 'X-Token', value: '***' }, { name: 'webhook-id', value: 'evt_old' }];
    const { answer } = await delivery.receivers('resendAttempt', { tenant: 'acme', hook: 'hook_moved', eventId: 'evt_7', eventType: 'order.paid', headers, body: Buffer.from([0, 255, 1]) });
    expect(outcomeOf(answer)).toMatchObject({ trigger: 'resend', eventId: 'evt_7', deliveryId: '', fate: '', attempt: { outcomeClass: 'success', requestBody: Buffer.from([0, 255, 1]) } });
    const [request] = receiver.requests;
    expect([request?.path, request?.body]).toEqual(['/after', Buffer.from([0, 255, 1])]);
    expect(request?.headers).toMatchObject({ 'content-type': 'text/x-strange', 'hooklane-event-type': 'order.paid', 'x-token': SECRET, 'webhook-id': 'evt_7' });
  });

  it('counts nothing', async () => {
    receiver.on('/a', behaviours.status(500));
    for (let n = 0; n < 3; n++) await delivery.receivers('testReceiver', { tenant: 'acme', hook: 'hook_a', sample });
    expect((await delivery.call('GET', '/v1/tenants/acme/hooks/hook_a/lane')).body.failures).toBe(0);
  });

  it('refuses what is another tenant\u2019s, or not understood', async () => {
    const foreign = delivery.unsaved('hook_x', receiver.url('/x'), { tenantId: 'other' });
    expect((await delivery.receivers('probeReceiver', { tenant: 'acme', hook: encoded(foreign), sample })).error?.code).toBe(5);
    expect((await delivery.receivers('testReceiver', { tenant: 'acme', hook: 'hook_a', sample }, OTHER_KEY)).error?.code).toBe(5);
    expect((await delivery.receivers('testReceiver', { tenant: 'acme', hook: 'hook_a' })).error?.code).toBe(3);
    expect((await delivery.receivers('probeReceiver', { tenant: 'acme', hook: Buffer.from('nonsense'), sample })).error?.code).toBe(3);
    // Sealed for another hook: nobody can point the platform's credentials elsewhere.
    const stolen = { ...delivery.unsaved('hook_a', receiver.url('/a')), hookId: 'hook_b' };
    const { answer } = await delivery.receivers('probeReceiver', { tenant: 'acme', hook: encoded(stolen), sample });
    expect(outcomeOf(answer).attempt).toMatchObject({ errorCode: 'hook-unreadable' });
    expect(receiver.requests).toHaveLength(0);
  });
});
