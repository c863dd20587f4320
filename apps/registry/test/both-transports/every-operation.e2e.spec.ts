import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { errorCodes, type ErrorCode } from '@hooklane/contracts';
import { grpcClient, type GrpcClient } from '../grpc-client.js';
import { ADMIN_KEY, startRegistry, type RegistryUnderTest } from '../registry-service.js';

type Json = Record<string, unknown>;

/** One operation on both transports, and what its answer is reduced to for comparison. */
interface Operation {
  readonly name: string;
  rest(ids: Ids): readonly [method: string, path: string, body?: Json];
  rpc(ids: Ids): readonly [service: string, method: string, request: Json];
  /** The thing within the gRPC response that REST answers with. */
  readonly of?: string;
  /** What both must say, besides being equal. */
  readonly says?: Json;
}

interface Ids {
  readonly tenant: string;
  readonly hook: string;
  readonly project: string;
  readonly user: string;
  readonly key: string;
  readonly source: string;
  /** The user of the sources. */
  readonly handler: string;
}

const url = 'https://receiver.example/in';
/** The embedded log of these specs has one partition. */
const deliveryOf = (hook: string): string => `dlv_0_7_${hook}`;
const SOURCE = { name: 'Mautic', header: 'Webhook-Signature', secret: 's3cr3t' };
const operations: readonly Operation[] = [
  { name: 'change a tenant', rest: ({ tenant }) => ['PUT', `/v1/tenants/${tenant}`, { name: 'T', quotas: { eventsPerSecond: 7 } }], rpc: ({ tenant }) => ['TenantService', 'PutTenant', { tenant, name: 'T', quotas: { eventsPerSecond: 7 } }], of: 'tenant', says: { name: 'T' } },
  { name: 'read a tenant', rest: ({ tenant }) => ['GET', `/v1/tenants/${tenant}`], rpc: ({ tenant }) => ['TenantService', 'GetTenant', { tenant }], of: 'tenant' },
  { name: 'delete a tenant', rest: () => ['DELETE', '/v1/tenants/doomed-rest'], rpc: () => ['TenantService', 'DeleteTenant', { tenant: 'doomed-rpc' }] },
  { name: 'list tenants', rest: () => ['GET', '/v1/tenants?limit=1'], rpc: () => ['TenantService', 'ListTenants', { limit: 1 }] },
  { name: 'create a hook', rest: ({ tenant }) => ['POST', `/v1/tenants/${tenant}/hooks`, { name: 'n', url, eventTypes: ['a.*'], headers: { 'X-A': '1' }, filter: { data: { a: 1 } }, signatures: ['v1', 'v1a'] }], rpc: ({ tenant }) => ['HookService', 'CreateHook', { tenant, hook: { name: 'n', url, eventTypes: ['a.*'], headers: { 'X-A': '1' }, filterJson: '{"data":{"a":1}}' }, signatures: ['v1', 'v1a'] }], of: 'hook', says: { eventTypes: ['a.*'], headers: { 'X-A': '1' } } },
  { name: 'read a hook', rest: ({ tenant, hook }) => ['GET', `/v1/tenants/${tenant}/hooks/${hook}`], rpc: ({ tenant, hook }) => ['HookService', 'GetHook', { tenant, id: hook }], of: 'hook' },
  { name: 'read a hook as of now', rest: ({ tenant, hook }) => ['GET', `/v1/tenants/${tenant}/hooks/${hook}?at=2100-01-01T00:00:00Z`], rpc: ({ tenant, hook }) => ['HookService', 'GetHook', { tenant, id: hook, at: '2100-01-01T00:00:00Z' }], of: 'hook' },
  { name: 'list hooks', rest: ({ tenant }) => ['GET', `/v1/tenants/${tenant}/hooks`], rpc: ({ tenant }) => ['HookService', 'ListHooks', { tenant }] },
  { name: 'change a hook', rest: ({ tenant, hook }) => ['PATCH', `/v1/tenants/${tenant}/hooks/${hook}`, { timeoutMs: 2_000, retry: { onExhausted: 'hold', rejectedDelaysMs: [] }, metadata: { team: 'core' } }], rpc: ({ tenant, hook }) => ['HookService', 'UpdateHook', { tenant, id: hook, hook: { timeoutMs: 2_000, retry: { onExhausted: 'hold', rejectedDelays: { ms: [] } }, metadata: { team: 'core' } } }], of: 'hook', says: { timeoutMs: 2_000, metadata: { team: 'core' } } },
  { name: 'clear fields of a hook', rest: ({ tenant, hook }) => ['PATCH', `/v1/tenants/${tenant}/hooks/${hook}`, { timeoutMs: null, retry: { onExhausted: null }, metadata: { team: null } }], rpc: ({ tenant, hook }) => ['HookService', 'UpdateHook', { tenant, id: hook, clear: ['timeoutMs', 'retry.onExhausted', 'metadata.team'] }], of: 'hook', says: { timeoutMs: 15_000, metadata: {} } },
  { name: 'choose order and rate', rest: ({ tenant, hook }) => ['PATCH', `/v1/tenants/${tenant}/hooks/${hook}`, { order: 'none', concurrency: 3, rateLimit: { perSecond: 0.5 }, catchUp: 'missed' }], rpc: ({ tenant, hook }) => ['HookService', 'UpdateHook', { tenant, id: hook, hook: { order: 'none', concurrency: 3, rateLimit: { perSecond: 0.5 }, catchUp: 'missed' } }], of: 'hook', says: { order: 'none', concurrency: 3, rateLimit: { perSecond: 0.5 }, catchUp: 'missed' } },
  { name: 'clear order and rate', rest: ({ tenant, hook }) => ['PATCH', `/v1/tenants/${tenant}/hooks/${hook}`, { order: null, rateLimit: { perSecond: null }, catchUp: null }], rpc: ({ tenant, hook }) => ['HookService', 'UpdateHook', { tenant, id: hook, clear: ['order', 'rateLimit.perSecond', 'catchUp'] }], of: 'hook', says: { order: 'fifo', catchUp: 'none' } },
  { name: 'disable a hook', rest: ({ tenant, hook }) => ['POST', `/v1/tenants/${tenant}/hooks/${hook}/disable`, { reason: 'r' }], rpc: ({ tenant, hook }) => ['HookService', 'DisableHook', { tenant, id: hook, reason: 'r' }], of: 'hook', says: { enabled: false, colour: 'gray' } },
  { name: 'enable a hook', rest: ({ tenant, hook }) => ['POST', `/v1/tenants/${tenant}/hooks/${hook}/enable`, { catchUp: 'missed' }], rpc: ({ tenant, hook }) => ['HookService', 'EnableHook', { tenant, id: hook, catchUp: 'missed' }], of: 'hook', says: { enabled: true, colour: 'green' } },
  { name: 'retry now', rest: ({ tenant, hook }) => ['POST', `/v1/tenants/${tenant}/hooks/${hook}/lane/retry-now`], rpc: ({ tenant, hook }) => ['LaneCommandService', 'RetryNow', { tenant, hook }] },
  { name: 'retry one delivery now', rest: ({ tenant, hook }) => ['POST', `/v1/tenants/${tenant}/hooks/${hook}/lane/retry-now`, { deliveryId: deliveryOf(hook), attempt: 2, reason: 'r' }], rpc: ({ tenant, hook }) => ['LaneCommandService', 'RetryNow', { tenant, hook, deliveryId: deliveryOf(hook), attempt: 2, reason: 'r' }] },
  { name: 'skip the head', rest: ({ tenant, hook }) => ['POST', `/v1/tenants/${tenant}/hooks/${hook}/lane/skip-head`, { deliveryId: deliveryOf(hook) }], rpc: ({ tenant, hook }) => ['LaneCommandService', 'SkipHead', { tenant, hook, deliveryId: deliveryOf(hook) }] },
  { name: 'hold a lane', rest: ({ tenant, hook }) => ['POST', `/v1/tenants/${tenant}/hooks/${hook}/lane/hold`, { reason: 'r' }], rpc: ({ tenant, hook }) => ['LaneCommandService', 'HoldLane', { tenant, hook, reason: 'r' }] },
  { name: 'release a lane', rest: ({ tenant, hook }) => ['POST', `/v1/tenants/${tenant}/hooks/${hook}/lane/release`], rpc: ({ tenant, hook }) => ['LaneCommandService', 'ReleaseLane', { tenant, hook }] },
  { name: 'end a catch-up', rest: ({ tenant, hook }) => ['POST', `/v1/tenants/${tenant}/hooks/${hook}/lane/release-catch-up`], rpc: ({ tenant, hook }) => ['LaneCommandService', 'ReleaseCatchUp', { tenant, hook }] },
  { name: 'rotate a secret', rest: ({ tenant, hook }) => ['POST', `/v1/tenants/${tenant}/hooks/${hook}/rotate-secret`, { overlapHours: 1 }], rpc: ({ tenant, hook }) => ['HookService', 'RotateHookSecret', { tenant, id: hook, overlapHours: 1 }], of: 'hook' },
  { name: 'read a history', rest: ({ tenant, hook }) => ['GET', `/v1/tenants/${tenant}/hooks/${hook}/history?limit=2`], rpc: ({ tenant, hook }) => ['HookService', 'ListHookHistory', { tenant, id: hook, limit: 2 }] },
  { name: 'delete a hook', rest: ({ tenant, hook }) => ['DELETE', `/v1/tenants/${tenant}/hooks/${hook}`], rpc: ({ tenant, hook }) => ['HookService', 'DeleteHook', { tenant, id: hook }] },
  { name: 'create an event type', rest: ({ tenant }) => ['POST', `/v1/tenants/${tenant}/event-types`, { name: 'a.b', schema: { type: 'object' }, example: { a: 1 } }], rpc: ({ tenant }) => ['EventTypeService', 'CreateEventType', { tenant, name: 'a.b', schemaJson: '{"type":"object"}', exampleJson: '{"a":1}' }], of: 'eventType' },
  { name: 'read an event type', rest: ({ tenant }) => ['GET', `/v1/tenants/${tenant}/event-types/a.b`], rpc: ({ tenant }) => ['EventTypeService', 'GetEventType', { tenant, name: 'a.b' }], of: 'eventType' },
  { name: 'list event types', rest: ({ tenant }) => ['GET', `/v1/tenants/${tenant}/event-types`], rpc: ({ tenant }) => ['EventTypeService', 'ListEventTypes', { tenant }] },
  { name: 'change an event type', rest: ({ tenant }) => ['PATCH', `/v1/tenants/${tenant}/event-types/a.b`, { description: 'd', schema: null }], rpc: ({ tenant }) => ['EventTypeService', 'UpdateEventType', { tenant, name: 'a.b', description: 'd', clear: ['schema'] }], of: 'eventType', says: { description: 'd' } },
  { name: 'the history of a tenant', rest: ({ tenant }) => ['GET', `/v1/tenants/${tenant}/history?limit=1`], rpc: ({ tenant }) => ['HistoryService', 'ListHistory', { tenant, kind: 'tenant', limit: 1 }] },
  { name: 'a tenant as of now', rest: ({ tenant }) => ['GET', `/v1/tenants/${tenant}?at=2100-01-01T00:00:00Z`], rpc: ({ tenant }) => ['TenantService', 'GetTenant', { tenant, at: '2100-01-01T00:00:00Z' }], of: 'tenant' },
  { name: 'the history of a project', rest: ({ tenant, project }) => ['GET', `/v1/tenants/${tenant}/projects/${project}/history?limit=1`], rpc: ({ tenant, project }) => ['HistoryService', 'ListHistory', { tenant, kind: 'project', id: project, limit: 1 }] },
  { name: 'a project as of now', rest: ({ tenant, project }) => ['GET', `/v1/tenants/${tenant}/projects/${project}?at=2100-01-01T00:00:00Z`], rpc: ({ tenant, project }) => ['ProjectService', 'GetProject', { tenant, id: project, at: '2100-01-01T00:00:00Z' }], of: 'project' },
  { name: 'the history of a user', rest: ({ tenant, user }) => ['GET', `/v1/tenants/${tenant}/users/${user}/history?limit=1`], rpc: ({ tenant, user }) => ['HistoryService', 'ListHistory', { tenant, kind: 'user', id: user, limit: 1 }] },
  { name: 'a user as of now', rest: ({ tenant, user }) => ['GET', `/v1/tenants/${tenant}/users/${user}?at=2100-01-01T00:00:00Z`], rpc: ({ tenant, user }) => ['UserService', 'GetUser', { tenant, id: user, at: '2100-01-01T00:00:00Z' }], of: 'user' },
  { name: 'the history of a api-key', rest: ({ tenant, key }) => ['GET', `/v1/tenants/${tenant}/api-keys/${key}/history?limit=1`], rpc: ({ tenant, key }) => ['HistoryService', 'ListHistory', { tenant, kind: 'api-key', id: key, limit: 1 }] },
  { name: 'a api-key as of now', rest: ({ tenant, key }) => ['GET', `/v1/tenants/${tenant}/api-keys/${key}?at=2100-01-01T00:00:00Z`], rpc: ({ tenant, key }) => ['ApiKeyService', 'GetApiKey', { tenant, id: key, at: '2100-01-01T00:00:00Z' }], of: 'apiKey' },
  { name: 'the history of an event type', rest: ({ tenant }) => ['GET', `/v1/tenants/${tenant}/event-types/a.b/history?limit=1`], rpc: ({ tenant }) => ['HistoryService', 'ListHistory', { tenant, kind: 'event-type', id: 'a.b', limit: 1 }] },
  { name: 'an event type as of now', rest: ({ tenant }) => ['GET', `/v1/tenants/${tenant}/event-types/a.b?at=2100-01-01T00:00:00Z`], rpc: ({ tenant }) => ['EventTypeService', 'GetEventType', { tenant, name: 'a.b', at: '2100-01-01T00:00:00Z' }], of: 'eventType' },
  { name: 'delete an event type', rest: ({ tenant }) => ['DELETE', `/v1/tenants/${tenant}/event-types/a.b`], rpc: ({ tenant }) => ['EventTypeService', 'DeleteEventType', { tenant, name: 'a.b' }] },
  { name: 'create a project', rest: ({ tenant }) => ['POST', `/v1/tenants/${tenant}/projects`, { key: 'NEW', name: 'p' }], rpc: ({ tenant }) => ['ProjectService', 'CreateProject', { tenant, key: 'NEW', name: 'p' }], of: 'project' },
  { name: 'read a project', rest: ({ tenant, project }) => ['GET', `/v1/tenants/${tenant}/projects/${project}`], rpc: ({ tenant, project }) => ['ProjectService', 'GetProject', { tenant, id: project }], of: 'project' },
  { name: 'list projects', rest: ({ tenant }) => ['GET', `/v1/tenants/${tenant}/projects`], rpc: ({ tenant }) => ['ProjectService', 'ListProjects', { tenant }] },
  { name: 'change a project', rest: ({ tenant, project }) => ['PATCH', `/v1/tenants/${tenant}/projects/${project}`, { blocked: true }], rpc: ({ tenant, project }) => ['ProjectService', 'UpdateProject', { tenant, id: project, blocked: true }], of: 'project', says: { blocked: true } },
  { name: 'give a member a role', rest: ({ tenant, project, user }) => ['PUT', `/v1/tenants/${tenant}/projects/${project}/members/${user}`, { role: 'viewer' }], rpc: ({ tenant, project, user }) => ['ProjectService', 'PutMember', { tenant, project, user, role: 'viewer' }], of: 'member', says: { role: 'viewer' } },
  { name: 'read a member', rest: ({ tenant, project, user }) => ['GET', `/v1/tenants/${tenant}/projects/${project}/members/${user}`], rpc: ({ tenant, project, user }) => ['ProjectService', 'GetMember', { tenant, project, user }], of: 'member', says: { role: 'viewer' } },
  { name: 'the history of a membership', rest: ({ tenant, project, user }) => ['GET', `/v1/tenants/${tenant}/projects/${project}/members/${user}/history`], rpc: ({ tenant, project, user }) => ['HistoryService', 'ListHistory', { tenant, kind: 'membership', id: `${project}/${user}` }] },
  { name: 'list members', rest: ({ tenant, project }) => ['GET', `/v1/tenants/${tenant}/projects/${project}/members`], rpc: ({ tenant, project }) => ['ProjectService', 'ListMembers', { tenant, project }] },
  { name: 'take a member out', rest: ({ tenant, project, user }) => ['DELETE', `/v1/tenants/${tenant}/projects/${project}/members/${user}`], rpc: ({ tenant, project, user }) => ['ProjectService', 'DeleteMember', { tenant, project, user }] },
  { name: 'delete a project', rest: ({ tenant, project }) => ['DELETE', `/v1/tenants/${tenant}/projects/${project}`], rpc: ({ tenant, project }) => ['ProjectService', 'DeleteProject', { tenant, id: project }] },
  { name: 'create a user', rest: ({ tenant }) => ['POST', `/v1/tenants/${tenant}/users`, { name: 'Ada', email: 'ada@example.com' }], rpc: ({ tenant }) => ['UserService', 'CreateUser', { tenant, name: 'Ada', email: 'ada@example.com' }], of: 'user' },
  { name: 'read a user', rest: ({ tenant, user }) => ['GET', `/v1/tenants/${tenant}/users/${user}`], rpc: ({ tenant, user }) => ['UserService', 'GetUser', { tenant, id: user }], of: 'user' },
  { name: 'list users', rest: ({ tenant }) => ['GET', `/v1/tenants/${tenant}/users`], rpc: ({ tenant }) => ['UserService', 'ListUsers', { tenant }] },
  { name: 'change a user', rest: ({ tenant, user }) => ['PATCH', `/v1/tenants/${tenant}/users/${user}`, { role: 'owner', email: null }], rpc: ({ tenant, user }) => ['UserService', 'UpdateUser', { tenant, id: user, role: 'owner', clear: ['email'] }], of: 'user', says: { role: 'owner' } },
  { name: 'a user with a name to log in by', rest: ({ tenant }) => ['POST', `/v1/tenants/${tenant}/users`, { name: 'Bo', userName: 'Bo' }], rpc: ({ tenant }) => ['UserService', 'CreateUser', { tenant, name: 'Bo', userName: 'Bo' }], of: 'user', says: { userName: 'Bo' } },
  { name: 'set a password', rest: ({ tenant, user }) => ['PUT', `/v1/tenants/${tenant}/users/${user}/password`, { password: 'correct horse' }], rpc: ({ tenant, user }) => ['UserService', 'SetUserPassword', { tenant, id: user, password: 'correct horse' }], of: 'user' },
  { name: 'clear a password', rest: ({ tenant, user }) => ['PUT', `/v1/tenants/${tenant}/users/${user}/password`, { password: null }], rpc: ({ tenant, user }) => ['UserService', 'SetUserPassword', { tenant, id: user }], of: 'user' },
  { name: 'create a recoverable key for a user', rest: ({ tenant, user }) => ['POST', `/v1/tenants/${tenant}/api-keys`, { name: 'k', scopes: ['hooks:read'], user, recoverable: true }], rpc: ({ tenant, user }) => ['ApiKeyService', 'CreateApiKey', { tenant, name: 'k', scopes: ['hooks:read'], user, recoverable: true }], of: 'apiKey', says: { recoverable: true } },
  { name: 'create a source', rest: ({ tenant, handler }) => ['POST', `/v1/tenants/${tenant}/sources`, { kind: 'tiki', ...SOURCE, user: handler, forwardedHeaders: ['X-A'] }], rpc: ({ tenant, handler }) => ['SourceService', 'CreateSource', { tenant, kind: 'tiki', source: { ...SOURCE, user: handler, forwardedHeaders: { names: ['X-A'] } } }], of: 'source', says: { forwardedHeaders: ['X-A'] } },
  { name: 'read a source', rest: ({ tenant, source }) => ['GET', `/v1/tenants/${tenant}/sources/${source}`], rpc: ({ tenant, source }) => ['SourceService', 'GetSource', { tenant, id: source }], of: 'source' },
  { name: 'list sources', rest: ({ tenant }) => ['GET', `/v1/tenants/${tenant}/sources`], rpc: ({ tenant }) => ['SourceService', 'ListSources', { tenant }] },
  { name: 'change a source', rest: ({ tenant, source }) => ['PATCH', `/v1/tenants/${tenant}/sources/${source}`, { algorithm: 'sha512', project: null, replays: 'once' }], rpc: ({ tenant, source }) => ['SourceService', 'UpdateSource', { tenant, id: source, source: { algorithm: 'sha512', replays: 'once' }, clear: ['project'] }], of: 'source', says: { algorithm: 'sha512', replays: 'once' } },
  { name: 'the history of a source', rest: ({ tenant, source }) => ['GET', `/v1/tenants/${tenant}/sources/${source}/history?limit=1`], rpc: ({ tenant, source }) => ['HistoryService', 'ListHistory', { tenant, kind: 'source', id: source, limit: 1 }] },
  { name: 'a source as of now', rest: ({ tenant, source }) => ['GET', `/v1/tenants/${tenant}/sources/${source}?at=2100-01-01T00:00:00Z`], rpc: ({ tenant, source }) => ['SourceService', 'GetSource', { tenant, id: source, at: '2100-01-01T00:00:00Z' }], of: 'source' },
  { name: 'delete a source', rest: ({ tenant, source }) => ['DELETE', `/v1/tenants/${tenant}/sources/${source}`], rpc: ({ tenant, source }) => ['SourceService', 'DeleteSource', { tenant, id: source }] },
  { name: 'delete a user', rest: ({ tenant, user }) => ['DELETE', `/v1/tenants/${tenant}/users/${user}`], rpc: ({ tenant, user }) => ['UserService', 'DeleteUser', { tenant, id: user }] },
  { name: 'import hooks', rest: ({ tenant }) => ['POST', `/v1/tenants/${tenant}/imports`, { dialect: 'taiga', hooks: [{ name: 'n', url, key: 'k' }] }], rpc: ({ tenant }) => ['ImportService', 'ImportHooks', { tenant, dialect: 'taiga', hooksJson: `[{"name":"n","url":"${url}","key":"k"}]` }] },
  { name: 'list dialects', rest: () => ['GET', '/v1/dialects'], rpc: () => ['DialectService', 'ListDialects', {}] },
  { name: 'list the event types of a dialect', rest: () => ['GET', '/v1/dialects/native/event-types'], rpc: () => ['DialectService', 'ListDialectEventTypes', { dialect: 'native' }] },
  { name: 'create a key', rest: ({ tenant }) => ['POST', `/v1/tenants/${tenant}/api-keys`, { name: 'k', scopes: ['publish'] }], rpc: ({ tenant }) => ['ApiKeyService', 'CreateApiKey', { tenant, name: 'k', scopes: ['publish'] }], of: 'apiKey' },
  { name: 'read a key', rest: ({ tenant, key }) => ['GET', `/v1/tenants/${tenant}/api-keys/${key}`], rpc: ({ tenant, key }) => ['ApiKeyService', 'GetApiKey', { tenant, id: key }], of: 'apiKey' },
  { name: 'list keys', rest: ({ tenant }) => ['GET', `/v1/tenants/${tenant}/api-keys`], rpc: ({ tenant }) => ['ApiKeyService', 'ListApiKeys', { tenant }] },
  { name: 'revoke a key', rest: ({ tenant, key }) => ['POST', `/v1/tenants/${tenant}/api-keys/${key}/revoke`], rpc: ({ tenant, key }) => ['ApiKeyService', 'RevokeApiKey', { tenant, id: key }], of: 'apiKey', says: { revoked: true } },
];

