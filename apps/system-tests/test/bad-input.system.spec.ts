import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventuallyPasses, startReceiver, type Receiver } from '@hooklane/testkit';
import { gzipSync } from 'node:zlib';
import { apiRoutes } from '../src/platform/api-document.js';
import { call, must } from '../src/platform/client.js';
import { modes } from '../src/platform/modes.js';
import type { Platform } from '../src/platform/platform.js';

interface Refusal {
  readonly what: string;
  readonly method?: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number;
  readonly code: string;
  /** Of the fields that the problem document names. */
  readonly pointers?: readonly string[];
}

const EVENTS = '/v1/tenants/acme/events';
const HOOKS = '/v1/tenants/acme/hooks';
const TYPES = '/v1/tenants/acme/event-types';
const good = { type: 'refused', data: 1 };
const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const hook = (more: Record<string, unknown>): Record<string, unknown> => ({ name: 'bad', url: 'http://127.0.0.1:9/', ...more });
const type = (contentType: string): Record<string, string> => ({ 'content-type': contentType });

const publishing: Refusal[] = [
  { what: 'malformed JSON', path: EVENTS, body: '{"type":"refused","data":', status: 400, code: 'malformed-json' },
  { what: 'no body', path: EVENTS, body: '', status: 400, code: 'malformed-json' },
  { what: 'bytes that are not UTF-8', path: EVENTS, body: Buffer.from('7b2274797065223a2261222c2264617461223a22ff227d', 'hex'), status: 400, code: 'malformed-json' },
  { what: 'a type that is a number', path: EVENTS, body: { type: 7, data: 1 }, status: 400, code: 'invalid-request', pointers: ['/type'] },
  { what: 'no data', path: EVENTS, body: { type: 'refused' }, status: 400, code: 'invalid-request', pointers: ['/data'] },
  { what: 'unknown fields', path: EVENTS, body: { ...good, priority: 1, 'a/b': 2 }, status: 400, code: 'invalid-request', pointers: ['/a~1b', '/priority'] },
  { what: 'data of more than 256 KiB', path: EVENTS, body: { type: 'refused', data: 'x'.repeat(262_144) }, status: 413, code: 'too-large' },
  { what: 'a body beyond any event', path: EVENTS, body: { type: 'refused', data: 'x'.repeat(1_500_000) }, status: 413, code: 'too-large' },
  { what: 'a batch of more than 8 MiB', path: `${EVENTS}:batch`, body: `{"events":[${'{"type":"refused","data":1},'.repeat(400_000)}1]}`, status: 413, code: 'too-large' },
  { what: 'a batch of more than 1,000', path: `${EVENTS}:batch`, body: { events: Array.from({ length: 1_001 }, () => good) }, status: 400, code: 'invalid-request', pointers: ['/events'] },
  { what: 'a gzip bomb', path: EVENTS, body: gzipSync(Buffer.alloc(50_000_000, 0x20)), headers: { 'content-encoding': 'gzip' }, status: 413, code: 'too-large' },
  { what: 'data that nests too deep', path: EVENTS, body: `{"type":"refused","data":${nested(65)}}`, status: 400, code: 'invalid-request', pointers: ['/data'] },
  { what: 'data that nests deep enough for a stack', path: EVENTS, body: `{"type":"refused","data":${nested(100_000)}}`, status: 400, code: 'invalid-request' },
  { what: 'a content type that is not JSON', path: EVENTS, body: 'type=refused', headers: type('application/x-www-form-urlencoded'), status: 415, code: 'unsupported-media-type' },
  { what: 'no content type of ours', path: EVENTS, body: JSON.stringify(good), headers: type('text/plain'), status: 415, code: 'unsupported-media-type' },
  { what: 'a header break in the ordering key', path: EVENTS, body: { ...good, orderingKey: 'a\r\nX-Injected: 1' }, status: 400, code: 'invalid-request', pointers: ['/orderingKey'] },
  { what: 'a header break in the type', path: EVENTS, body: { ...good, type: 'a\r\nX-Injected: 1' }, status: 400, code: 'invalid-request', pointers: ['/type'] },
  { what: 'the same id with another body', path: EVENTS, body: { id: 'taken', type: 'refused', data: 2 }, status: 409, code: 'id-reused' },
  { what: 'the same Idempotency-Key with another body', path: EVENTS, body: { type: 'refused', data: 2 }, headers: { 'idempotency-key': 'taken' }, status: 409, code: 'id-reused' },
  { what: 'a tenant that is not there', path: '/v1/tenants/nobody/events', body: good, status: 404, code: 'not-found' },
  { what: 'data against the schema of its type', path: EVENTS, body: { type: 'checked', data: { list: [1, 'x'] } }, status: 422, code: 'schema-violation' },
  { what: 'headers of more than 64 KiB', path: EVENTS, body: good, headers: { 'x-large': 'x'.repeat(70_000) }, status: 431, code: 'headers-too-large' },
];

