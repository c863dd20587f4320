import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startAllInOne, type AllInOne } from '../support/all-in-one.js';

let hooklane: AllInOne;
beforeAll(async () => {
  hooklane = await startAllInOne();
  await hooklane.call('PUT', '/v1/tenants/demo', { name: 'Demo' });
});
afterAll(() => hooklane.stop());

type Message = { signatureVerified: boolean | null; body: string; answeredStatus: number };

async function messages(inbox: string, count: number): Promise<Message[]> {
  for (;;) {
    const { body } = await hooklane.call('GET', `/inbox/${inbox}`);
    if ((body['total'] as number) >= count) return body['messages'] as Message[];
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function hookTo(inbox: string, more: object = {}): Promise<string> {
  const url = `http://127.0.0.1:${hooklane.service.httpPort}/inbox/${inbox}`;
  const { status, body } = await hooklane.call('POST', '/v1/tenants/demo/hooks', { name: inbox, url, eventTypes: [`${inbox}.*`], ...more });
  expect(status).toBe(201);
  return body['id'] as string;
}

describe('the inbox', () => {
  it('shows a newcomer a signed delivery, verified, without any further step', async () => {
    await hookTo('first');
    const { status } = await hooklane.call('POST', '/v1/tenants/demo/events', { type: 'first.created', data: { id: 42 } });
    expect(status).toBe(202);
    expect(await messages('first', 1)).toMatchObject([{ signatureVerified: true, body: '{"id":42}', answeredStatus: 200 }]);
  });

  it('plays a receiver that fails and recovers, which the attempts and the hook\'s colour show', async () => {
    await hooklane.call('PUT', '/inbox/shaky', { answer: { status: 500, times: 1 } });
    const id = await hookTo('shaky', { retry: { unavailableDelaysMs: [1_000] } });
    await hooklane.call('POST', '/v1/tenants/demo/events', { type: 'shaky.created', data: 1 });
    await messages('shaky', 1);
    await colourOf(id, 'orange');
    expect((await messages('shaky', 2)).map(({ answeredStatus }) => answeredStatus)).toEqual([200, 500]);
    await colourOf(id, 'green');
  });
});

async function colourOf(hookId: string, colour: string): Promise<void> {
  for (;;) {
    const { body } = await hooklane.call('GET', `/v1/tenants/demo/hooks/${hookId}`);
    if (body['colour'] === colour) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
