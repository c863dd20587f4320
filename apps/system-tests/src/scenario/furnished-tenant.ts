import type { Receiver } from '@hooklane/testkit';
import { eventuallyPasses } from '@hooklane/testkit';
import { must } from '../platform/client.js';
import type { Platform } from '../platform/platform.js';

/** A tenant that has one of everything. */
export interface FurnishedTenant {
  readonly tenant: string;
  /** With scope `admin`. */
  readonly key: string;
  readonly keyId: string;
  readonly hook: string;
  readonly hookSecret: string;
  readonly event: string;
  readonly delivery: string;
  readonly attempt: string;
  readonly replay: string;
  readonly project: string;
  readonly user: string;
  readonly eventType: string;
  readonly source: string;
  /** One from outside, which was refused. */
  readonly inboundCall: string;
}

/** Makes it through the API and waits until its one event is delivered and logged. */
export async function furnishTenant(platform: Platform, receiver: Receiver, tenant: string): Promise<FurnishedTenant> {
  const base = `/v1/tenants/${tenant}`;
  const post = <Body>(path: string, body: unknown): Promise<Body> => must<Body>(platform, 'POST', base + path, body);
  await must(platform, 'PUT', base, { name: `Tenant ${tenant}` });
  const { id: keyId, key } = await post<{ id: string; key: string }>('/api-keys', { name: 'all', scopes: ['admin'] });
  const { id: project } = await post<{ id: string }>('/projects', { key: 'shop', name: 'Shop' });
  const { id: user } = await post<{ id: string }>('/users', { name: 'Ada', email: 'ada@example.com' });
  await must(platform, 'PUT', `${base}/projects/${project}/members/${user}`, { role: 'member' });
  const { source, inboundCall } = await refusedCall(platform, base, user);
  const eventType = 'order.paid';
  await post('/event-types', { name: eventType, description: 'Money came', schema: { type: 'object' }, example: { n: 1 } });
  const { id: hook, secret: hookSecret } = await post<{ id: string; secret: string }>('/hooks', { name: 'orders', url: receiver.url(`/${tenant}/orders`), eventTypes: [eventType] });
  const { id: event } = await post<{ id: string }>('/events', { type: eventType, data: { n: 1 }, project: 'shop' });
  let found: { id: string; deliveryId: string } | undefined;
  await eventuallyPasses(async () => {
    const { items } = await must<{ items: { id: string; deliveryId: string; class: string }[] }>(platform, 'GET', `${base}/attempts?hook=${hook}`);
    found = items.find((item) => item.class === 'success');
    if (!found) throw new Error(`the event of ${tenant} is not logged as delivered: ${JSON.stringify(items)}`);
  });
  // Of nothing: the one event stays the only one.
  const { id: replay } = await post<{ id: string }>('/replays', { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' });
  await eventuallyPasses(async () => {
    if ((await must<{ state: string }>(platform, 'GET', `${base}/replays/${replay}`)).state !== 'done') throw new Error(`the replay of ${tenant} does not end`);
  });
  return { tenant, key, keyId, hook, hookSecret, event, delivery: found?.deliveryId ?? '', attempt: found?.id ?? '', replay, project, user, eventType, source, inboundCall };
}

/** A source, and a call to it in the log. */
async function refusedCall(platform: Platform, base: string, user: string): Promise<{ source: string; inboundCall: string }> {
  await must(platform, 'PUT', base, { webhookAccess: true });
  const { id: source, url } = await must<{ id: string; url: string }>(platform, 'POST', `${base}/sources`, { kind: 'token', name: 'Some', user, header: 'X-Token', secret: 'hidden' });
  const { status } = await fetch(platform.url + new URL(url).pathname, { method: 'POST', headers: { 'x-token': 'wrong' }, body: '{}' });
  if (status !== 403) throw new Error(`a wrong token was answered with ${status}`);
  return eventuallyPasses(async () => {
    const { items } = await must<{ items: { id: string }[] }>(platform, 'GET', `${base}/inbound-calls?source=${source}`);
    if (!items[0]) throw new Error('the refused call is not in the log');
    return { source, inboundCall: items[0].id };
  });
}