const registering: Refusal[] = [
  { what: 'malformed JSON', path: HOOKS, body: '{"name":', status: 400, code: 'malformed-json' },
  { what: 'a list where an object belongs', path: HOOKS, body: [], status: 400, code: 'invalid-request' },
  { what: 'wrong types', path: HOOKS, body: hook({ name: 7, timeoutMs: 'soon' }), status: 400, code: 'invalid-request', pointers: ['/name', '/timeoutMs'] },
  { what: 'unknown fields', path: HOOKS, body: hook({ priority: 5, retry: { tries: 3 } }), status: 400, code: 'invalid-request', pointers: ['/priority', '/retry/tries'] },
  { what: 'an order that is none', path: HOOKS, body: hook({ order: 'lifo' }), status: 400, code: 'invalid-request', pointers: ['/order'] },
  { what: 'a rate that is a number', path: HOOKS, body: hook({ rateLimit: 5 }), status: 400, code: 'invalid-request', pointers: ['/rateLimit'] },
  { what: 'a rate of nothing and too many at once', path: HOOKS, body: hook({ order: 'none', concurrency: 65, rateLimit: { perSecond: 0 } }), status: 400, code: 'invalid-request', pointers: ['/concurrency', '/rateLimit/perSecond'] },
  { what: 'a concurrency with an order that keeps one', path: HOOKS, body: hook({ order: 'fifo-per-key', concurrency: 2 }), status: 422, code: 'invalid-hook', pointers: ['/concurrency'] },
  { what: 'a catch-up that is none', path: `${HOOKS}/hook_none/enable`, body: { catchUp: 'all' }, status: 400, code: 'invalid-request', pointers: ['/catchUp'] },
  { what: 'a command to skip no delivery', path: `${HOOKS}/hook_none/lane/skip-head`, body: {}, status: 400, code: 'invalid-request', pointers: ['/deliveryId'] },
  { what: 'a command to skip what is no delivery', path: `${HOOKS}/hook_none/lane/skip-head`, body: { deliveryId: 'evt_1' }, status: 400, code: 'invalid-request', pointers: ['/deliveryId'] },
  { what: 'a command with fields of another one', path: `${HOOKS}/hook_none/lane/hold`, body: { deliveryId: 'dlv_0_0_hook_none' }, status: 400, code: 'invalid-request', pointers: ['/deliveryId'] },
  { what: 'a command that is none', path: `${HOOKS}/hook_none/lane/explode`, body: {}, status: 404, code: 'not-found' },
  { what: 'a private target', path: HOOKS, body: hook({ url: 'http://10.0.0.7/' }), status: 422, code: 'target-denied', pointers: ['/url'] },
  { what: 'the metadata address', path: HOOKS, body: hook({ url: 'http://169.254.169.254/latest/meta-data' }), status: 422, code: 'target-denied', pointers: ['/url'] },
  { what: 'a private target written as a number', path: HOOKS, body: hook({ url: 'http://167772167/' }), status: 422, code: 'target-denied', pointers: ['/url'] },
  { what: 'a private target inside an IPv6 address', path: HOOKS, body: hook({ url: 'http://[::ffff:10.0.0.7]/' }), status: 422, code: 'target-denied', pointers: ['/url'] },
  { what: 'a URL with credentials', path: HOOKS, body: hook({ url: 'http://user:secret@127.0.0.1:9/' }), status: 422, code: 'invalid-hook', pointers: ['/url'] },
  { what: 'a URL of another scheme', path: HOOKS, body: hook({ url: 'file:///etc/passwd' }), status: 422, code: 'invalid-hook', pointers: ['/url'] },
  { what: 'a URL with a line break', path: HOOKS, body: hook({ url: 'http://127.0.0.1:9/\r\nX-Injected: 1' }), status: 422, code: 'invalid-hook', pointers: ['/url'] },
  { what: 'a header value with a line break', path: HOOKS, body: hook({ headers: { 'X-A': 'a\r\nX-Injected: 1' } }), status: 422, code: 'invalid-hook', pointers: ['/headers/X-A'] },
  { what: 'a header name with a line break', path: HOOKS, body: hook({ headers: { 'X-A: 1\r\nX-Injected': '1' } }), status: 400, code: 'invalid-request' },
  { what: 'a header twice, in another case', path: HOOKS, body: hook({ headers: { 'X-A': '1', 'x-a': '2' } }), status: 400, code: 'invalid-request', pointers: ['/headers/x-a'] },
  { what: 'a reserved header', path: HOOKS, body: hook({ headers: { 'Webhook-Signature': 'v1,none' } }), status: 422, code: 'invalid-hook', pointers: ['/headers/Webhook-Signature'] },
  { what: 'a regular expression that is none', path: HOOKS, body: hook({ filter: { data: { a: { $regex: '(' } } } }), status: 422, code: 'invalid-hook', pointers: ['/filter/data/a/$regex'] },
  { what: 'a regular expression that needs backtracking', path: HOOKS, body: hook({ filter: { data: { a: { $regex: '(a)\\1' } } } }), status: 422, code: 'invalid-hook', pointers: ['/filter/data/a/$regex'] },
  { what: 'a filter that nests deep enough for a stack', path: HOOKS, body: `{"name":"bad","url":"http://127.0.0.1:9/","filter":${'{"$not":'.repeat(20_000)}{}${'}'.repeat(20_000)}}`, status: 400, code: 'invalid-request' },
  { what: 'a schema that refers to elsewhere', path: TYPES, body: { name: 'bad', schema: { $ref: 'http://127.0.0.1:9/schema' } }, status: 422, code: 'invalid-schema', pointers: ['/schema/$ref'] },
  { what: 'a schema that is none', path: TYPES, body: { name: 'bad', schema: { type: 'nope' } }, status: 422, code: 'invalid-schema' },
  { what: 'a schema of 70 KB', path: TYPES, body: { name: 'bad', schema: { description: 'x'.repeat(70_000) } }, status: 422, code: 'invalid-schema' },
  { what: 'a scope that is none', path: '/v1/tenants/acme/api-keys', body: { name: 'bad', scopes: ['everything'] }, status: 400, code: 'invalid-request', pointers: ['/scopes/0'] },
  { what: 'a tenant whose name is a path', method: 'PUT', path: '/v1/tenants/a%2Fb', body: { name: 'bad' }, status: 400, code: 'invalid-request' },
  { what: 'a wrong content type', path: HOOKS, body: JSON.stringify(hook({})), headers: type('text/plain'), status: 415, code: 'unsupported-media-type' },
];

