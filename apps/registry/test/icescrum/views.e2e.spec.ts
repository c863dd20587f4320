import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DeliveryOutcome, Topics, type AttemptResult } from '@hooklane/contracts/topics';
import { partitionOf } from '@hooklane/event-log';
import { eventually } from '@hooklane/testkit';
import { startIcescrum, type IcescrumServer } from './icescrum-server.js';

const attempt = (outcomeClass: string, status: number): AttemptResult => ({
  attemptId: 'att_1', number: 1, startedAtMs: 1, connectUs: 0, firstByteUs: 0, totalUs: 1, outcomeClass, errorCode: outcomeClass === 'success' ? '' : `status-${status}`,
  errorSentence: outcomeClass === 'success' ? '' : `The receiver answered ${status}.`, status, requestUrl: '', requestHeaders: [], requestBody: Buffer.alloc(0), requestBodyIsEventData: true, responseHeaders: [], responseBody: Buffer.alloc(0), responseBodyCut: false,
});

describe('one hook in the views of iceScrum and of Hooklane', () => {
  let server: IcescrumServer;
  let sequence = 0;
  beforeAll(async () => {
    server = await startIcescrum();
  });
  afterAll(() => server.registry.stop());

  async function nativeOf(url: string): Promise<{ id: string; origin: string; enabled: boolean; eventTypes: string[]; tls: { verify: boolean } }> {
    const { body } = await server.registry.call('GET', '/v1/tenants/acme/hooks?limit=200');
    return body.items.find((hook: { url: string }) => hook.url === url);
  }

  async function outcome(hookId: string, fields: Partial<DeliveryOutcome>): Promise<void> {
    const { log } = server.registry.context;
    const value = DeliveryOutcome.encode({ ...DeliveryOutcome.decode(new Uint8Array()), tenantId: 'acme', hookId, eventId: 'evt_1', ownerEpoch: 1, ownerSequence: (sequence += 1), enabledEpoch: 1, trigger: 'event', atMs: Date.UTC(2026, 0, 2, 3, 4, sequence), ...fields }).finish();
    await log.append([{ topic: Topics.deliveryOutcomes, partition: partitionOf(hookId, log.partitionsOf(Topics.deliveriesRequested)), key: hookId, value }]);
  }

  const read = async (id: number) => (await server.ws('GET', `/project/SHOP/hook/${id}`)).body;

  /** @returns the hook as soon as it is so */
  const until = (id: number, so: (hook: { enabled: boolean; countErrors: number; dateLastRequest: string | null }) => boolean) =>
    eventually(async () => {
      const hook = await read(id);
      return so(hook) && hook;
    }, `hook ${id}`);

  it('a hook that a person made by hand says so, and is changed by hand and by program (I19)', async () => {
    const byHand = { 'x-icescrum-client': 'iceScrum' };
    const { id, source } = await server.hook({ url: 'https://receiver.example/hand' }, byHand);
    expect([source, (await nativeOf('https://receiver.example/hand')).origin]).toEqual(['webhook', 'console']);
    for (const headers of [byHand, {}]) expect(await server.ws('PUT', `/project/SHOP/hook/${id}`, { headers, body: { hook: { ignoreSsl: true, source: 'resthook' } } })).toMatchObject({ status: 200, body: { source: 'webhook' } });
  });

  it('a hook that a program made cannot be changed by hand, but deleted (I19)', async () => {
    const { id, source } = await server.hook({ url: 'https://receiver.example/program' });
    expect(source).toBe('resthook');
    const headers = { 'x-icescrum-client': 'iceScrum' };
    expect(await server.ws('PUT', `/project/SHOP/hook/${id}`, { headers, body: { hook: { enabled: false } } })).toMatchObject({ status: 403, body: { text: expect.stringContaining('REST API') } });
    expect((await read(id)).enabled).toBe(true);
    expect((await server.ws('DELETE', `/project/SHOP/hook/${id}`, { headers })).status).toBe(204);
  });

  it('a hook of the console or API of Hooklane is in the list of iceScrum, its patterns spelt out and kept', async () => {
    const fields = { dialect: 'icescrum', eventTypes: ['actor.*'], projects: ['SHOP'], secret: 'k', tls: { verify: false } };
    const native = (await server.registry.call('POST', '/v1/tenants/acme/hooks', { body: { name: 'by console', url: 'https://receiver.example/console', ...fields }, headers: { 'hooklane-client': 'console' } })).body;
    const found = (await server.ws('GET', '/project/SHOP/hook')).body.find(({ url }: { url: string }) => url === 'https://receiver.example/console');
    expect(found).toMatchObject({ source: 'webhook', events: ['actor.create', 'actor.update', 'actor.delete'], ignoreSsl: true, secret: 'k', workspaceId: 1 });
    expect((await server.ws('PUT', `/project/SHOP/hook/${found.id}`, { body: { hook: { ...found, enabled: false } } })).status).toBe(200);
    expect((await server.registry.call('GET', `/v1/tenants/acme/hooks/${native.id}`)).body).toMatchObject({ enabled: false, eventTypes: ['actor.*'], name: 'by console' });
    await server.registry.call('PATCH', `/v1/tenants/acme/hooks/${native.id}`, { body: { enabled: true } });
    expect((await read(found.id)).enabled).toBe(true);
  });

  it('the preset "story-events" stands for its four codes (I10)', async () => {
    await server.registry.hook('acme', { dialect: 'icescrum', url: 'https://receiver.example/preset', eventTypes: ['story-events'], projects: ['SHOP'] });
    const found = (await server.ws('GET', '/project/SHOP/hook')).body.find(({ url }: { url: string }) => url === 'https://receiver.example/preset');
    expect(found.events).toEqual(['story.create', 'story.update', 'story.delete', 'story.state']);
  });

  it('a hook of several projects is in the list of each, and changed only by who may change it in all', async () => {
    await server.registry.hook('acme', { dialect: 'icescrum', url: 'https://receiver.example/both', eventTypes: ['story.create'], projects: ['SHOP', 'SECOND'] });
    const { id } = (await server.ws('GET', '/project/SHOP/hook')).body.find(({ url }: { url: string }) => url === 'https://receiver.example/both');
    expect((await server.ws('GET', `/project/SECOND/hook/${id}`, { as: 'admin' })).body.workspaceId).toBe(2);
    expect((await server.ws('PUT', `/project/SHOP/hook/${id}`, { body: { hook: { enabled: false } } })).status).toBe(403);
    expect((await server.ws('DELETE', `/project/SHOP/hook/${id}`)).status).toBe(403);
    expect((await server.ws('DELETE', `/project/SHOP/hook/${id}`, { as: 'admin' })).status).toBe(204);
  });

  it('hooks of other dialects are not iceScrum\'s', async () => {
    await server.registry.hook('acme', { url: 'https://receiver.example/native', projects: ['SHOP'] });
    const urls = (await server.ws('GET', '/project/SHOP/hook')).body.map(({ url }: { url: string }) => url);
    expect(urls).not.toContain('https://receiver.example/native');
  });

  it('counts failures in a row, words the last error as the product, and forgets both with a success or when it is enabled again by an update', async () => {
    const { id } = await server.hook({ url: 'https://receiver.example/health' });
    const { id: hookId } = await nativeOf('https://receiver.example/health');
    await outcome(hookId, { attempt: attempt('success', 200), streak: 0 });
    const first = await until(id, ({ dateLastRequest }) => dateLastRequest !== null);
    expect(first).toMatchObject({ countErrors: 0, lastError: null, dateLastRequest: expect.stringMatching(/^2026-01-02T03:04:\d\dZ$/) });
    await outcome(hookId, { attempt: attempt('unavailable', 500), streak: 1 });
    await outcome(hookId, { attempt: attempt('rejected', 404), streak: 2 });
    const failing = await until(id, ({ countErrors }) => countErrors === 2);
    expect(failing.lastError).toBe('StatusCode: 404 - statusLine: HTTP/1.1 404 Not Found - data: The receiver answered 404.');
    await outcome(hookId, { attempt: attempt('rejected', 404), streak: 5, verdict: { enabledEpoch: 1, policyVersion: 1, count: 5, reason: 'failure-limit' } });
    const disabled = await until(id, ({ enabled, countErrors }) => !enabled && countErrors === 5);
    expect(disabled.lastError).toContain('StatusCode: 404');
    expect((await server.ws('PUT', `/project/SHOP/hook/${id}`, { body: { hook: { enabled: true } } })).body).toMatchObject({ enabled: true, countErrors: 0, lastError: null });
    await outcome(hookId, { attempt: attempt('unavailable', 503), streak: 1, enabledEpoch: 2 });
    await until(id, ({ countErrors }) => countErrors === 1);
    await outcome(hookId, { attempt: attempt('success', 204), streak: 0, enabledEpoch: 2 });
    expect(await until(id, ({ countErrors }) => countErrors === 0)).toMatchObject({ enabled: true, lastError: null });
  });
});
