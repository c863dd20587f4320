import type { GrpcRequest, Operation, RestRequest, World } from './operation.js';

const rest = (operation: string, method: string, path: (world: World) => string, body?: unknown, headers?: Record<string, string>) => (world: World): RestRequest => ({
  operation, method, path: path(world), ...(body === undefined ? {} : { body: typeof body === 'function' ? (body as (world: World) => unknown)(world) : body }), ...(headers ? { headers } : {}),
});
const grpc = (method: string, request: (world: World) => Record<string, unknown> = () => ({})) => (world: World): GrpcRequest => ({ method, request: { tenant: world.tenant, ...request(world) } });
const under = (path: string) => (world: World): string => `/v1/tenants/${world.tenant}${path.replace(/\{(\w+)\}/g, (_whole, name: string) => world.kept[name] ?? name)}`;
const kept = (name: string) => ({ kept: ids }: World): Record<string, string> => ({ id: ids[name] ?? '' });

const HOOK = {
  name: 'orders', eventTypes: ['order.*', 'invoice.paid'], timeoutMs: 2_000, envelope: 'none', metadata: { team: 'core' },
  filter: { data: { amount: { $gte: 5 } } }, headers: { 'X-Team': 'core' }, secretHeaders: { 'X-Token': 'hidden' },
  retry: { unavailableDelaysMs: [200, 400], onExhausted: 'skip' }, disablePolicy: { limit: 7, count: 'in-a-row' }, basicAuth: { user: 'u', password: 'p' },
};
const hookBody = (more: object = {}) => ({ target }: World): object => ({ ...HOOK, url: target, ...more });
const hookFields = (more: object = {}) => ({ target }: World): object => {
  const { filter, retry, ...fields } = HOOK;
  return { ...fields, url: target, filterJson: JSON.stringify(filter), retry: { unavailableDelays: { ms: retry.unavailableDelaysMs }, onExhausted: retry.onExhausted }, ...more };
};

const tenants: Operation[] = [
  { title: 'make a tenant', rest: rest('putTenant', 'PUT', under(''), { name: 'Some', retentionDays: 7, quotas: { eventsBurst: 500 } }), grpc: grpc('TenantService.PutTenant', () => ({ name: 'Some', retentionDays: 7, quotas: { eventsBurst: 500 } })) },
  { title: 'change a tenant with a setting that is none', rest: rest('putTenant', 'PUT', under(''), { unknownEventTypes: 'perhaps' }), grpc: grpc('TenantService.PutTenant', () => ({ unknownEventTypes: 'perhaps' })), code: 'invalid-request' },
  { title: 'read a tenant', rest: rest('readTenant', 'GET', under('')), grpc: grpc('TenantService.GetTenant') },
  { title: 'read a tenant that is not there', rest: rest('readTenant', 'GET', () => '/v1/tenants/nobody'), grpc: grpc('TenantService.GetTenant', () => ({ tenant: 'nobody' })), code: 'not-found' },
  { title: 'list tenants', rest: rest('listTenants', 'GET', () => '/v1/tenants?limit=1'), grpc: grpc('TenantService.ListTenants', () => ({ limit: 1 })) },
  { title: 'list tenants from a cursor that nobody gave', rest: rest('listTenants', 'GET', () => '/v1/tenants?cursor=abc'), grpc: grpc('TenantService.ListTenants', () => ({ cursor: 'abc' })), code: 'invalid-cursor' },
];

const dialects: Operation[] = [
  { title: 'list dialects', rest: rest('listDialects', 'GET', () => '/v1/dialects'), grpc: grpc('DialectService.ListDialects') },
  { title: 'list the event types of a dialect', rest: rest('listDialectEventTypes', 'GET', () => '/v1/dialects/native/event-types'), grpc: grpc('DialectService.ListDialectEventTypes', () => ({ dialect: 'native' })) },
  { title: 'list the event types of no dialect', rest: rest('listDialectEventTypes', 'GET', () => '/v1/dialects/nonsense/event-types'), grpc: grpc('DialectService.ListDialectEventTypes', () => ({ dialect: 'nonsense' })), code: 'not-found' },
];

