import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dialectOf } from '@hooklane/dialects';
import { startReceiver, type Receiver } from '@hooklane/testkit';
import { startDelivery, type DeliveryUnderTest } from '../support/delivery-service.js';

const entries = dialectOf('backlog').catalogue.entries.map(({ type, aliases: [number] }) => [type, number!] as const);

/** B11: Backlog's execution test, by our own route of tests. Backlog itself has no API for it. */
describe('the execution test of a Backlog hook', () => {
  let delivery: DeliveryUnderTest;
  let receiver: Receiver;
  beforeAll(async () => {
    delivery = await startDelivery();
    receiver = await startReceiver();
    await delivery.hook('hook_b', receiver.url('/in'), { dialect: 'backlog', eventTypes: ['wiki.created', '3'], projects: ['SHOP', 'prj_1'] });
  }, 60_000);
  afterAll(async () => {
    await delivery?.stop();
    await receiver?.stop();
  });

  const by = { id: 9, userName: 'ana', fullName: 'Ana Pérez', email: 'ana@x.example' };
  const execute = async (body: object) => {
    const answer = await delivery.call('POST', '/v1/tenants/acme/hooks/hook_b/test', { body });
    return { ...answer, sent: receiver.requests.at(-1)! };
  };

  it('executes any type of the catalogue, by name or number, with who presses the button (B11)', async () => {
    for (const [type, number] of entries) {
      for (const asked of [type, number]) {
        const { status, body, sent } = await execute({ type: asked, by });
        expect([status, body.class, body.trigger, body.type]).toEqual([200, 'success', 'test', asked]);
        expect(JSON.parse(sent.body.toString())).toMatchObject({
          id: 10,
          type: Number(number),
          project: { id: 100, projectKey: 'TEST', name: 'TestProject' },
          createdUser: { id: 9, name: 'Ana Pérez', mailAddress: null, userId: null },
        });
        expect(body.request.body.content).toBe(sent.body.toString());
      }
    }
    // Eighty requests, one after the other.
  }, 120_000);

  it('sends the first type that the hook is subscribed to where none is chosen, from the key where no person is', async () => {
    const { body, sent } = await execute({});
    expect(body).toMatchObject({ class: 'success', type: 'wiki.created' });
    expect(JSON.parse(sent.body.toString())).toMatchObject({ type: 5, createdUser: { id: 1, name: expect.stringMatching(/^key:/) } });
  });

  it('stands in the log of the hook\'s project, counts for nothing, and has a sentence where there is no such type', async () => {
    const before = receiver.requests.length;
    expect((await execute({ type: 'issue.exploded' })).body).toMatchObject({ class: 'invalid', errorSentence: expect.stringContaining('Backlog has no number for the event type issue.exploded') });
    expect(receiver.requests).toHaveLength(before);
    const logged = await delivery.outcomes('hook_b');
    expect(new Set(logged.map(({ project }) => project))).toEqual(new Set(['SHOP']));
    expect(new Set(logged.map(({ trigger, fate, streak }) => `${trigger}${fate}${streak}`))).toEqual(new Set(['test0']));
  });

  it('is the same over gRPC', async () => {
    const { error } = await delivery.grpc('testHook', { tenant: 'acme', hook: 'hook_b', type: '3', by: { id: 9, fullName: 'Ana' } });
    expect(error).toBeUndefined();
    expect(JSON.parse(receiver.requests.at(-1)!.body.toString())).toMatchObject({ type: 3, createdUser: { id: 9, name: 'Ana' } });
  });
});
