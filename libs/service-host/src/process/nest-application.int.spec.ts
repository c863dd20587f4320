import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { credentials, loadPackageDefinition, Metadata, type ClientDuplexStream, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { Body, Controller, Delete, Get, Module, Param, Post, Query } from '@nestjs/common';
import { Ctx, GrpcMethod, Payload } from '@nestjs/microservices';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { protoPath as grpcHealthProto } from 'grpc-health-check';
import type { Principal } from '@hooklane/directory';
import { AppError, cryptoRandom, systemClock, timeOrderedIds } from '@hooklane/kernel';
import { masterKeyFrom, SecretBox } from '@hooklane/secret-box';
import { openLogger, prometheusMetrics } from '@hooklane/telemetry';
import { z } from 'zod';
import { Authorize, PublicRoute } from '../authorize.js';
import { Incidents } from '../consuming/incidents.js';
import { LogTransport } from '../consuming/log-transport.js';
import { CurrentPrincipal } from '../current-principal.js';
import { httpApplication } from '../http/http-adapter.js';
import { HttpFront } from '../http/http-front.js';
import { GrpcPeers } from '../peers/grpc-peers.js';
import { PeerPasses } from '../peers/peer-pass.js';
import { RawJsonBody } from '../raw-json-body.js';
import { grpcEndpoint, protoRoot, type GrpcEndpoint } from './grpc-server.js';
import { HealthBook } from './health-book.js';
import { nestApplication } from './nest-application.js';

const thing = z.strictObject({ name: z.string().min(1), size: z.strictObject({ width: z.number() }).optional() });
const page = z.strictObject({ limit: z.coerce.number().int().max(10).default(5) });

@Controller('/v1/tenants/:tenant/things')
class ThingController {
  @Post()
  @Authorize('hooks:write')
  create(@Param('tenant') tenant: string, @Body({ schema: thing }) body: z.infer<typeof thing>, @CurrentPrincipal() principal: Principal) {
    return { tenant, body, actor: principal.actor };
  }

  @Get()
  @Authorize('hooks:read')
  list(@Query({ schema: page }) query: z.infer<typeof page>) {
    return query;
  }

  @Delete(':id')
  @Authorize('hooks:write')
  remove(@Param('id') id: string): never {
    if (id === 'bug') throw new Error('password=hunter2');
    if (id === 'busy') throw new AppError('log-unavailable', 'kafka-7 is down', { publicMessage: 'The log is away.', retryable: true, retryAfterMs: 2_500 });
    throw new AppError('not-a-public-code', 'internal wording');
  }

  @Post('raw')
  @Authorize('publish')
  @RawJsonBody({ maxBodyBytes: 20 })
  raw(@Body() body: Buffer) {
    return { isBuffer: Buffer.isBuffer(body), text: body.toString() };
  }
}

@Controller('/v1')
class PlatformController {
  @Get('incidents')
  @Authorize('log:read', { tenantKeys: 'narrowed' })
  incidents(@CurrentPrincipal() principal: Principal) {
    return { of: principal.tenantId };
  }

  @Get('tenants')
  @Authorize('admin')
  tenants() {
    return [];
  }

  @Get('open')
  @PublicRoute()
  open() {
    return { open: true };
  }

  @GrpcMethod('EventService', 'Publish')
  @Authorize('publish')
  publish(@Payload() request: { tenant: string; event?: { type: string } }, @CurrentPrincipal() principal: Principal, @Ctx() _: unknown) {
    if (!request.event?.type) throw new AppError('invalid-request', '/event/type: Required.', { details: { errors: [{ pointer: '/event/type', message: 'Required.' }] }, retryAfterMs: 1_500 });
    if (request.event.type === 'slow') return new Promise(() => undefined);
    if (request.event.type === 'busy') throw new AppError('log-unavailable', 'kafka-7 is down', { publicMessage: 'The log is away.', retryable: true, retryAfterMs: 2_500 });
    if (request.event.type === 'bug') throw new Error('password=hunter2');
    return { id: `${principal.keyId}/${request.tenant}`, acceptedAt: principal.actor };
  }
}

@Module({ controllers: [ThingController, PlatformController] })
class ThingModule {}

const principals: Record<string, Principal> = {
  acme: { keyId: 'key_1', tenantId: 'acme', scopes: new Set(['hooks:write', 'publish', 'log:read']), actor: 'key:key_1' },
  root: { keyId: 'key_0', tenantId: null, scopes: new Set(['admin']), actor: 'key:key_0' },
};

let app: NestFastifyApplication;
let listen: () => Promise<void>;
let front: HttpFront;
let grpc: GrpcEndpoint;
let health: HealthBook;
let port: number;
let lines: string[];
let passes: PeerPasses;

beforeAll(async () => {
  health = new HealthBook();
  lines = [];
  const logger = openLogger('warn', {}, { write: (line) => void lines.push(line) });
  front = new HttpFront(() => false);
  const http = httpApplication(front);
  grpc = grpcEndpoint(['hooklane/v1/event_service.proto'], '127.0.0.1', 0, health);
  const consumers = new LogTransport({ log: {} as never, incidents: {} as Incidents, logger, metrics: prometheusMetrics().of('test'), health });
  const authenticator = {
    authenticate: async (key: string | undefined): Promise<Principal> => {
      const principal = principals[key ?? ''];
      if (!principal) throw new AppError('unauthenticated', 'The API key is not valid.');
      return principal;
    },
  };
  passes = new PeerPasses(new SecretBox(masterKeyFrom(Buffer.alloc(32, 1).toString('base64')), cryptoRandom), systemClock);
  ({ app, listen } = await nestApplication({ modules: [{ module: ThingModule }], http, authenticator, passes, grpc, consumers, logger, ids: timeOrderedIds }));
  await app.init();
  await http.instance.ready();
  await listen();
  front.open();
  port = await front.listen(0, '127.0.0.1');
});

afterAll(async () => {
  await app.close();
  await front.close();
});

async function call(method: string, path: string, options: { key?: string; body?: string; type?: string; headers?: Record<string, string> } = {}) {
  const headers = { ...(options.key ? { authorization: `Bearer ${options.key}` } : {}), ...(options.body === undefined ? {} : { 'content-type': options.type ?? 'application/json' }), ...options.headers };
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers, ...(options.body === undefined ? {} : { body: options.body }) });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Record<string, unknown> };
}

