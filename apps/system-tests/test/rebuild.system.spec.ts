import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { behaviours, eventuallyPasses, startReceiver, type Receiver } from '@hooklane/testkit';
import { Client } from 'pg';
import { apiRoutes } from '../src/platform/api-document.js';
import { call, must } from '../src/platform/client.js';
import { modes } from '../src/platform/modes.js';
import type { Platform } from '../src/platform/platform.js';
import { furnishTenant, type FurnishedTenant } from '../src/scenario/furnished-tenant.js';

/** What the registry makes from its own events. */
const REGISTRY_READ_MODELS = ['tenants', 'api_keys', 'hooks', 'event_types', 'projects', 'users', 'memberships'];
/** What the registry makes from outcomes and the uses of keys. */
const HEALTH = ['hook_health', 'outcome_positions', 'key_uses'];

const MANY_EVENTS = 60;
const MANY_HOOKS = 3;
const A_PAGE = 25;

describe.each(modes)('read models can be dropped and made again, $mode', ({ start }) => {
  let platform: Platform;
  let receiver: Receiver;
  let acme: FurnishedTenant;

  beforeAll(async () => {
    receiver = await startReceiver();
    platform = await start();
    acme = await furnishTenant(platform, receiver, 'acme');
    await history();
  }, 120_000);

  afterAll(async () => {
    await receiver?.stop();
    await platform?.stop();
  }, 60_000);

  /** A past worth making again: changes, deletions, failures, a hook that was switched off for them. */
  const history = async (): Promise<void> => {
    const base = '/v1/tenants/acme';
    await must(platform, 'PATCH', `${base}/hooks/${acme.hook}`, { name: 'renamed', metadata: { team: 'core' } });
    await must(platform, 'POST', `${base}/hooks/${acme.hook}/rotate-secret`, {});
    const gone = await must<{ id: string }>(platform, 'POST', `${base}/hooks`, { name: 'gone', url: receiver.url('/gone'), eventTypes: ['gone'] });
    await must(platform, 'DELETE', `${base}/hooks/${gone.id}`);
    const { id: revoked } = await must<{ id: string }>(platform, 'POST', `${base}/api-keys`, { name: 'revoked', scopes: ['publish'] });
    await must(platform, 'POST', `${base}/api-keys/${revoked}/revoke`);
    receiver.on('/broken', behaviours.status(500));
    const broken = await must<{ id: string }>(platform, 'POST', `${base}/hooks`, { name: 'broken', url: receiver.url('/broken'), eventTypes: ['broken'], retry: { unavailableDelaysMs: [100] }, disablePolicy: { limit: 2 } });
    await must(platform, 'POST', `${base}/events`, { type: 'broken', data: 1 });
    await eventuallyPasses(async () => expect(await must(platform, 'GET', `${base}/hooks/${broken.id}`)).toMatchObject({ enabled: false, failureCount: 2 }));
    // What comes of the event is in the log then, and nothing changes any more.
    await eventuallyPasses(async () => expect(JSON.stringify(await must(platform, 'GET', `${base}/deliveries?type=broken`))).toContain('skipped'));
    await manyAtOnce();
  };

  /** Events of one millisecond in every partition, each for several hooks: only their order in the log tells them apart. */
  const manyAtOnce = async (): Promise<void> => {
    const base = '/v1/tenants/acme';
    for (let index = 0; index < MANY_HOOKS; index += 1) await must(platform, 'POST', `${base}/hooks`, { name: `many ${index}`, url: receiver.url(`/many-${index}`), eventTypes: ['many'] });
    const events = Array.from({ length: MANY_EVENTS }, (_, index) => ({ type: 'many', data: index, orderingKey: `key-${index % 12}` }));
    await must(platform, 'POST', `${base}/events:batch`, { events });
    await eventuallyPasses(async () => {
      const { items } = await must<{ items: { fate: string }[] }>(platform, 'GET', `${base}/deliveries?type=many&limit=1000`);
      expect([items.length, items.filter(({ fate }) => fate === 'delivered').length]).toEqual([MANY_EVENTS * MANY_HOOKS, MANY_EVENTS * MANY_HOOKS]);
    });
    // The registry writes the health of hooks down a little later, together.
    await eventuallyPasses(async () => {
      const health = await must(platform, 'GET', `${base}/hooks`);
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      expect(await must(platform, 'GET', `${base}/hooks`)).toEqual(health);
    }, 20_000);
    const { items } = await must<{ items: { acceptedAt: string }[] }>(platform, 'GET', `${base}/events?type=many&limit=1000`);
    expect(new Set(items.map(({ acceptedAt }) => acceptedAt)).size).toBeLessThan(MANY_EVENTS / 2);
  };

  /** Every page of a list of the log. */
  const pages = async (path: string): Promise<unknown[][]> => {
    const found: unknown[][] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: { items: unknown[]; next: string | null } = await must(platform, 'GET', `${path}${cursor === '' ? '' : `&cursor=${cursor}`}`);
      found.push(page.items);
      cursor = page.next;
    }
    return found;
  };

  /** Every answer of every reading route about everything there is. */
  const answers = async (): Promise<Record<string, unknown>> => {
    const hooks = (await must<{ items: { id: string }[] }>(platform, 'GET', '/v1/tenants/acme/hooks')).items.map(({ id }) => id);
    const reading = apiRoutes().filter(({ method, path }) => method === 'GET' && !path.endsWith('/tail') && !path.startsWith('/v1/api-keys/'));
    const result: Record<string, unknown> = {};
    for (const { path, requiredQuery } of reading) {
      const query = requiredQuery.includes('event') ? `?event=${acme.event}` : '';
      for (const hook of path.includes('{hook}') ? hooks : ['']) {
        const ids: Record<string, string> = { tenant: 'acme', hook, key: acme.keyId, project: acme.project, user: acme.user, name: acme.eventType, id: acme.event };
        if (path.includes('/deliveries/')) ids['id'] = acme.delivery;
        if (path.includes('/attempts/')) ids['id'] = acme.attempt;
        if (path.includes('/replays/')) ids['id'] = acme.replay;
        const filled = path.replace(/\{(\w+)\}/g, (_whole, name: string) => ids[name] ?? name);
        const { status, body } = await call(platform, 'GET', filled + query);
        result[filled + query] = { status, body: withoutClock(body) };
      }
    }
    for (const list of ['events', 'deliveries', 'attempts', 'deliveries?type=many', 'attempts?class=success']) {
      result[`every page of ${list}`] = await pages(`/v1/tenants/acme/${list}${list.includes('?') ? '&' : '?'}limit=${A_PAGE}`);
    }
    return result;
  };

  const empty = async (schema: string, tables: readonly string[]): Promise<void> => {
    const database = new Client({ connectionString: platform.databaseUrl() });
    await database.connect();
    try {
      await database.query(`TRUNCATE ${tables.map((table) => `${schema}.${table}`).join(', ')}`);
    } finally {
      await database.end();
    }
  };

  it("rebuilding the registry's changes no answer of the API", async () => {
    const before = await answers();
    expect(Object.values(before).filter((answer) => (answer as { status: number }).status === 200).length).toBeGreaterThan(20);
    const { events } = await must<{ events: number }>(platform, 'POST', '/v1/registry/read-models/rebuild');
    expect(events).toBeGreaterThan(10);
    expect(await answers()).toEqual(before);
  });

  it("emptying the registry's tables by hand is healed by the same command", async () => {
    const before = await answers();
    await empty('registry', REGISTRY_READ_MODELS);
    expect((await call(platform, 'GET', `/v1/tenants/acme/hooks/${acme.hook}`)).status).toBe(404);
    await must(platform, 'POST', '/v1/registry/read-models/rebuild');
    expect(await answers()).toEqual(before);
  });

  it("what comes from the log, the log's own read models and the health of hooks, comes from it again", async () => {
    const before = await answers();
    await empty('registry', HEALTH);
    const running = platform.mode === 'embedded' ? ['all-in-one'] : ['registry', 'log-query'];
    await expect(platform.job('log-query', 'rebuild')).rejects.toThrow(platform.mode === 'embedded' ? 'already running' : 'stop every instance');
    for (const name of running) await platform.kill(name);
    expect(await platform.job('log-query', 'rebuild')).toContain('are empty');
    for (const name of running) await platform.restart(name);
    await eventuallyPasses(async () => expect(await answers()).toEqual(before), 20_000);
  });
});

/** Ages grow while we look, and a key is used by looking. */
function withoutClock(body: unknown): unknown {
  return JSON.parse(JSON.stringify(body, (name, value: unknown) => (['lastUsedAt', 'oldestAgeMs', 'next'].includes(name) ? undefined : value)));
}
