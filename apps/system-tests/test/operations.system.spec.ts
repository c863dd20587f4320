import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { errorShapeOf } from '@hooklane/contracts';
import { eventuallyPasses, startReceiver, type Receiver } from '@hooklane/testkit';
import { apiRoutes } from '../src/platform/api-document.js';
import { call, must } from '../src/platform/client.js';
import { grpcClient, grpcMethods, type GrpcClient } from '../src/platform/grpc.js';
import { reasonOf } from '../src/platform/grpc-reason.js';
import { modes } from '../src/platform/modes.js';
import type { Platform } from '../src/platform/platform.js';
import { comparable, unwrapped, type Operation, type World } from '../src/scenario/operation.js';
import { operations } from '../src/scenario/operations.js';

/** Messages in which a response wraps what REST answers flat. */
const WRAPPERS = ['hook', 'tenant', 'apiKey', 'eventType', 'project', 'member', 'user', 'event', 'delivery', 'attempt', 'replay', 'source', 'call'];
/** REST only: DELETE is another word for revoke, the rebuild is an operator's. The live tail has a spec of its own. */
const WITHOUT_GRPC = ['deleteApiKey', 'deletePlatformApiKey', 'rebuildReadModels', 'tail'];
/** What services ask each other for; REST has it as other operations. */
const BETWEEN_SERVICES = ['AttemptLogService.CountLoggedAttempts', 'AttemptLogService.ListLoggedAttempts', 'ReceiverService.ProbeReceiver', 'ReceiverService.ResendAttempt', 'ReceiverService.TestReceiver'];
const STREAMS = ['EventService.PublishStream', 'LogService.Tail'];

describe.each(modes)('every operation does the same over REST and gRPC, $mode', ({ start }) => {
  let platform: Platform;
  let receiver: Receiver;
  let clients: Map<string, GrpcClient>;
  let rest: World;
  let grpc: World;

  beforeAll(async () => {
    receiver = await startReceiver();
    platform = await start();
    clients = new Map([...new Set(grpcMethods().map(({ service }) => service))].map((service) => [service, grpcClient(platform, service)]));
    // The first of all tenants is then neither interface's own.
    await must(platform, 'PUT', '/v1/tenants/another', { name: 'Another' });
    rest = { tenant: 'overrest', kept: {}, target: receiver.url('/target') };
    grpc = { tenant: 'overgrpc', kept: {}, target: receiver.url('/target') };
  }, 120_000);

  afterAll(async () => {
    for (const client of clients?.values() ?? []) client.close();
    await receiver?.stop();
    await platform?.stop();
  }, 60_000);

  const overRest = async (operation: Operation): Promise<{ status: number; body: Record<string, unknown> }> => {
    const { method, path, body, headers } = operation.rest(rest);
    return call(platform, method, path, body, headers ?? {});
  };
  const overGrpc = async (operation: Operation, key?: string): Promise<{ body?: Record<string, unknown>; error?: { code: number; reason: string } }> => {
    const { method, request } = operation.grpc(grpc);
    const [service = '', name = ''] = method.split('.');
    const client = clients.get(`hooklane.v1.${service}`) as GrpcClient;
    return client.call(name, request, key).then(
      (response) => ({ body: isFlat(response) ? response : unwrapped(response, WRAPPERS) }),
      (error: { code: number }) => ({ error: { code: error.code, reason: reasonOf(error) } }),
    );
  };
  const keep = ({ keep: names = [] }: Operation, world: World, body: Record<string, unknown>): void => {
    for (const [as, place] of names) world.kept[as] = String(place.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], body));
  };

  const bothDo = async (operation: Operation): Promise<void> => {
    const compare = async (): Promise<void> => {
      const [overHttp, overRpc] = [await overRest(operation), await overGrpc(operation)];
      expect([overHttp.status < 300, overRpc.error]).toEqual([true, undefined]);
      if (operation.until) expect(operation.until(overHttp.body)).toBe(true);
      keep(operation, rest, overHttp.body);
      keep(operation, grpc, overRpc.body ?? {});
      expect(comparable(overRpc.body, grpc)).toEqual(comparable(operation.ofRest ? operation.ofRest(overHttp.body) : overHttp.body, rest));
    };
    await (operation.until ? eventuallyPasses(compare) : compare());
  };
  const bothRefuse = async (operation: Operation): Promise<void> => {
    const [overHttp, overRpc] = [await overRest(operation), await overGrpc(operation)];
    const shape = errorShapeOf(operation.code ?? '');
    expect([overHttp.status, overHttp.body['code']]).toEqual([shape.status, operation.code]);
    expect(overRpc.error).toEqual({ code: shape.grpc, reason: operation.code });
  };

  it.each(operations.map((operation) => ({ ...operation, outcome: operation.code ?? 'equal answers' })))('$title: $outcome', (operation) => (operation.code === undefined ? bothDo(operation) : bothRefuse(operation)));

  it('the table has every route and every method', () => {
    const routes = apiRoutes().map(({ operation }) => operation);
    const inTable = new Set(operations.map((operation) => operation.rest(rest).operation));
    expect(routes.filter((route) => !inTable.has(route)).sort()).toEqual([...WITHOUT_GRPC].sort());
    const methods = new Set(operations.map((operation) => operation.grpc(grpc).method));
    expect(grpcMethods().map(({ title }) => title).filter((title) => !methods.has(title)).sort()).toEqual([...STREAMS, ...BETWEEN_SERVICES].sort());
  });

  it('both deliver what was published with the same bytes and headers', async () => {
    const deliveries = (await receiver.waitFor(2, { path: '/target' })).filter(({ headers }) => headers['hooklane-event-type'] === 'order.paid');
    const [first, second] = deliveries.map(({ headers, body }) => ({ body: body.toString(), attributes: Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('hooklane-'))) }));
    expect(first).toEqual(second);
  });

  it('a key without the scope and no key are refused for the same reason', async () => {
    const { body } = await call(platform, 'POST', `/v1/tenants/${grpc.tenant}/api-keys`, { name: 'narrow', scopes: ['publish'] });
    const key = String(body['key']);
    const narrow = operations.find(({ title }) => title === 'list hooks') as Operation;
    expect((await call({ url: platform.url, adminKey: key }, 'GET', `/v1/tenants/${grpc.tenant}/hooks`)).body['code']).toBe('missing-scope');
    expect((await overGrpc(narrow, key)).error?.reason).toBe('missing-scope');
    expect((await overGrpc(narrow, '')).error?.reason).toBe('unauthenticated');
  });

  it('a stream of events is answered in its order, and goes on after a bad one', async () => {
    const events = [{ type: 'quiet', data: Buffer.from('1') }, { type: '', data: Buffer.from('2') }, { type: 'quiet', data: Buffer.from('3') }];
    const client = clients.get('hooklane.v1.EventService') as GrpcClient;
    const answers = await client.exchange('PublishStream', events.map((event) => ({ tenant: grpc.tenant, event })));
    expect(answers.map((response) => (response as { result: { result: string; problem?: { code: string } } }).result.problem?.code ?? 'accepted')).toEqual(['accepted', 'invalid-request', 'accepted']);
  });
});

/** `GetEvent` answers an event beside its data, a page its items: nothing to take out of a wrapper. */
function isFlat(response: Record<string, unknown>): boolean {
  return Array.isArray(response['items']);
}