describe('a REST request', () => {
  it('reaches its handler with tenant, validated body and principal', async () => {
    const { status, body } = await call('POST', '/v1/tenants/acme/things', { key: 'acme', body: '{"name":"x"}' });
    expect([status, body]).toEqual([201, { tenant: 'acme', body: { name: 'x' }, actor: 'key:key_1' }]);
  });

  it.each([
    ['no key', undefined, '/v1/tenants/acme/things', 401, 'unauthenticated'],
    ['a wrong key', 'nobody', '/v1/tenants/acme/things', 401, 'unauthenticated'],
    ['another tenant\'s key', 'acme', '/v1/tenants/other/things', 404, 'not-found'],
    ['a missing scope', 'acme', '/v1/tenants/acme/things', 403, 'missing-scope'],
    ['a tenant\'s key at the platform\'s things', 'acme', '/v1/tenants', 404, 'not-found'],
    ['an unknown path', 'acme', '/v1/nothing', 404, 'not-found'],
    ['U+0000 in its path', 'root', '/v1/tenants/a%00/things', 404, 'not-found'],
    ['U+0000 in its query', 'root', '/v1/tenants/a/things?limit=%00', 400, 'invalid-request'],
    ['an encoded slash that is not one', 'acme', '/v1/tenants/acme%2Fthings', 404, 'not-found'],
  ])('with %s', async (_, key, path, status, code) => {
    const answer = await call('GET', path, key ? { key } : {});
    expect(answer).toMatchObject({ status, body: { type: `urn:hooklane:problem:${code}`, code, status } });
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(answer.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer realm="hooklane"' : null);
  });

  it('with admin scope may do everything, in every tenant', async () => {
    expect((await call('GET', '/v1/tenants/any/things', { key: 'root' })).body).toEqual({ limit: 5 });
  });

  it('of a tenant\'s key where things are narrowed tells the handler the tenant', async () => {
    expect((await call('GET', '/v1/incidents', { key: 'acme' })).body).toEqual({ of: 'acme' });
  });

  it('needs no key on a public route', async () => {
    expect((await call('GET', '/v1/open')).body).toEqual({ open: true });
  });

  it('with another method is told which are allowed', async () => {
    const answer = await call('PUT', '/v1/tenants/acme/things', { key: 'acme', body: '{}' });
    expect(answer).toMatchObject({ status: 405, body: { code: 'method-not-allowed', allow: ['GET', 'HEAD', 'POST'] } });
    expect(answer.headers.get('allow')).toBe('GET, HEAD, POST');
  });

  it('with unknown and unfitting fields is told each of them', async () => {
    const { body } = await call('POST', '/v1/tenants/acme/things', { key: 'acme', body: '{"name":1,"size":{"width":1,"a/b":2},"extra":true}' });
    expect(body['errors']).toEqual([
      { pointer: '/name', message: expect.any(String) },
      { pointer: '/size/a~1b', message: 'Unknown field.' },
      { pointer: '/extra', message: 'Unknown field.' },
    ]);
  });

  it('with an unfitting query is told the parameter', async () => {
    const { status, body } = await call('GET', '/v1/tenants/a/things?limit=11&foo=1', { key: 'root' });
    expect(status).toBe(400);
    expect(body['errors']).toEqual([{ pointer: '/limit', message: expect.any(String), in: 'query' }, { pointer: '/foo', message: 'Unknown field.', in: 'query' }]);
  });

  it('with a query where none is taken is told each parameter', async () => {
    const { status, body } = await call('POST', '/v1/tenants/acme/things?dryRun=1&foo=2', { key: 'acme', body: '{"name":"x"}' });
    expect([status, body['errors']]).toEqual([400, ['/dryRun', '/foo'].map((pointer) => ({ pointer, message: 'Unknown field.', in: 'query' }))]);
    expect((await call('POST', '/v1/tenants/acme/things?', { key: 'acme', body: '{"name":"x"}' })).status).toBe(201);
  });

  it.each([
    ['malformed JSON', '{"name":', 'application/json', 400, 'malformed-json'],
    ['no body', '', 'application/json', 400, 'invalid-request'],
    ['a field that would become a prototype', '{"name":"x","__proto__":{}}', 'application/json', 400, 'invalid-request'],
    ['a JSON patch', '[{"op":"remove","path":"/name"}]', 'application/json-patch+json', 415, 'unsupported-media-type'],
    ['a form', 'name=x', 'application/x-www-form-urlencoded', 415, 'unsupported-media-type'],
    ['a body over 1 MiB', `{"name":"${'x'.repeat(1024 * 1024)}"}`, 'application/json', 413, 'too-large'],
    ['a body nested too deep', '['.repeat(100) + ']'.repeat(100), 'application/json', 400, 'invalid-request'],
  ])('with %s', async (_, body, type, status, code) => {
    expect(await call('POST', '/v1/tenants/acme/things', { key: 'acme', body, type })).toMatchObject({ status, body: { code } });
  });

  it('with a content encoding where none is taken', async () => {
    expect(await call('POST', '/v1/tenants/acme/things', { key: 'acme', body: '{}', headers: { 'content-encoding': 'br' } })).toMatchObject({ status: 415 });
  });

  it('on a raw route hands over the bytes, whatever they claim to be, up to the route\'s own limit', async () => {
    expect((await call('POST', '/v1/tenants/acme/things/raw', { key: 'acme', body: '{ "a" : 1.0 }' })).body).toEqual({ isBuffer: true, text: '{ "a" : 1.0 }' });
    expect((await call('POST', '/v1/tenants/acme/things/raw', { key: 'acme', body: 'x', type: 'image/png' })).body).toEqual({ isBuffer: true, text: 'x' });
    expect(await call('POST', '/v1/tenants/acme/things/raw', { key: 'acme', body: 'x'.repeat(21) })).toMatchObject({ status: 413, body: { code: 'too-large' } });
  });

  it('that meets a bug gets an id and nothing else; the log has the rest', async () => {
    const { status, body } = await call('DELETE', '/v1/tenants/acme/things/bug', { key: 'acme' });
    expect([status, body['code'], body['detail']]).toEqual([500, 'internal', 'Something went wrong on our side.']);
    expect(lines.find((line) => line.includes(String(body['instance'])))).toContain('request failed');
  });

  it('never shows a code that is not public', async () => {
    const { body } = await call('DELETE', '/v1/tenants/acme/things/x', { key: 'acme' });
    expect(JSON.stringify(body)).not.toMatch(/not-a-public-code|internal wording/);
  });

  it('is told when to come back', async () => {
    const { status, headers, body } = await call('DELETE', '/v1/tenants/acme/things/busy', { key: 'acme' });
    expect([status, headers.get('retry-after'), body['detail']]).toEqual([503, '3', 'The log is away.']);
  });

  it('with headers over the cap, or that is no HTTP, gets a problem document too', async () => {
    expect(await raw(`GET /v1/open HTTP/1.1\r\nhost: x\r\na: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431 [^]*"code":"headers-too-large"/);
    expect(await raw('nonsense\r\n\r\n')).toMatch(/^HTTP\/1.1 400 [^]*"code":"invalid-request"/);
    expect(await raw('GET /v1/%zz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')).toMatch(/^HTTP\/1.1 400 [^]*"code":"invalid-request"/);
  });
});

function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString())).on('close', () => resolve(answer)).on('error', reject);
  });
}

function healthOf(service: string): Promise<string> {
  const definition = loadSync(grpcHealthProto, { enums: String });
  const { Health } = (loadPackageDefinition(definition) as never as { grpc: { health: { v1: { Health: new (...args: unknown[]) => { Check(...args: unknown[]): void; close(): void } } } } }).grpc.health.v1;
  const client = new Health(`127.0.0.1:${grpc.port()}`, credentials.createInsecure());
  return new Promise((resolve, reject) =>
    client.Check({ service }, (error: ServiceError | null, response: { status: string }) => {
      client.close();
      if (error) reject(error);
      else resolve(response.status);
    }),
  );
}

interface ReflectionAnswer {
  readonly listServicesResponse?: { readonly service: readonly { readonly name: string }[] };
  readonly fileDescriptorResponse?: { readonly fileDescriptorProto: readonly Buffer[] };
}

describe('a gRPC call', () => {
  const publish = (key: string, request: object): Promise<{ error?: ServiceError; response?: unknown }> => {
    const definition = loadSync(`${protoRoot()}hooklane/v1/event_service.proto`, { includeDirs: [protoRoot()], defaults: true });
    const { EventService } = (loadPackageDefinition(definition) as never as { hooklane: { v1: { EventService: new (...args: unknown[]) => { Publish(...args: unknown[]): void; close(): void } } } }).hooklane.v1;
    const client = new EventService(`127.0.0.1:${grpc.port()}`, credentials.createInsecure());
    const metadata = new Metadata();
    if (key) metadata.set('authorization', `Bearer ${key}`);
    return new Promise((resolve) =>
      client.Publish(request, metadata, (error: ServiceError | null, response: unknown) => {
        client.close();
        resolve(error ? { error } : { response });
      }),
    );
  };

  it.each(['', 'hooklane.v1.EventService'])('for the health of "%s" is answered as the process is ready', async (service) => {
    const worker = health.worker('spec');
    expect(await healthOf(service)).toBe('NOT_SERVING');
    worker.ready();
    expect(await healthOf(service)).toBe('SERVING');
  });

  it('for the health of a service that is not there is answered so', async () => {
    await expect(healthOf('hooklane.v1.LogService')).rejects.toMatchObject({ code: 5 });
  });

  it.each(['v1', 'v1alpha'])('of reflection %s lists the services, and describes what is asked for', async (version) => {
    const proto = fileURLToPath(new URL(`../proto/grpc/reflection/${version}/reflection.proto`, import.meta.resolve('@grpc/reflection')));
    const loaded = loadPackageDefinition(loadSync(proto)) as never as { grpc: { reflection: Record<string, { ServerReflection: new (...args: unknown[]) => { ServerReflectionInfo(): ClientDuplexStream<object, ReflectionAnswer>; close(): void } }> } };
    const client = new loaded.grpc.reflection[version]!.ServerReflection(`127.0.0.1:${grpc.port()}`, credentials.createInsecure());
    const call = client.ServerReflectionInfo();
    const answers: ReflectionAnswer[] = [];
    call.on('data', (answer: ReflectionAnswer) => answers.push(answer));
    call.write({ listServices: '*' });
    call.write({ fileContainingSymbol: 'hooklane.v1.EventService' });
    call.end();
    await once(call, 'end');
    client.close();
    expect(answers[0]?.listServicesResponse?.service).toContainEqual({ name: 'hooklane.v1.EventService' });
    expect(Buffer.concat(answers[1]?.fileDescriptorResponse?.fileDescriptorProto ?? []).toString('latin1')).toContain('PublishBatch');
  });

  it('reaches its handler with request and principal', async () => {
    expect((await publish('acme', { tenant: 'acme', event: { type: 'a' } })).response).toMatchObject({ id: 'key_1/acme' });
  });

  it.each([
    ['no key', '', 'acme', 16, 'unauthenticated'],
    ['another tenant\'s key', 'acme', 'other', 5, 'not-found'],
    ['no tenant', 'acme', '', 5, 'not-found'],
    ['U+0000 in a name', 'root', 'a\0', 3, 'invalid-request'],
  ])('with %s', async (_, key, tenant, code, reason) => {
    const { error } = await publish(key, { tenant, event: { type: 'a' } });
    expect(error?.code).toBe(code);
    expect(error?.metadata.get('grpc-status-details-bin')[0]?.toString()).toContain(reason);
  });

  it('that is refused carries ErrorInfo, RetryInfo and BadRequest', async () => {
    const { error } = await publish('acme', { tenant: 'acme' });
    const details = error?.metadata.get('grpc-status-details-bin')[0]?.toString() ?? '';
    expect(details).toContain('type.googleapis.com/google.rpc.ErrorInfo');
    expect(details).toContain('type.googleapis.com/google.rpc.RetryInfo');
    expect(details).toMatch(/google.rpc.BadRequest[^]*\/event\/type[^]*Required\./);
  });

  it('that is larger than a message may be is told so by the stable code', async () => {
    const { error } = await publish('acme', { tenant: 'acme', event: { type: 'a', data: Buffer.alloc(10 * 1024 * 1024) } });
    expect(error?.code).toBe(3);
    expect(error?.metadata.get('grpc-status-details-bin')[0]?.toString()).toMatch(/google.rpc.ErrorInfo[^]*too-large/);
  });
});

describe('a call of one service to another', () => {
  const callPeer = (peers: GrpcPeers, event: object | undefined, tenantId = 'acme', timeoutMs?: number): Promise<unknown> =>
    peers.call({ peer: 'delivery', service: 'EventService', method: 'Publish', request: { event, tenant: 'somebody else' }, for: { tenantId, actor: 'user:usr_1' }, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
  const here = (): GrpcPeers => new GrpcPeers(() => ({ delivery: `127.0.0.1:${grpc.port()}` }), passes);

  it('reaches the handler as the tenant and actor that it is for', async () => {
    const peers = here();
    expect(await callPeer(peers, { type: 'a' })).toEqual({ id: '/acme', acceptedAt: 'user:usr_1' });
    peers.close();
  });

  it('gets what the other one throws: its code, sentence, places and pause', async () => {
    const peers = here();
    await expect(callPeer(peers, undefined)).rejects.toMatchObject({ code: 'invalid-request', publicMessage: expect.stringContaining('/event/type'), details: { errors: [{ pointer: '/event/type', message: 'Required.' }] }, retryAfterMs: 1_500 });
    await expect(callPeer(peers, { type: 'busy' })).rejects.toMatchObject({ code: 'log-unavailable', publicMessage: 'The log is away.', retryAfterMs: 2_500 });
    await expect(callPeer(peers, { type: 'bug' })).rejects.toMatchObject({ code: 'internal', publicMessage: 'Something went wrong on our side.' });
    peers.close();
  });

  it('is told that the other one is away: not there, silent, of another installation, not configured', async () => {
    const away = { code: 'peer-unavailable', publicMessage: 'The service delivery does not answer.', retryAfterMs: 1_000 };
    const nowhere = new GrpcPeers(() => ({ delivery: '127.0.0.1:1' }), passes);
    await expect(callPeer(nowhere, { type: 'a' })).rejects.toMatchObject(away);
    const peers = here();
    await expect(callPeer(peers, { type: 'slow' }, 'acme', 100)).rejects.toMatchObject(away);
    const stranger = new GrpcPeers(() => ({ delivery: `127.0.0.1:${grpc.port()}` }), new PeerPasses(new SecretBox(masterKeyFrom(Buffer.alloc(32, 2).toString('base64')), cryptoRandom), systemClock));
    await expect(callPeer(stranger, { type: 'a' })).rejects.toMatchObject(away);
    await expect(callPeer(new GrpcPeers(() => ({}), passes), { type: 'a' })).rejects.toMatchObject(away);
    for (const one of [nowhere, peers, stranger]) one.close();
  });

  it('is good for its tenant only, and for no REST route', async () => {
    const forOther = { issue: () => passes.issue({ tenantId: 'other', actor: 'x' }) };
    const peers = new GrpcPeers(() => ({ delivery: `127.0.0.1:${grpc.port()}` }), forOther);
    await expect(callPeer(peers, { type: 'a' })).rejects.toMatchObject({ code: 'not-found' });
    peers.close();
    expect((await call('GET', '/v1/tenants/acme/things', { key: passes.issue({ tenantId: 'acme', actor: 'x' }) })).status).toBe(401);
  });
});

describe('nestApplication', () => {
  it('does not start with a handler that says nothing of who may call it', async () => {
    @Controller('/forgotten')
    class ForgottenController {
      @Get()
      read() {
        return 1;
      }
    }
    @Module({ controllers: [ForgottenController] })
    class ForgottenModule {}
    const logger = openLogger('silent');
    const health = new HealthBook();
    const consumers = new LogTransport({ log: {} as never, incidents: {} as Incidents, logger, metrics: prometheusMetrics().of('test'), health });
    await expect(nestApplication({ modules: [{ module: ForgottenModule }], http: httpApplication(new HttpFront(() => false)), authenticator: {} as never, passes, grpc: null, consumers, logger, ids: timeOrderedIds }))
      .rejects.toThrow('ForgottenController.read');
  });
});