const imports: Operation[] = [
  { title: 'import hooks, to see what would be made', rest: rest('importHooks', 'POST', under('/imports'), ({ target }: World) => ({ dialect: 'taiga', hooks: [{ name: 'ci', url: target, key: 'k' }] })), grpc: grpc('ImportService.ImportHooks', ({ target }) => ({ dialect: 'taiga', hooksJson: JSON.stringify([{ name: 'ci', url: target, key: 'k' }]) })) },
  { title: 'import what is no list', rest: rest('importHooks', 'POST', under('/imports'), { dialect: 'taiga', hooks: {} }), grpc: grpc('ImportService.ImportHooks', () => ({ dialect: 'taiga', hooksJson: '{}' })), code: 'invalid-request' },
];

const apiKeys: Operation[] = [
  { title: 'make a key', rest: rest('createApiKey', 'POST', under('/api-keys'), { name: 'k', scopes: ['publish'] }), grpc: grpc('ApiKeyService.CreateApiKey', () => ({ name: 'k', scopes: ['publish'] })), keep: [['key', 'id']] },
  { title: 'make a key with a scope that is none', rest: rest('createApiKey', 'POST', under('/api-keys'), { name: 'k', scopes: ['all'] }), grpc: grpc('ApiKeyService.CreateApiKey', () => ({ name: 'k', scopes: ['all'] })), code: 'invalid-request' },
  { title: 'read a key', rest: rest('readApiKey', 'GET', under('/api-keys/{key}')), grpc: grpc('ApiKeyService.GetApiKey', kept('key')) },
  { title: 'read a key that is not there', rest: rest('readApiKey', 'GET', under('/api-keys/key_none')), grpc: grpc('ApiKeyService.GetApiKey', () => ({ id: 'key_none' })), code: 'not-found' },
  { title: 'list keys', rest: rest('listApiKeys', 'GET', under('/api-keys')), grpc: grpc('ApiKeyService.ListApiKeys') },
  { title: 'revoke a key', rest: rest('revokeApiKey', 'POST', under('/api-keys/{key}/revoke')), grpc: grpc('ApiKeyService.RevokeApiKey', kept('key')) },
  { title: 'make a key of the platform', rest: rest('createPlatformApiKey', 'POST', () => '/v1/api-keys', { name: 'p', scopes: ['log:read'] }), grpc: grpc('ApiKeyService.CreateApiKey', () => ({ tenant: '', name: 'p', scopes: ['log:read'] })), keep: [['platformKey', 'id']] },
  { title: 'read a key of the platform', rest: rest('readPlatformApiKey', 'GET', ({ kept: ids }) => `/v1/api-keys/${ids['platformKey']}`), grpc: grpc('ApiKeyService.GetApiKey', (world) => ({ tenant: '', ...kept('platformKey')(world) })) },
  { title: 'list keys of the platform', rest: rest('listPlatformApiKeys', 'GET', () => '/v1/api-keys?limit=1'), grpc: grpc('ApiKeyService.ListApiKeys', () => ({ tenant: '', limit: 1 })) },
  { title: 'revoke a key of the platform', rest: rest('revokePlatformApiKey', 'POST', ({ kept: ids }) => `/v1/api-keys/${ids['platformKey']}/revoke`), grpc: grpc('ApiKeyService.RevokeApiKey', (world) => ({ tenant: '', ...kept('platformKey')(world) })) },
];