const asking: Refusal[] = [
  { what: 'a cursor that nobody gave', method: 'GET', path: `${HOOKS}?cursor=abc`, status: 400, code: 'invalid-cursor' },
  { what: 'a cursor that nobody gave, of the log', method: 'GET', path: `${EVENTS}?cursor=abc`, status: 400, code: 'invalid-cursor' },
  { what: 'a page of nothing', method: 'GET', path: `${HOOKS}?limit=0`, status: 400, code: 'invalid-request', pointers: ['/limit'] },
  { what: 'a filter that does not exist', method: 'GET', path: `${EVENTS}?colour=red`, status: 400, code: 'invalid-request', pointers: ['/colour'] },
  { what: 'a moment that is none', method: 'GET', path: `${EVENTS}?from=yesterday`, status: 400, code: 'invalid-request', pointers: ['/from'] },
  { what: 'a route that is not there', method: 'GET', path: '/v1/nothing', status: 404, code: 'not-found' },
  { what: 'a method that is not there', method: 'PATCH', path: '/v1/tenants/acme', status: 405, code: 'method-not-allowed' },
  { what: 'a key that nobody made', method: 'GET', path: HOOKS, headers: { authorization: 'Bearer hl_nobody' }, status: 401, code: 'unauthenticated' },
];

