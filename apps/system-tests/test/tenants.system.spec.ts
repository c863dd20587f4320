import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventuallyPasses, startReceiver, type Receiver } from '@hooklane/testkit';
import { apiRoutes, type ApiRoute } from '../src/platform/api-document.js';
import { call, must, type Answer } from '../src/platform/client.js';
import { grpcClient, grpcMethods } from '../src/platform/grpc.js';
import { reasonOf } from '../src/platform/grpc-reason.js';
import { modes } from '../src/platform/modes.js';
import type { Platform } from '../src/platform/platform.js';
import { furnishTenant, type FurnishedTenant } from '../src/scenario/furnished-tenant.js';

/** What is the same for everybody. */
const COMMON_ROUTES = ['GET /v1/dialects', 'GET /v1/dialects/{dialect}/event-types'];
const COMMON_METHODS = ['DialectService.ListDialects', 'DialectService.ListDialectEventTypes'];
/** What a tenant's key may call without naming a tenant; it is answered with the tenant's own. */
const NARROWED_ROUTES = ['GET /v1/tenants', 'GET /v1/incidents'];
const NARROWED_METHODS = ['TenantService.ListTenants', 'LogService.ListIncidents'];
/** Good requests, so that a door left open would show as a change and not as a 400. */
const BODIES: Record<string, unknown> = {
  createPlatformApiKey: { name: 'stolen', scopes: ['admin'] },
  createApiKey: { name: 'stolen', scopes: ['admin'] },
  putTenant: { name: 'Stolen' },
  createEventType: { name: 'stolen' },
  updateEventType: { description: 'stolen' },
  publishEvent: { type: 'order.paid', data: { stolen: true } },
  publishEvents: { events: [{ type: 'order.paid', data: { stolen: true } }] },
  createHook: { name: 'stolen', url: 'http://127.0.0.1:9/' },
  updateHook: { name: 'stolen' },
  disableHook: { reason: 'stolen' },
  createProject: { key: 'stolen', name: 'stolen' },
  updateProject: { name: 'stolen' },
  putMember: { role: 'admin' },
  createUser: { name: 'stolen' },
  updateUser: { name: 'stolen' },
  acknowledgeIncident: { reason: 'stolen' },
  reinjectIncident: { reason: 'stolen' },
  skipIncident: { reason: 'stolen' },
  createReplay: { from: '2026-01-01T00:00:00Z', fates: ['all'] },
  enableHook: { reason: 'stolen', catchUp: 'missed' },
  skipLaneHead: { reason: 'stolen', deliveryId: 'dlv_0_0_hook_stolen' },
  holdLane: { reason: 'stolen' },
  createSource: { kind: 'github', name: 'stolen', user: 'usr_none', secret: 'stolen' },
  updateSource: { name: 'stolen' },
  setUserPassword: { password: 'stolen stolen stolen' },
  importHooks: { dialect: 'taiga', hooks: [{ id: 1, project: 1, name: 'stolen', url: 'http://127.0.0.1:9/', key: 'stolen' }], dryRun: false },
};

const routes = apiRoutes().map((route) => ({ ...route, title: `${route.method} ${route.path}` }));
const underTenant = routes.filter(({ path }) => path.includes('{tenant}/'));

/** A stream of events goes on after a refusal, which is therefore a response. */
function problemInStream(answer: unknown): unknown {
  return (answer as { result?: { problem?: { code: string } } }).result?.problem?.code ?? answer;
}

