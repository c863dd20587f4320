import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as backlogjs from 'backlog-js';
import { startBacklog, type BacklogUnderTest } from './backlog-api.js';

/** Backlog's own client, which knows nothing of us. It speaks https only, so its requests are led to where the registry listens. */
describe('backlog-js', () => {
  let backlog: BacklogUnderTest;
  let client: (credentials: { apiKey?: string; accessToken?: string }) => backlogjs.Backlog;
  beforeAll(async () => {
    backlog = await startBacklog();
    const toRegistry: typeof fetch = (url, init) => fetch(String(url).replace('https://acme.backlog.example', backlog.registry.url), init);
    client = (credentials) => new backlogjs.Backlog({ host: 'acme.backlog.example', fetch: toRegistry, ...credentials });
  });
  afterAll(() => backlog.registry.stop());

  it.each(['apiKey', 'accessToken'] as const)('makes, lists, reads, changes and deletes a webhook by its %s', async (credential) => {
    const api = client({ [credential]: backlog.key });
    const made = await api.postWebhook('SHOP', { name: 'chat', description: 'to the chat', hookUrl: 'https://chat.example/in', allEvent: false, activityTypeIds: [1, 3] });
    expect(made).toMatchObject({ name: 'chat', description: 'to the chat', hookUrl: 'https://chat.example/in', allEvent: false, activityTypeIds: [1, 3] });
    const id = String(made.id);
    expect(await api.getWebhooks('SHOP')).toContainEqual(made);
    expect(await api.getWebhook(backlog.shop.number, id)).toEqual(made);
    const changed = await api.patchWebhook('SHOP', id, { name: 'other chat', allEvent: true });
    expect(changed).toMatchObject({ id: made.id, name: 'other chat', hookUrl: made.hookUrl, allEvent: true, activityTypeIds: [] });
    expect(await api.patchWebhook('SHOP', id, { allEvent: false, activityTypeIds: [12, 48] })).toMatchObject({ allEvent: false, activityTypeIds: [12, 48] });
    expect(await api.deleteWebhook('SHOP', id)).toMatchObject({ id: made.id, name: 'other chat' });
    expect(await api.getWebhooks('SHOP')).toEqual([]);
  });

  it('understands our errors as Backlog\'s', async () => {
    const refused = (call: Promise<unknown>) => call.then(() => null, ({ name, status, body }: { name: string; status: number; body: unknown }) => ({ name, status, body }));
    expect(await refused(client({ apiKey: 'wrong' }).getWebhooks('SHOP'))).toEqual({ name: 'BacklogAuthError', status: 401, body: { errors: [{ message: 'Authentication failure.', code: 11, moreInfo: '' }] } });
    expect(await refused(client({ apiKey: backlog.key }).getWebhooks('NONE'))).toEqual({ name: 'BacklogApiError', status: 404, body: { errors: [{ message: 'No project.', code: 6, moreInfo: '' }] } });
    expect(await refused(client({ apiKey: backlog.key }).postWebhook('SHOP', { name: 'x' }))).toMatchObject({ name: 'BacklogApiError', status: 400, body: { errors: [{ message: 'hookUrl: Required.', code: 7 }] } });
  });
});
