import type { GrpcRequest, Operation, RestRequest, World } from './operation.js';

const path = (text: string) => (world: World): string => `/v1/tenants/${world.tenant}${text.replace(/\{(\w+)\}/g, (_whole, name: string) => world.kept[name] ?? name)}`;
const rest = (operation: string, method: string, text: string, body?: (world: World) => unknown) => (world: World): RestRequest => ({ operation, method, path: path(text)(world), ...(body ? { body: body(world) } : {}) });
const grpc = (method: string, request: (world: World) => Record<string, unknown> = () => ({})) => (world: World): GrpcRequest => ({ method, request: { tenant: world.tenant, ...request(world) } });
const source = ({ kept: ids }: World): Record<string, string> => ({ id: ids['source'] ?? '' });

/** gRPC does not know at which address REST is reached: without HOOKLANE_PUBLIC_URL it says the path only. */
const withoutOrigin = (body: Record<string, unknown>): Record<string, unknown> => ({ ...body, url: new URL(String(body['url'])).pathname });
const pageWithoutOrigins = ({ items, next }: Record<string, unknown>): unknown => ({ items: (items as Record<string, unknown>[]).map(withoutOrigin), next });

const fields = ({ kept: ids }: World): Record<string, unknown> => ({ name: 'Mautic', user: ids['handlerUser'], header: 'Webhook-Signature', secret: 'hidden', project: 'shop' });

/** Who may call from outside, and who did. */
export const inboundOperations: readonly Operation[] = [
  { title: 'make the user of a source', rest: rest('createUser', 'POST', '/users', () => ({ name: 'Handler' })), grpc: grpc('UserService.CreateUser', () => ({ name: 'Handler' })), keep: [['handlerUser', 'id']] },
  { title: 'make a source', rest: rest('createSource', 'POST', '/sources', (world) => ({ kind: 'tiki', ...fields(world) })), grpc: grpc('SourceService.CreateSource', (world) => ({ kind: 'tiki', source: fields(world) })), keep: [['source', 'id']], ofRest: withoutOrigin },
  { title: 'make a source of a user that is not there', rest: rest('createSource', 'POST', '/sources', (world) => ({ kind: 'tiki', ...fields(world), user: 'usr_none' })), grpc: grpc('SourceService.CreateSource', (world) => ({ kind: 'tiki', source: { ...fields(world), user: 'usr_none' } })), code: 'invalid-source' },
  { title: 'make a source of a kind that is none', rest: rest('createSource', 'POST', '/sources', (world) => ({ kind: 'mystery', ...fields(world) })), grpc: grpc('SourceService.CreateSource', (world) => ({ kind: 'mystery', source: fields(world) })), code: 'invalid-request' },
  { title: 'read a source', rest: rest('readSource', 'GET', '/sources/{source}'), grpc: grpc('SourceService.GetSource', source), ofRest: withoutOrigin },
  { title: 'read a source that is not there', rest: rest('readSource', 'GET', '/sources/src_none'), grpc: grpc('SourceService.GetSource', () => ({ id: 'src_none' })), code: 'not-found' },
  { title: 'list sources', rest: rest('listSources', 'GET', '/sources'), grpc: grpc('SourceService.ListSources'), ofRest: pageWithoutOrigins },
  { title: 'change a source: a value, back to the default', rest: rest('updateSource', 'PATCH', '/sources/{source}', () => ({ algorithm: 'sha512', project: null })), grpc: grpc('SourceService.UpdateSource', (world) => ({ ...source(world), source: { algorithm: 'sha512' }, clear: ['project'] })), ofRest: withoutOrigin },
  { title: 'read the history of a source', rest: rest('readSourceHistory', 'GET', '/sources/{source}/history'), grpc: grpc('HistoryService.ListHistory', (world) => ({ kind: 'source', ...source(world) })) },
  { title: 'delete a source', rest: rest('deleteSource', 'DELETE', '/sources/{source}'), grpc: grpc('SourceService.DeleteSource', source) },
  { title: 'list the calls that nobody made', rest: rest('listInboundCalls', 'GET', '/inbound-calls?outcome=refused'), grpc: grpc('InboundLogService.ListInboundCalls', () => ({ outcome: 'refused' })) },
  { title: 'list calls by an outcome that is none', rest: rest('listInboundCalls', 'GET', '/inbound-calls?outcome=lost'), grpc: grpc('InboundLogService.ListInboundCalls', () => ({ outcome: 'lost' })), code: 'invalid-request' },
  { title: 'read a call that is not there', rest: rest('getInboundCall', 'GET', '/inbound-calls/in_none'), grpc: grpc('InboundLogService.GetInboundCall', () => ({ id: 'in_none' })), code: 'not-found' },
];