describe.each(modes)('tenants never meet, $mode', ({ start }) => {
  let platform: Platform;
  let receiver: Receiver;
  let acme: FurnishedTenant;
  let rival: FurnishedTenant;

  beforeAll(async () => {
    receiver = await startReceiver();
    platform = await start();
    [acme, rival] = await Promise.all([furnishTenant(platform, receiver, 'acme'), furnishTenant(platform, receiver, 'rival')]);
  }, 120_000);

  afterAll(async () => {
    await receiver?.stop();
    await platform?.stop();
  }, 60_000);

  /** The route with the ids of `owner` in it, below the tenant `tenant`. */
  const ask = ({ method, path, operation, takesBody, requiredQuery }: ApiRoute, owner: FurnishedTenant, tenant: string, key: string | null): Promise<Answer> => {
    const ids: Record<string, string> = { tenant, key: owner.keyId, hook: owner.hook, project: owner.project, user: owner.user, name: owner.eventType, id: owner.event };
    if (path.includes('/deliveries/')) ids['id'] = owner.delivery;
    if (path.includes('/attempts/')) ids['id'] = owner.attempt;
    if (path.includes('/replays/')) ids['id'] = owner.replay;
    if (path.includes('/sources/')) ids['id'] = owner.source;
    if (path.includes('/inbound-calls/')) ids['id'] = owner.inboundCall;
    if (path.includes('/incidents/')) ids['id'] = 'inc_00000000000000000000000000';
    const filled = path.replace(/\{(\w+)\}/g, (_whole, name: string) => ids[name] ?? name);
    const query = requiredQuery.length === 0 ? '' : `?${requiredQuery.map((name) => `${name}=${name === 'event' ? owner.event : 'x'}`).join('&')}`;
    return call({ url: platform.url, adminKey: key ?? '' }, method, filled + query, takesBody ? (BODIES[operation] ?? {}) : undefined, key === null ? { authorization: '' } : {});
  };
  const stateOf = async (tenant: string): Promise<unknown> => {
    const read = async (path: string): Promise<unknown> => (await must(platform, 'GET', `/v1/tenants/${tenant}${path}`))['items'];
    const keys = (await read('/api-keys')) as { lastUsedAt: unknown }[];
    return { tenant: await must(platform, 'GET', `/v1/tenants/${tenant}`), hooks: await read('/hooks'), types: await read('/event-types'), projects: await read('/projects'), users: await read('/users'), sources: await read('/sources'), events: await read('/events'), keys: keys.map((key) => ({ ...key, lastUsedAt: null })) };
  };

  it.each(routes.filter(({ title }) => ![...NARROWED_ROUTES, ...COMMON_ROUTES].includes(title)))("$title answers another tenant's key with 404", async (route) => {
    const answer = await ask(route, acme, 'acme', rival.key);
    expect([answer.status, answer.body['code']]).toEqual([404, 'not-found']);
    expect(JSON.stringify(answer.body)).not.toContain('Tenant acme');
  });

  it.each(routes)('$title answers 401 without a key', async (route) => {
    const answer = await ask(route, acme, 'acme', null);
    expect([answer.status, answer.body['code']]).toEqual([401, 'unauthenticated']);
  });

  // Names of event types are a tenant's own choice: this one exists in both.
  it.each(underTenant.filter(({ path }) => /\{(?!tenant)\w+\}/.test(path) && !path.includes('/event-types/')))("$title does not find another tenant's ids under a tenant's own address", async (route) => {
    const answer = await ask(route, acme, 'rival', rival.key);
    expect([answer.status, answer.body['code']]).toEqual([404, 'not-found']);
  });

  it.each(NARROWED_ROUTES)("%s shows a tenant's key its own only", async (route) => {
    const [method = '', path = ''] = route.split(' ');
    const { status, body } = await call({ url: platform.url, adminKey: rival.key }, method, path);
    expect(status).toBe(200);
    expect(JSON.stringify(body)).not.toContain('acme');
  });

  it.each(grpcMethods().filter(({ title }) => ![...NARROWED_METHODS, ...COMMON_METHODS].includes(title)))("$title answers another tenant's key with not-found, and no key with unauthenticated, over gRPC", async ({ service, method, streams }) => {
    const client = grpcClient(platform, service);
    // Some fields are a message in one request and an id in another.
    const takesHookId = /Lane(Command)?Service$/.test(service) || method === 'ExplainMissed';
    const request = {
      tenant: 'acme',
      id: method === 'GetEvent' ? acme.event : acme.hook,
      name: 'stolen',
      hook: takesHookId ? acme.hook : { name: 'stolen' },
      event: service.endsWith('EventService') ? { type: 'order.paid', data: Buffer.from('"stolen"') } : acme.event,
      project: acme.project,
      user: acme.user,
      source: service.endsWith('SourceService') ? { name: 'stolen' } : acme.source,
      answer: 'skip',
      reason: 'stolen',
    };
    const refusal = (key: string): Promise<unknown> => (streams ? client.firstOfStream(method, request, key) : client.call(method, request, key)).then(problemInStream, reasonOf);
    try {
      expect(await refusal(rival.key)).toBe('not-found');
      expect(await refusal('')).toBe('unauthenticated');
    } finally {
      client.close();
    }
  });

  it("changes nothing of a tenant by all that another one's key tried", async () => {
    const before = (await stateOf('acme')) as { hooks: unknown[]; events: unknown[] };
    expect(JSON.stringify(before)).not.toContain('stolen');
    expect(JSON.stringify(before)).not.toContain('Stolen');
    expect(before).toMatchObject({ hooks: [{ id: acme.hook, enabled: true, version: 1 }], events: [{ id: acme.event }] });
    expect(receiver.to('/acme/orders')).toHaveLength(1);
  });

  it('keeps cursors, event ids and idempotency keys apart', async () => {
    const asRival = { url: platform.url, adminKey: rival.key };
    const asAcme = { url: platform.url, adminKey: acme.key };
    for (const key of ['a', 'b']) await must(asAcme, 'POST', '/v1/tenants/acme/projects', { key, name: key });
    for (const list of ['projects', 'events', 'attempts']) {
      if (list === 'events') for (const n of [1, 2]) await must(asAcme, 'POST', '/v1/tenants/acme/events', { type: 'quiet', data: n });
      const { next } = await must<{ next: string | null }>(asAcme, 'GET', `/v1/tenants/acme/${list}?limit=1`);
      if (next === null) continue;
      const answer = await call(asRival, 'GET', `/v1/tenants/rival/${list}?limit=1&cursor=${encodeURIComponent(next)}`);
      expect([list, answer.status, answer.body['code']]).toEqual([list, 400, 'invalid-cursor']);
    }
    const once = { 'idempotency-key': 'the-same' };
    const hook = { name: 'same', url: receiver.url('/same'), eventTypes: ['same'] };
    const ids = [await must(asAcme, 'POST', '/v1/tenants/acme/hooks', hook, once), await must(asRival, 'POST', '/v1/tenants/rival/hooks', hook, once)].map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
    for (const [who, tenant] of [[asAcme, 'acme'], [asRival, 'rival']] as const) {
      await must(who, 'POST', `/v1/tenants/${tenant}/events`, { id: 'mine', type: 'same', data: tenant });
    }
    const requests = await receiver.waitFor(2, { path: '/same' });
    expect(requests.map(({ body }) => body.toString()).sort()).toEqual(['"acme"', '"rival"']);
  });

  it('ends a tenant at every service from the answer on, and touches no other', async () => {
    await must(platform, 'DELETE', '/v1/tenants/rival');
    const publish = { type: 'same', data: 'late' };
    expect((await call(platform, 'POST', '/v1/tenants/rival/events', publish)).status).toBe(404);
    expect((await call({ url: platform.url, adminKey: rival.key }, 'POST', '/v1/tenants/rival/events', publish)).status).toBe(401);
    for (const path of ['', '/hooks', '/events', `/hooks/${rival.hook}/lane`]) await eventuallyPasses(async () => expect([path, (await call(platform, 'GET', `/v1/tenants/rival${path}`)).status]).toEqual([path, 404]), 5_000);
    await must(platform, 'POST', '/v1/tenants/acme/events', { type: 'same', data: 'on' });
    expect((await receiver.waitFor(3, { path: '/same' })).at(-1)?.body.toString()).toBe('"on"');
    expect(receiver.to('/same').map(({ body }) => body.toString())).not.toContain('"late"');
  });
});