const eventTypes: Operation[] = [
  { title: 'make an event type', rest: rest('createEventType', 'POST', under('/event-types'), { name: 'order.paid', description: 'Money came', schema: { required: ['amount'] }, example: { amount: 7 } }), grpc: grpc('EventTypeService.CreateEventType', () => ({ name: 'order.paid', description: 'Money came', schemaJson: '{"required":["amount"]}', exampleJson: '{"amount":7}' })) },
  { title: 'make it again', rest: rest('createEventType', 'POST', under('/event-types'), { name: 'order.paid' }), grpc: grpc('EventTypeService.CreateEventType', () => ({ name: 'order.paid' })), code: 'already-exists' },
  { title: 'make one with a schema that is none', rest: rest('createEventType', 'POST', under('/event-types'), { name: 'bad', schema: { type: 'nope' } }), grpc: grpc('EventTypeService.CreateEventType', () => ({ name: 'bad', schemaJson: '{"type":"nope"}' })), code: 'invalid-schema' },
  { title: 'read an event type', rest: rest('readEventType', 'GET', under('/event-types/order.paid')), grpc: grpc('EventTypeService.GetEventType', () => ({ name: 'order.paid' })) },
  { title: 'list event types', rest: rest('listEventTypes', 'GET', under('/event-types')), grpc: grpc('EventTypeService.ListEventTypes') },
  { title: 'change an event type', rest: rest('updateEventType', 'PATCH', under('/event-types/order.paid'), { description: 'Paid', example: null }), grpc: grpc('EventTypeService.UpdateEventType', () => ({ name: 'order.paid', description: 'Paid', clear: ['example'] })) },
  { title: 'make an event type to delete', rest: rest('createEventType', 'POST', under('/event-types'), { name: 'old' }), grpc: grpc('EventTypeService.CreateEventType', () => ({ name: 'old' })) },
  { title: 'delete an event type', rest: rest('deleteEventType', 'DELETE', under('/event-types/old')), grpc: grpc('EventTypeService.DeleteEventType', () => ({ name: 'old' })) },
  { title: 'read an event type that is gone', rest: rest('readEventType', 'GET', under('/event-types/old')), grpc: grpc('EventTypeService.GetEventType', () => ({ name: 'old' })), code: 'not-found' },
];

const members = ({ kept: ids }: World): Record<string, string> => ({ project: ids['project'] ?? '', user: ids['user'] ?? '' });
const projectsAndUsers: Operation[] = [
  { title: 'make a project', rest: rest('createProject', 'POST', under('/projects'), { key: 'shop', name: 'Shop' }), grpc: grpc('ProjectService.CreateProject', () => ({ key: 'shop', name: 'Shop' })), keep: [['project', 'id']] },
  { title: 'make a project with a taken key', rest: rest('createProject', 'POST', under('/projects'), { key: 'shop', name: 'Other' }), grpc: grpc('ProjectService.CreateProject', () => ({ key: 'shop', name: 'Other' })), code: 'already-exists' },
  { title: 'read a project', rest: rest('readProject', 'GET', under('/projects/{project}')), grpc: grpc('ProjectService.GetProject', kept('project')) },
  { title: 'list projects', rest: rest('listProjects', 'GET', under('/projects')), grpc: grpc('ProjectService.ListProjects') },
  { title: 'change a project', rest: rest('updateProject', 'PATCH', under('/projects/{project}'), { name: 'Store', blocked: true }), grpc: grpc('ProjectService.UpdateProject', (world) => ({ ...kept('project')(world), name: 'Store', blocked: true })) },
  { title: 'make a user', rest: rest('createUser', 'POST', under('/users'), { name: 'Ada', email: 'ada@example.com', role: 'admin' }), grpc: grpc('UserService.CreateUser', () => ({ name: 'Ada', email: 'ada@example.com', role: 'admin' })), keep: [['user', 'id']] },
  { title: 'make a user with an address that is none', rest: rest('createUser', 'POST', under('/users'), { name: 'Bob', email: 'bob' }), grpc: grpc('UserService.CreateUser', () => ({ name: 'Bob', email: 'bob' })), code: 'invalid-request' },
  { title: 'read a user', rest: rest('readUser', 'GET', under('/users/{user}')), grpc: grpc('UserService.GetUser', kept('user')) },
  { title: 'list users', rest: rest('listUsers', 'GET', under('/users')), grpc: grpc('UserService.ListUsers') },
  { title: 'change a user', rest: rest('updateUser', 'PATCH', under('/users/{user}'), { role: 'viewer', email: null }), grpc: grpc('UserService.UpdateUser', (world) => ({ ...kept('user')(world), role: 'viewer', clear: ['email'] })) },
  { title: 'give a user a password', rest: rest('setUserPassword', 'PUT', under('/users/{user}/password'), { password: 'correct horse battery' }), grpc: grpc('UserService.SetUserPassword', (world) => ({ ...kept('user')(world), password: 'correct horse battery' })) },
  { title: 'give a user a password that is too short', rest: rest('setUserPassword', 'PUT', under('/users/{user}/password'), { password: 'short' }), grpc: grpc('UserService.SetUserPassword', (world) => ({ ...kept('user')(world), password: 'short' })), code: 'invalid-request' },
  { title: 'put a member', rest: rest('putMember', 'PUT', under('/projects/{project}/members/{user}'), { role: 'member' }), grpc: grpc('ProjectService.PutMember', (world) => ({ ...members(world), role: 'member' })) },
  { title: 'put a member with a role that is none', rest: rest('putMember', 'PUT', under('/projects/{project}/members/{user}'), { role: 'king' }), grpc: grpc('ProjectService.PutMember', (world) => ({ ...members(world), role: 'king' })), code: 'invalid-request' },
  { title: 'read a member', rest: rest('readMember', 'GET', under('/projects/{project}/members/{user}')), grpc: grpc('ProjectService.GetMember', members) },
  { title: 'list members', rest: rest('listMembers', 'GET', under('/projects/{project}/members')), grpc: grpc('ProjectService.ListMembers', members) },
  { title: 'delete a member', rest: rest('deleteMember', 'DELETE', under('/projects/{project}/members/{user}')), grpc: grpc('ProjectService.DeleteMember', members) },
  { title: 'delete a user', rest: rest('deleteUser', 'DELETE', under('/users/{user}')), grpc: grpc('UserService.DeleteUser', kept('user')) },
  { title: 'delete a project', rest: rest('deleteProject', 'DELETE', under('/projects/{project}')), grpc: grpc('ProjectService.DeleteProject', kept('project')) },
  { title: 'delete it again', rest: rest('deleteProject', 'DELETE', under('/projects/{project}')), grpc: grpc('ProjectService.DeleteProject', kept('project')), code: 'not-found' },
];