describe('every operation over REST and gRPC', () => {
  let registry: RegistryUnderTest;
  let grpc: GrpcClient;
  const ids: Record<'rest' | 'rpc', Ids> = {} as never;

  beforeAll(async () => {
    registry = await startRegistry();
    grpc = grpcClient(registry.service.grpcPort!);
    for (const transport of ['rest', 'rpc'] as const) {
      const tenant = `by-${transport}`;
      await registry.tenant(tenant);
      const post = async (path: string, body: Json): Promise<string> => (await registry.call('POST', `/v1/tenants/${tenant}/${path}`, { body })).body.id;
      const handler = await post('users', { name: 'h' });
      ids[transport] = {
        tenant,
        hook: (await registry.hook(tenant)).id,
        project: await post('projects', { key: 'P', name: 'p' }),
        user: await post('users', { name: 'u' }),
        key: await post('api-keys', { name: 'k', scopes: ['publish'] }),
        handler,
        source: await post('sources', { kind: 'tiki', ...SOURCE, user: handler, project: 'P' }),
      };
    }
    for (const name of ['stranger', 'doomed-rest', 'doomed-rpc']) await registry.tenant(name);
  });
  afterAll(() => registry?.stop());

  it.each(operations.map((operation) => [operation.name, operation] as const))('%s', async (_, { rest, rpc, of, says }) => {
    const [method, path, body] = rest(ids.rest);
    const overRest = await registry.call(method, path, body ? { body } : {});
    const overRpc = await grpc.call(...rpc(ids.rpc), ADMIN_KEY);
    expect([overRest.status < 300, overRpc.code]).toEqual([true, 0]);
    const restThing = comparable(overRest.body ?? {});
    const rpcThing = comparable(of ? overRpc.message[of] : overRpc.message);
    if (says) {
      expect(overRest.body).toMatchObject(says);
      expect(overRpc.message[of!]).toMatchObject(says);
    }
    // Lists of different tenants hold different things; their shape is what both must agree on.
    expect(shapeOf(rpcThing)).toEqual(shapeOf(restThing));
  });

  it.each(operations.filter(({ rest }) => rest({ tenant: 'T', hook: '', project: '', user: '', key: '', source: '', handler: '' })[1].includes('/T')).map((operation) => [operation.name, operation] as const))('%s: not-found for another tenant\'s key', async (_, { rest, rpc }) => {
    const key = await registry.key('stranger', 'admin');
    const [method, path, body] = rest(ids.rest);
    expect(await registry.call(method, path, { key, ...(body ? { body } : {}) })).toMatchObject({ status: 404, body: { code: 'not-found' } });
    expect(await grpc.call(...rpc(ids.rpc), key)).toMatchObject({ code: 5, reason: 'not-found' });
  });

  const create = (fields: Json, key = ADMIN_KEY) => [
    () => registry.call('POST', '/v1/tenants/by-rest/hooks', { body: { name: 'n', url, ...fields }, key: key === '' ? null : key }),
    () => grpc.call('HookService', 'CreateHook', { tenant: 'by-rest', hook: { name: 'n', url, ...fields } }, key),
  ] as const;

  it.each([
    ['invalid-request', { order: 'lifo' }],
    ['invalid-hook', { concurrency: 2 }],
    ['invalid-request', { timeoutMs: 5 }],
    ['invalid-hook', { url: 'ftp://a.example' }],
    ['invalid-hook', { headers: { Host: 'x' } }],
    ['target-denied', { url: 'http://192.168.0.1/' }],
  ] as [ErrorCode, Json][])('the same stable code: %s for %j', async (code, fields) => {
    const [rest, rpc] = create(fields);
    expect(await rest()).toMatchObject({ status: errorCodes[code].status, body: { code } });
    expect(await rpc()).toMatchObject({ code: errorCodes[code].grpc, reason: code });
  });

  it('the same stable codes for keys, scopes, versions, repeats and cursors', async () => {
    const weak = await registry.key('by-rest', 'publish');
    for (const [key, code] of [['', 'unauthenticated'], ['hl_wrong', 'unauthenticated'], [weak, 'missing-scope']] as [string, ErrorCode][]) {
      const [rest, rpc] = create({}, key);
      expect(await rest()).toMatchObject({ status: errorCodes[code].status, body: { code } });
      expect(await rpc()).toMatchObject({ code: errorCodes[code].grpc, reason: code });
    }
    const hook = (await registry.hook('by-rest')).id;
    expect(await grpc.call('HookService', 'UpdateHook', { tenant: 'by-rest', id: hook, hook: { name: 'x' }, ifVersion: 9 }, ADMIN_KEY)).toMatchObject({ code: 9, reason: 'version-mismatch' });
    expect(await grpc.call('HookService', 'ListHooks', { tenant: 'by-rest', cursor: 'nonsense' }, ADMIN_KEY)).toMatchObject({ code: 3, reason: 'invalid-cursor' });
    const repeat = () => grpc.call('HookService', 'CreateHook', { tenant: 'by-rest', hook: { name: 'once', url }, idempotencyKey: 'g-1' }, ADMIN_KEY);
    const first = await repeat();
    expect((await repeat()).message).toEqual(first.message);
    expect(await grpc.call('HookService', 'CreateHook', { tenant: 'by-rest', hook: { name: 'twice', url }, idempotencyKey: 'g-1' }, ADMIN_KEY)).toMatchObject({ code: 6, reason: 'id-reused' });
    expect(await grpc.call('HookService', 'CreateHook', { tenant: 'by-rest', hook: { name: 'n', url, filterJson: '{' } }, ADMIN_KEY)).toMatchObject({ code: 3, reason: 'invalid-request' });
  });
});

/** Names of all members, to any depth; REST's null is protobuf's empty, and what is JSON text there is not compared member by member. */
function shapeOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.length === 0 ? [] : shapeOf(value[0], `${path}[]`);
  if (value !== null && typeof value === 'object') return Object.entries(value).flatMap(([name, member]) => shapeOf(member, `${path}.${name}`)).sort();
  return [path];
}

function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (value === null || value === '' || value === 0 || value === false || value === undefined) return undefined;
  if (typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([name]) => !['filter', 'filterJson', 'schema', 'schemaJson', 'example', 'exampleJson', 'before', 'after', 'beforeJson', 'afterJson', 'secret', 'publicKey', 'key'].includes(name));
  // What REST says as JSON is JSON text here.
  const said = entries.map(([name, member]) => (/[oO]ptionsJson$/.test(name) ? [name.slice(0, -4), JSON.parse(member as string)] : [name, member]) as [string, unknown]);
  return Object.fromEntries(said.map(([name, member]) => [name, comparable(member)] as const).filter(([, member]) => member !== undefined));
}
