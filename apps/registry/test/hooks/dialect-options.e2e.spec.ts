import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { grpcClient, type GrpcClient } from '../grpc-client.js';
import { ADMIN_KEY, startRegistry, type RegistryUnderTest } from '../registry-service.js';

describe('what a hook changes of its dialect', () => {
  let registry: RegistryUnderTest;
  let grpc: GrpcClient;
  beforeAll(async () => {
    registry = await startRegistry();
    grpc = grpcClient(registry.service.grpcPort!);
    await registry.tenant('acme');
  });
  afterAll(() => registry.stop());

  const path = (id: string, rest = ''): string => `/v1/tenants/acme/hooks/${id}${rest}`;
  const ours = { success: { status: '2xx', body: null }, gone: 'disable', countNetworkErrors: true, connectTimeoutMs: 0 };

  it('is shown in effect, merged by PATCH, told by the history, and in the table of hooks', async () => {
    const hook = await registry.hook('acme', { dialectOptions: { gone: 'delete' } });
    expect(hook.dialectOptions).toEqual({ ...ours, gone: 'delete' });
    const patched = await registry.call('PATCH', path(hook.id), { body: { dialectOptions: { connectTimeoutMs: 3_000, success: { status: '200' } } } });
    expect(patched.body.dialectOptions).toEqual({ ...ours, gone: 'delete', connectTimeoutMs: 3_000, success: { status: '200', body: null } });
    expect((await registry.call('GET', path(hook.id, '/history'))).body.items.at(-1).difference).toEqual([{ field: 'dialectOptions', before: hook.dialectOptions, after: patched.body.dialectOptions }]);
    await registry.context.directory.caughtUp();
    expect(JSON.parse(registry.context.directory.hook(hook.id)!.dialectOptions)).toEqual({ gone: 'delete', connectTimeoutMs: 3_000, success: { status: '200', body: null } });
    expect((await registry.call('PATCH', path(hook.id), { body: { dialectOptions: null } })).body.dialectOptions).toEqual(ours);
    await registry.context.directory.caughtUp();
    expect(registry.context.directory.hook(hook.id)).toMatchObject({ dialectOptions: '', matchedTypes: [] });
  });

  it('is the same over gRPC', async () => {
    const created = await grpc.call('HookService', 'CreateHook', { tenant: 'acme', hook: { name: 'n', url: 'http://receiver.example/in', dialectOptionsJson: '{"gone":"fail"}' } }, ADMIN_KEY);
    expect(JSON.parse(created.message.hook.dialectOptionsJson)).toEqual({ ...ours, gone: 'fail' });
    expect(created.message.hook.warnings).toMatchObject([{ code: 'insecure-url' }]);
    const { id } = created.message.hook;
    const cleared = await grpc.call('HookService', 'UpdateHook', { tenant: 'acme', id, hook: { dialectOptionsJson: '{"connectTimeoutMs":5}' }, clear: ['dialectOptions.gone'] }, ADMIN_KEY);
    expect(JSON.parse(cleared.message.hook.dialectOptionsJson)).toEqual({ ...ours, connectTimeoutMs: 5 });
    expect(await grpc.call('HookService', 'UpdateHook', { tenant: 'acme', id, hook: {}, secret: 'x' }, ADMIN_KEY)).toMatchObject({ reason: 'invalid-hook' });
  });

  it.each([
    ['an option that native hooks do not have', { dialectOptions: { serializer: 'python' } }, 422, '/dialectOptions/serializer'],
    ['one that there is not', { dialectOptions: { nonsense: 1 } }, 400, '/dialectOptions/nonsense'],
    ['a value that there is not', { dialectOptions: { gone: 'forget' } }, 400, '/dialectOptions/gone'],
    ['a time zone that there is not', { dialectOptions: { timeZone: 'Mars/Base' } }, 400, '/dialectOptions/timeZone'],
    ['a dialect that there is not', { dialect: 'nonsense' }, 422, undefined],
  ])('is refused with its place: %s', async (_, body, status, pointer) => {
    const answer = await registry.call('POST', '/v1/tenants/acme/hooks', { body: { name: 'n', url: 'https://receiver.example', ...body } });
    expect([answer.status, answer.body.errors?.[0].pointer]).toEqual([status, pointer]);
  });

  it('the secret of a native hook is rotated, not replaced', async () => {
    const hook = await registry.hook('acme');
    expect(await registry.call('PATCH', path(hook.id), { body: { secret: 'x' } })).toMatchObject({ status: 422, body: { code: 'invalid-hook', errors: [{ pointer: '/secret' }] } });
  });

  it('an address without TLS is taken with a warning (B5, I7)', async () => {
    const hook = await registry.hook('acme', { url: 'http://receiver.example/in' });
    expect(hook.warnings).toEqual([{ code: 'insecure-url', message: expect.stringContaining('https') }]);
    expect((await registry.call('PATCH', path(hook.id), { body: { url: 'https://receiver.example/in' } })).body.warnings).toEqual([]);
    expect((await registry.call('GET', path(hook.id))).body.warnings).toEqual([]);
  });

  it('where it was made stays with it: by hand in the console, or by a client of the API', async () => {
    const made = (headers: Record<string, string>) => registry.call('POST', '/v1/tenants/acme/hooks', { body: { name: 'n', url: 'https://receiver.example' }, headers });
    expect((await made({ 'hooklane-client': 'console' })).body.origin).toBe('console');
    expect((await made({ 'hooklane-client': 'curl' })).body.origin).toBe('api');
    expect((await made({})).body.origin).toBe('api');
  });
});