const once = { 'idempotency-key': 'once' };
const hooks: Operation[] = [
  { title: 'make a hook', rest: rest('createHook', 'POST', under('/hooks'), hookBody(), once), grpc: grpc('HookService.CreateHook', (world) => ({ hook: hookFields()(world), idempotencyKey: 'once' })), keep: [['hook', 'id'], ['secret', 'secret']] },
  { title: 'make it again with its Idempotency-Key', rest: rest('createHook', 'POST', under('/hooks'), hookBody(), once), grpc: grpc('HookService.CreateHook', (world) => ({ hook: hookFields()(world), idempotencyKey: 'once' })) },
  { title: 'make another with that Idempotency-Key', rest: rest('createHook', 'POST', under('/hooks'), hookBody({ name: 'else' }), once), grpc: grpc('HookService.CreateHook', (world) => ({ hook: hookFields({ name: 'else' })(world), idempotencyKey: 'once' })), code: 'id-reused' },
  { title: 'make a hook to a private address', rest: rest('createHook', 'POST', under('/hooks'), hookBody({ url: 'http://10.1.2.3/' })), grpc: grpc('HookService.CreateHook', (world) => ({ hook: hookFields({ url: 'http://10.1.2.3/' })(world) })), code: 'target-denied' },
  { title: 'make a hook with a reserved header', rest: rest('createHook', 'POST', under('/hooks'), hookBody({ headers: { Host: 'x' } })), grpc: grpc('HookService.CreateHook', (world) => ({ hook: hookFields({ headers: { Host: 'x' } })(world) })), code: 'invalid-hook' },
  { title: 'make a hook without a name', rest: rest('createHook', 'POST', under('/hooks'), { url: 'http://example.com/' }), grpc: grpc('HookService.CreateHook', () => ({ hook: { url: 'http://example.com/' } })), code: 'invalid-request' },
  { title: 'read a hook', rest: rest('readHook', 'GET', under('/hooks/{hook}')), grpc: grpc('HookService.GetHook', kept('hook')) },
  { title: 'read a hook as of before it was made', rest: rest('readHook', 'GET', under('/hooks/{hook}?at=2001-01-01T00:00:00Z')), grpc: grpc('HookService.GetHook', (world) => ({ ...kept('hook')(world), at: '2001-01-01T00:00:00Z' })), code: 'not-found' },
  { title: 'read a hook as of a moment that is none', rest: rest('readHook', 'GET', under('/hooks/{hook}?at=yesterday')), grpc: grpc('HookService.GetHook', (world) => ({ ...kept('hook')(world), at: 'yesterday' })), code: 'invalid-request' },
  { title: 'list hooks', rest: rest('listHooks', 'GET', under('/hooks')), grpc: grpc('HookService.ListHooks') },
  { title: 'list hooks from a cursor that nobody gave', rest: rest('listHooks', 'GET', under('/hooks?cursor=abc')), grpc: grpc('HookService.ListHooks', () => ({ cursor: 'abc' })), code: 'invalid-cursor' },
  { title: 'change a hook: a value, a member, back to the default', rest: rest('updateHook', 'PATCH', under('/hooks/{hook}'), { name: 'renamed', filter: null, metadata: { owner: 'ada' }, basicAuth: null }), grpc: grpc('HookService.UpdateHook', (world) => ({ ...kept('hook')(world), hook: { name: 'renamed', metadata: { owner: 'ada' } }, clear: ['filter', 'basicAuth'] })) },
  { title: 'choose order, concurrency, rate and catch-up', rest: rest('updateHook', 'PATCH', under('/hooks/{hook}'), { order: 'none', concurrency: 3, rateLimit: { perSecond: 2.5 }, catchUp: 'missed' }), grpc: grpc('HookService.UpdateHook', (world) => ({ ...kept('hook')(world), hook: { order: 'none', concurrency: 3, rateLimit: { perSecond: 2.5 }, catchUp: 'missed' } })) },
  { title: 'change them back to their defaults', rest: rest('updateHook', 'PATCH', under('/hooks/{hook}'), { order: null, rateLimit: null, catchUp: null }), grpc: grpc('HookService.UpdateHook', (world) => ({ ...kept('hook')(world), clear: ['order', 'rateLimit', 'catchUp'] })) },
  { title: 'choose a concurrency with an order that keeps one', rest: rest('updateHook', 'PATCH', under('/hooks/{hook}'), { order: 'fifo-per-key', concurrency: 3 }), grpc: grpc('HookService.UpdateHook', (world) => ({ ...kept('hook')(world), hook: { order: 'fifo-per-key', concurrency: 3 } })), code: 'invalid-hook' },
  { title: 'change another version of a hook', rest: rest('updateHook', 'PATCH', under('/hooks/{hook}'), { name: 'no' }, { 'if-match': '"99"' }), grpc: grpc('HookService.UpdateHook', (world) => ({ ...kept('hook')(world), hook: { name: 'no' }, ifVersion: 99 })), code: 'version-mismatch' },
  { title: 'disable a hook', rest: rest('disableHook', 'POST', under('/hooks/{hook}/disable'), { reason: 'maintenance' }), grpc: grpc('HookService.DisableHook', (world) => ({ ...kept('hook')(world), reason: 'maintenance' })) },
  { title: 'enable a hook', rest: rest('enableHook', 'POST', under('/hooks/{hook}/enable')), grpc: grpc('HookService.EnableHook', kept('hook')) },
  { title: 'enable a hook that is not there', rest: rest('enableHook', 'POST', under('/hooks/hook_none/enable')), grpc: grpc('HookService.EnableHook', () => ({ id: 'hook_none' })), code: 'not-found' },
  { title: 'rotate the secrets of a hook', rest: rest('rotateHookSecret', 'POST', under('/hooks/{hook}/rotate-secret'), { overlapHours: 2, signatures: ['v1', 'v1a'] }), grpc: grpc('HookService.RotateHookSecret', (world) => ({ ...kept('hook')(world), overlapHours: 2, signatures: ['v1', 'v1a'] })) },
  { title: 'rotate to a secret that is none', rest: rest('rotateHookSecret', 'POST', under('/hooks/{hook}/rotate-secret'), { overlapHours: -1 }), grpc: grpc('HookService.RotateHookSecret', (world) => ({ ...kept('hook')(world), overlapHours: -1 })), code: 'invalid-request' },
  { title: 'read the history of a hook', rest: rest('readHookHistory', 'GET', under('/hooks/{hook}/history')), grpc: grpc('HookService.ListHookHistory', kept('hook')) },
  { title: 'make a hook to delete', rest: rest('createHook', 'POST', under('/hooks'), ({ target }: World) => ({ name: 'old', url: target, eventTypes: ['old'] })), grpc: grpc('HookService.CreateHook', ({ target }) => ({ hook: { name: 'old', url: target, eventTypes: ['old'] } })), keep: [['oldHook', 'id']] },
  { title: 'delete a hook', rest: rest('deleteHook', 'DELETE', under('/hooks/{oldHook}')), grpc: grpc('HookService.DeleteHook', kept('oldHook')) },
  { title: 'read a hook that is gone', rest: rest('readHook', 'GET', under('/hooks/{oldHook}')), grpc: grpc('HookService.GetHook', kept('oldHook')), code: 'not-found' },
];