/** Each route once for each of its path's parameters, with U+0000 in that one. */
const nulAddresses = apiRoutes().flatMap(({ method, path, takesBody }) => {
  const filled = (chosen: number): string => [...path.matchAll(/\{[^}]+\}/g)].reduce((rest, [parameter], index) => rest.replace(parameter, index === chosen ? 'acme%00' : 'acme'), path);
  return [...path.matchAll(/\{[^}]+\}/g)].map((_, index) => ({ method, address: filled(index), body: takesBody ? {} : undefined }));
});

describe.each(modes)('bad input is refused with the exact reason and leaves nothing behind, $mode', ({ start }) => {
  let platform: Platform;
  let receiver: Receiver;
  let before: unknown;
  let rounds = 0;

  beforeAll(async () => {
    receiver = await startReceiver();
    platform = await start();
    await must(platform, 'PUT', '/v1/tenants/acme', { name: 'Acme' });
    await must(platform, 'POST', TYPES, { name: 'checked', schema: { properties: { list: { items: { type: 'number' } } } } });
    await must(platform, 'POST', HOOKS, { name: 'everything', url: receiver.url('/everything') });
    await must(platform, 'POST', EVENTS, { id: 'taken', type: 'first', data: 1 });
    await must(platform, 'POST', EVENTS, { type: 'first', data: 1 }, { 'idempotency-key': 'taken' });
    await receiver.waitFor(2, { path: '/everything' });
    before = await configuration();
  }, 120_000);

  afterAll(async () => {
    await receiver?.stop();
    await platform?.stop();
  }, 60_000);

  const configuration = async (): Promise<unknown> => {
    const lists = ['hooks', 'event-types', 'projects', 'users'].map((list) => must<{ items: object[] }>(platform, 'GET', `/v1/tenants/acme/${list}`));
    const keys = await must<{ items: { id: string }[] }>(platform, 'GET', '/v1/tenants/acme/api-keys');
    const { items: tenants } = await must<{ items: unknown[] }>(platform, 'GET', '/v1/tenants');
    // Success and its time come with every good event.
    return { tenants, keys: keys.items.map(({ id }) => id), lists: (await Promise.all(lists)).map(({ items }) => items.map((item) => ({ ...item, lastSuccessAt: null }))) };
  };
  const refuse = async ({ method = 'POST', path, body, headers = {}, status, code, pointers }: Refusal): Promise<void> => {
    await must(platform, 'POST', EVENTS, { type: 'good', data: { n: rounds++ } });
    const answer = await call(platform, method, path, body, headers);
    const errors = answer.body['errors'] as { pointer: string }[] | undefined;
    expect({ status: answer.status, ...answer.body }).toMatchObject({ status, code, type: `urn:hooklane:problem:${code}`, title: expect.any(String), detail: expect.any(String) });
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    if (pointers) expect(errors?.map(({ pointer }) => pointer).sort()).toEqual(pointers);
  };

  it.each(publishing)('publishing $what: $status $code', refuse);
  it.each(registering)('registering $what: $status $code', refuse);
  it.each(asking)('asking with $what: $status $code', refuse);

  it.each(nulAddresses)('U+0000 in the address $method $address: 404 not-found', async ({ method, address, body }) => {
    expect(await call(platform, method, address, body)).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });

  it('a revoked key: 401 from the answer to its revocation on, at every service', async () => {
    const { id, key } = await must<{ id: string; key: string }>(platform, 'POST', '/v1/tenants/acme/api-keys', { name: 'short-lived', scopes: ['admin'] });
    const holder = { url: platform.url, adminKey: key };
    const tries = (): Promise<number[]> =>
      Promise.all([
        call(holder, 'POST', EVENTS, { type: 'bad', data: 1, id: 'unread' }),
        call(holder, 'GET', HOOKS),
        call(holder, 'GET', EVENTS),
      ].map((answer) => answer.then(({ status }) => status)));
    await must(holder, 'GET', HOOKS);
    await must(platform, 'POST', `/v1/tenants/acme/api-keys/${id}/revoke`);
    const [publishing401, ...reading] = await tries();
    expect(publishing401).toBe(401);
    // Whoever only reads is answered from what is known; that catches up at once.
    if (reading.some((status) => status !== 401)) await eventuallyPasses(async () => expect(await tries()).toEqual([401, 401, 401]), 2_000);
    await must(platform, 'DELETE', `/v1/tenants/acme/api-keys/${id}`);
  });

  it('a schema that explodes and a regular expression that explodes hold nobody up', async () => {
    const $defs: Record<string, unknown> = { d30: { type: 'string' } };
    for (let level = 0; level < 30; level++) $defs[`d${level}`] = { allOf: [{ $ref: `#/$defs/d${level + 1}` }, { $ref: `#/$defs/d${level + 1}` }] };
    await must(platform, 'POST', TYPES, { name: 'bomb', schema: { $ref: '#/$defs/d0', $defs } });
    const bomb = await must<{ id: string }>(platform, 'POST', HOOKS, { name: 'bomb', url: receiver.url('/bomb'), eventTypes: ['trap'], filter: { data: { a: { $regex: '^(a+)+$' } } } });
    const startedMs = performance.now();
    expect((await call(platform, 'POST', EVENTS, { type: 'bomb', data: 'x' })).body).toMatchObject({ status: 422, code: 'schema-violation' });
    for (let n = 0; n < 5; n++) await must(platform, 'POST', EVENTS, { type: 'trap', data: { a: `${'a'.repeat(50_000)}!` } });
    await must(platform, 'POST', EVENTS, { type: 'good', data: { n: rounds++ } });
    await receiver.waitFor(2 + rounds + 5, { path: '/everything' });
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    expect(receiver.to('/bomb')).toEqual([]);
    await must(platform, 'DELETE', `${HOOKS}/${bomb.id}`);
    await must(platform, 'DELETE', `${TYPES}/bomb`);
  });

  it('nothing was lost, nothing created: every good event between the bad ones arrived in order, and the configuration is as it was', async () => {
    const requests = await receiver.waitFor(2 + rounds + 5, { path: '/everything' });
    const numbers = requests.filter(({ headers }) => headers['hooklane-event-type'] === 'good').map(({ body }) => (JSON.parse(body.toString()) as { n: number }).n);
    expect(numbers).toEqual(Array.from({ length: rounds }, (_, n) => n));
    expect(new Set(requests.map(({ headers }) => headers['hooklane-event-type']))).toEqual(new Set(['first', 'good', 'trap']));
    expect(requests.flatMap(({ rawHeaders }) => rawHeaders).filter((header) => /x-injected/i.test(header))).toEqual([]);
    const after = (await configuration()) as { keys: string[] };
    expect(after).toEqual({ ...(before as object), keys: after.keys });
    await eventuallyPasses(async () => {
      const { items } = await must<{ items: { type: string }[] }>(platform, 'GET', `${EVENTS}?limit=1000`);
      expect(items).toHaveLength(requests.length);
    });
  });
});
