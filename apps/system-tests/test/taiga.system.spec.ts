import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { behaviours, eventuallyPasses, startReceiver, type ReceivedRequest, type Receiver } from '@hooklane/testkit';
import { call, must } from '../src/platform/client.js';
import { modes } from '../src/platform/modes.js';
import type { Platform } from '../src/platform/platform.js';

interface Webhook {
  readonly id: number;
  readonly project: number;
  readonly name: string;
  readonly url: string;
  readonly key: string;
  readonly logs_counter: number;
}

interface LogRow {
  readonly id: number;
  readonly status: number;
  readonly request_data: { readonly type: string; readonly action: string; readonly data: Record<string, unknown> };
  readonly request_headers: Readonly<Record<string, string>>;
  readonly response_data: string;
}

const KEY = 'clé 🔑 of the receiver';
const PASSWORD = 'a long password of Ana';
const ANA = { id: 7, permalink: 'https://t.example/profile/ana', username: 'ana', full_name: 'Ana Pérez', photo: null, gravatar_id: '0' };
const PATH = '/taiga';

describe.each(modes)('a team that leaves Taiga, $mode', ({ start }) => {
  let platform: Platform;
  let receiver: Receiver;
  let token: string;
  let hookId: string;
  let webhook: Webhook;

  beforeAll(async () => {
    receiver = await startReceiver();
    platform = await start();
    await must(platform, 'PUT', '/v1/tenants/taiga-team', {});
    const project = await must<{ id: string }>(platform, 'POST', '/v1/tenants/taiga-team/projects', { key: 'pumps', name: 'Pumps' });
    const user = await must<{ id: string }>(platform, 'POST', '/v1/tenants/taiga-team/users', { name: 'Ana Pérez', email: 'ana@t.example', userName: 'ana' });
    await must(platform, 'PUT', `/v1/tenants/taiga-team/users/${user.id}/password`, { password: PASSWORD });
    await must(platform, 'PUT', `/v1/tenants/taiga-team/projects/${project.id}/members/${user.id}`, { role: 'admin' });
  }, 120_000);

  afterAll(async () => {
    await receiver?.stop();
    await platform?.stop();
  }, 60_000);

  /** As Taiga's clients call. */
  const taiga = <Body>(method: string, path: string, body?: unknown) => call<Body>(platform, method, `/api/v1${path}`, body, { authorization: `Bearer ${token}` });
  const rows = async (): Promise<readonly LogRow[]> => (await taiga<LogRow[]>('GET', `/webhooklogs?webhook=${webhook.id}`)).body;
  const native = (): Promise<{ id: string; enabled: boolean; colour: string; origin: string }> => must(platform, 'GET', `/v1/tenants/taiga-team/hooks/${hookId}`);
  /** @param data as text, so that its numbers keep their spelling */
  const publish = (type: string, data: string, more = ''): Promise<unknown> =>
    must(platform, 'POST', '/v1/tenants/taiga-team/events', `{"type":"${type}","project":"pumps","occurredAt":"2026-02-03T04:05:06.070Z","data":{"by":${JSON.stringify(ANA)},"data":${data}${more}}}`);

  it('logs in with the user name and password of a Hooklane user', async () => {
    const answer = await call<{ auth_token: string; username: string }>(platform, 'POST', '/api/v1/auth', { type: 'normal', username: 'taiga-team/ana', password: PASSWORD });
    expect(answer).toMatchObject({ status: 200, body: { username: 'ana', full_name: 'Ana Pérez' } });
    token = answer.body.auth_token;
  });

  it('makes its webhook through the API of Taiga, and finds it in that of Hooklane', async () => {
    const created = await taiga<Webhook>('POST', '/webhooks', { project: 1, name: 'CI', url: receiver.url(PATH), key: KEY });
    expect(created).toMatchObject({ status: 201, body: { project: 1, name: 'CI', url: receiver.url(PATH), key: KEY, logs_counter: 0 } });
    webhook = created.body;
    const { items } = await must<{ items: { id: string; dialect: string; origin: string }[] }>(platform, 'GET', '/v1/tenants/taiga-team/hooks');
    expect(items).toEqual([expect.objectContaining({ dialect: 'taiga', origin: 'taiga', enabled: true })]);
    hookId = items[0]!.id;
  });

  it('tries it out, and the receiver can verify the ping', async () => {
    const { status, body: row } = await taiga<LogRow>('POST', `/webhooks/${webhook.id}/test`);
    expect({ status, row }).toMatchObject({ status: 200, row: { status: 200, request_data: { action: 'test', type: 'test', by: { username: 'ana' }, data: { test: 'test' } } } });
    const [ping] = await receiver.waitFor(1, { path: PATH });
    expectSigned(ping!);
    expect((await rows()).map(({ id }) => id)).toEqual([row.id]);
  });

  it('gets every event of its project as Taiga sends it, in order', async () => {
    await publish('userstory.create', '{"id":21,"points":[{"role":"Back","name":"8","value":8.0}],"subject":"Größe"}');
    await publish('userstory.change', '{"id":21}', ',"change":{"comment":"","diff":{"status":{"from":"New","to":"Ready"}}}');
    await must(platform, 'POST', '/v1/tenants/taiga-team/events', { type: 'userstory.delete', project: 'elsewhere', data: { by: ANA, data: {} } });
    await publish('wikipage.delete', '{"id":5}');
    const requests = (await receiver.waitFor(4, { path: PATH })).slice(1);
    for (const request of requests) expectSigned(request);
    expect(requests.map(({ body }) => body.toString())).toEqual([
      `{"action": "create", "type": "userstory", "by": ${SPACED_ANA}, "date": "2026-02-03T04:05:06.070Z", "data": {"id": 21, "points": [{"role": "Back", "name": "8", "value": 8.0}], "subject": "Größe"}}`,
      `{"action": "change", "type": "userstory", "by": ${SPACED_ANA}, "date": "2026-02-03T04:05:06.070Z", "data": {"id": 21}, "change": {"comment": "", "diff": {"status": {"from": "New", "to": "Ready"}}}}`,
      `{"action": "delete", "type": "wikipage", "by": ${SPACED_ANA}, "date": "2026-02-03T04:05:06.070Z", "data": {"id": 5}}`,
    ]);
    expect(requests[0]!.headers).not.toHaveProperty('webhook-id');
  });

  it('sees a broken receiver: each event is tried once, the hook is orange and stays enabled', async () => {
    receiver.on(PATH, behaviours.status(500, { body: 'kaputt' }));
    const before = receiver.to(PATH).length;
    for (let id = 1; id <= 12; id++) await publish('issue.create', `{"id":${id}}`);
    await receiver.waitFor(before + 12, { path: PATH });
    await eventuallyPasses(async () => expect(await native()).toMatchObject({ enabled: true, colour: 'orange' }));
    await eventuallyPasses(async () => {
      const list = await rows();
      expect(list.map(({ request_data }) => request_data.data['id'])).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
      expect(list[0]).toMatchObject({ status: 500, response_data: '{"content": "kaputt"}' });
    });
    expect((await taiga<Webhook>('GET', `/webhooks/${webhook.id}`)).body.logs_counter).toBe(10);
    expect(receiver.to(PATH)).toHaveLength(before + 12);
  });

  it('repairs it, sends a failed call again, byte for byte, with a new key, and is green after the next event', async () => {
    receiver.on(PATH, behaviours.status(200, { body: 'ok' }));
    expect((await taiga('PATCH', `/webhooks/${webhook.id}`, { key: 'another key' })).status).toBe(200);
    const [row] = await rows();
    const before = receiver.to(PATH);
    const resent = await taiga<LogRow>('POST', `/webhooklogs/${row!.id}/resend`);
    expect(resent).toMatchObject({ status: 200, body: { status: 200, response_data: '{"content": "ok"}', request_data: { data: { id: 12 } } } });
    expect(resent.body.id).not.toBe(row!.id);
    const last = receiver.to(PATH).at(-1)!;
    expect(last.body.equals(before.at(-1)!.body)).toBe(true);
    expectSigned(last, 'another key');
    expect((await native()).colour).toBe('orange');
    await publish('issue.delete', '{"id":12}');
    await eventuallyPasses(async () => expect(await native()).toMatchObject({ enabled: true, colour: 'green' }));
  });

  it('takes what is no event of Taiga for what it is, and goes on', async () => {
    const before = receiver.to(PATH).length;
    const { id } = await must<{ id: string }>(platform, 'POST', '/v1/tenants/taiga-team/events', { type: 'order.paid', project: 'pumps', data: { total: 1 } });
    await publish('epic.create', '{"id":9}');
    await receiver.waitFor(before + 1, { path: PATH });
    expect(JSON.parse(receiver.to(PATH).at(-1)!.body.toString())).toMatchObject({ type: 'epic' });
    await eventuallyPasses(async () => {
      const { items } = await must<{ items: object[] }>(platform, 'GET', `/v1/tenants/taiga-team/deliveries?event=${id}`);
      expect(items).toEqual([expect.objectContaining({ hookId, fate: 'discarded', fateReason: 'invalid' })]);
    });
  });

  it('deletes its webhook, and nothing is sent any more', async () => {
    expect((await taiga('DELETE', `/webhooks/${webhook.id}`)).status).toBe(204);
    expect(await taiga('GET', `/webhooks/${webhook.id}`)).toMatchObject({ status: 404, body: { _error_message: 'Not found.' } });
    expect((await taiga<Webhook[]>('GET', '/webhooks')).body).toEqual([]);
    const before = receiver.to(PATH).length;
    await publish('task.create', '{"id":1}');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(receiver.to(PATH)).toHaveLength(before);
  });
});

const SPACED_ANA = '{"id": 7, "permalink": "https://t.example/profile/ana", "username": "ana", "full_name": "Ana Pérez", "photo": null, "gravatar_id": "0"}';

/** As a receiver written for Taiga does it. */
function expectSigned({ headers, body }: ReceivedRequest, key = KEY): void {
  const digest = createHmac('sha1', key).update(body).digest('hex');
  expect(headers).toMatchObject({ 'content-type': 'application/json', 'x-taiga-webhook-signature': digest, 'x-hub-signature': `sha1=${digest}` });
}