const history = (operation: string, kind: string, route: string, id: (world: World) => Record<string, unknown>): Operation => ({
  title: `read the history of a ${kind}`, rest: rest(operation, 'GET', under(`${route}/history`)), grpc: grpc('HistoryService.ListHistory', (world) => ({ kind, ...id(world) })),
});
/** Also of what is gone. */
const histories: Operation[] = [
  history('readTenantHistory', 'tenant', '', () => ({})),
  history('readEventTypeHistory', 'event-type', '/event-types/old', () => ({ id: 'old' })),
  history('readProjectHistory', 'project', '/projects/{project}', kept('project')),
  history('readMemberHistory', 'membership', '/projects/{project}/members/{user}', ({ kept: ids }) => ({ id: `${ids['project']}/${ids['user']}` })),
  history('readUserHistory', 'user', '/users/{user}', kept('user')),
  history('readApiKeyHistory', 'api-key', '/api-keys/{key}', kept('key')),
  { title: 'read the history of a key of the platform', rest: rest('readPlatformApiKeyHistory', 'GET', ({ kept: ids }) => `/v1/api-keys/${ids['platformKey']}/history`), grpc: grpc('HistoryService.ListHistory', (world) => ({ tenant: '', kind: 'api-key', ...kept('platformKey')(world) })) },
  { title: 'read the history of a user that never was', rest: rest('readUserHistory', 'GET', under('/users/usr_none/history')), grpc: grpc('HistoryService.ListHistory', () => ({ kind: 'user', id: 'usr_none' })), code: 'not-found' },
];

