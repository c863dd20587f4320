import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventuallyPasses, startReceiver, type Receiver } from '@hooklane/testkit';
import { must } from '../src/platform/client.js';
import { grpcClient } from '../src/platform/grpc.js';
import { modes } from '../src/platform/modes.js';
import type { Platform } from '../src/platform/platform.js';

const BASE = '/v1/tenants/acme';
/** What Mautic sends of a contact that was saved: several spellings that a careless hub changes. */
const CONTACT = '{"mautic.lead_post_save_new":[{"contact":{"id":7,"points":8.0,"fields":{"core":{"lastname":{"value":"P\\u00e9rez"}}}},"timestamp":"2026-01-02T03:04:05+00:00"}]}';
const SECRET = 'as-shown-by-mautic';

interface Source {
  readonly id: string;
  readonly url: string;
}

/** As Mautic, which knows an address and a secret and nothing of us. */
async function mautic(url: string, body: string, secret: string): Promise<{ status: number; text: string }> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-origin-base-url': 'https://mautic.example/', 'webhook-signature': createHmac('sha256', secret).update(body).digest('base64') },
    body,
  });
  return { status: answer.status, text: await answer.text() };
}

describe.each(modes)('a system that calls Tiki calls us instead, $mode', ({ start }) => {
  let platform: Platform;
  let receiver: Receiver;
  let user: string;
  let source: Source;

  beforeAll(async () => {
    receiver = await startReceiver();
    platform = await start();
    await must(platform, 'PUT', BASE, { name: 'Acme' });
    ({ id: user } = await must<{ id: string }>(platform, 'POST', `${BASE}/users`, { name: 'Ana' }));
  }, 120_000);

  afterAll(async () => {
    await receiver?.stop();
    await platform?.stop();
  }, 60_000);

  it('shows the address to give to Mautic, which is told "Feature not enabled" until webhook access is on', async () => {
    source = await must<Source>(platform, 'POST', `${BASE}/sources`, { kind: 'tiki', name: 'Mautic', user, verification: 'base64 hmac', algorithm: 'sha256', header: 'Webhook-Signature', secret: SECRET });
    expect(source.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/in\/acme\/tiki-webhooks\.php$/);
    expect(await mautic(source.url, CONTACT, SECRET)).toEqual({ status: 403, text: 'Feature not enabled' });
    await must(platform, 'PUT', BASE, { webhookAccess: true });
  });

  it('turns a signed call into an event that a hook and a gRPC subscriber get: the custom code', async () => {
    await must(platform, 'POST', `${BASE}/hooks`, { name: 'crm', url: receiver.url('/crm'), eventTypes: ['tiki.webhook.received'], filter: { attributes: { handler: 'Mautic' } } });
    const log = grpcClient(platform, 'hooklane.v1.LogService');
    // The first response says from where on it follows.
    const { cursor } = (await log.firstOfStream('Tail', { tenant: 'acme' })) as { cursor: string };
    const seen = log.firstOfStream('Tail', { tenant: 'acme', after: cursor, kind: 'event', type: 'tiki.webhook.received' }, platform.adminKey, (response) => (response as { event?: unknown }).event !== undefined);
    expect(await mautic(source.url, CONTACT, SECRET)).toEqual({ status: 200, text: 'ok' });
    const [request] = await receiver.waitFor(1, { path: '/crm' });
    expect(request?.body.toString()).toBe(CONTACT);
    expect(request?.headers['hooklane-event-type']).toBe('tiki.webhook.received');
    expect(await seen).toMatchObject({ event: { type: 'tiki.webhook.received', attributes: { handler: 'Mautic', user, source: source.id, 'header.x-origin-base-url': 'https://mautic.example/' } } });
    log.close();
  });

  it('refuses a wrong signature, delivers nothing of it, and shows both in the inbound log', async () => {
    expect(await mautic(source.url, CONTACT, 'guessed')).toEqual({ status: 403, text: 'Webhook not authorized.' });
    await eventuallyPasses(async () => {
      const { items } = await must<{ items: Record<string, unknown>[] }>(platform, 'GET', `${BASE}/inbound-calls`);
      expect(items.map(({ outcome, reason, status }) => [outcome, reason, status])).toEqual([['refused', 'signature-wrong', 403], ['accepted', null, 200], ['refused', 'feature-not-enabled', 403]]);
    });
    const { items } = await must<{ items: { id: string; eventId: string }[] }>(platform, 'GET', `${BASE}/inbound-calls?outcome=accepted&source=${source.id}`);
    const accepted = items.at(-1)!;
    expect(await must(platform, 'GET', `${BASE}/inbound-calls/${accepted.id}`)).toMatchObject({ user, body: { content: CONTACT }, remoteAddress: '127.0.0.1' });
    await eventuallyPasses(async () => expect(await must(platform, 'GET', `${BASE}/events/${accepted.eventId}`)).toMatchObject({ type: 'tiki.webhook.received', matching: 'matched' }));
    expect(receiver.to('/crm')).toHaveLength(1);
    expect(JSON.stringify(items)).not.toContain(SECRET);
  });

  it('honours a new secret from its confirmation on, and the first handler that verifies', async () => {
    await must(platform, 'PATCH', `${BASE}/sources/${source.id}`, { secret: 'renewed' });
    expect((await mautic(source.url, CONTACT, SECRET)).status).toBe(403);
    expect((await mautic(source.url, CONTACT, 'renewed')).status).toBe(200);
    const second = await must<Source>(platform, 'POST', `${BASE}/sources`, { kind: 'tiki', name: 'Another Mautic', user, header: 'Webhook-Signature', secret: SECRET });
    expect(second.url).toBe(source.url);
    expect((await mautic(source.url, CONTACT, SECRET)).status).toBe(200);
    await must(platform, 'DELETE', `${BASE}/sources/${source.id}`);
    expect((await mautic(source.url, CONTACT, 'renewed')).status).toBe(403);
  });

  it('refuses a replayed call at whichever process it comes to', async () => {
    const { id } = await must<Source>(platform, 'POST', `${BASE}/sources`, { kind: 'github', name: 'Hub', user, secret: SECRET, replays: 'refuse' });
    const ingests = [platform.urlOf('event-ingest'), await platform.another('event-ingest')];
    const push = async (ingest: string, body: string): Promise<string> => {
      const signature = `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`;
      return (await fetch(`${ingest}/in/acme/${id}`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-hub-signature-256': signature }, body })).text();
    };
    for (let n = 0; n < 5; n++) {
      const answers = await Promise.all([...ingests, ...ingests].map((ingest) => push(ingest, `{"n":${n}}`)));
      expect(answers.sort()).toEqual([...Array.from({ length: 3 }, () => 'Webhook not authorized.'), 'ok']);
    }
    await eventuallyPasses(async () => {
      const { items } = await must<{ items: unknown[] }>(platform, 'GET', `${BASE}/events?attribute=source%3D${id}`);
      expect(items).toHaveLength(5);
    });
  });
});