const former = ({ tenant }: World): { tenant: string } => ({ tenant: `former-${tenant}` });
const formerPath = (world: World): string => `/v1/tenants/${former(world).tenant}`;
const deletions: Operation[] = [
  { title: 'make a tenant to delete', rest: rest('putTenant', 'PUT', formerPath, {}), grpc: grpc('TenantService.PutTenant', former) },
  { title: 'delete another version of a tenant', rest: rest('deleteTenant', 'DELETE', formerPath, undefined, { 'if-match': '"99"' }), grpc: grpc('TenantService.DeleteTenant', (world) => ({ ...former(world), ifVersion: 99 })), code: 'version-mismatch' },
  { title: 'delete a tenant', rest: rest('deleteTenant', 'DELETE', formerPath), grpc: grpc('TenantService.DeleteTenant', former) },
  { title: 'delete a tenant again', rest: rest('deleteTenant', 'DELETE', formerPath), grpc: grpc('TenantService.DeleteTenant', former), code: 'not-found' },
  { title: 'make a tenant by the name of a deleted one', rest: rest('putTenant', 'PUT', formerPath, {}), grpc: grpc('TenantService.PutTenant', former), code: 'invalid-state' },
];

/** What is configured. */
export const registryOperations: readonly Operation[] = [...tenants, ...dialects, ...imports, ...apiKeys, ...eventTypes, ...projectsAndUsers, ...hooks, ...histories, ...deletions];
