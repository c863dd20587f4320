import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KEY, OTHER_KEY, READER_KEY, startIngest, type IngestUnderTest, type PostOptions } from '../ingest-service.js';

const EVENTS = '/v1/tenants/acme/events';
const good = '{"type":"a","data":1}';

let ingest: IngestUnderTest;

beforeAll(async () => {
  ingest = await startIngest();
  await ingest.tenant('strict', { unknownEventTypes: 'reject' });
  await ingest.tenant('planned', { unknownProjects: 'reject' });
  await ingest.project('planned', 'prj_1', 'SHOP');
  await ingest.tenant('gone', {});
  await ingest.tenant('gone', { deleted: true });
  await ingest.tenant('small', { eventsPerSecond: 1, eventsBurst: 2 });
  await ingest.eventType({ tenantId: 'acme', name: 'checked', deleted: false, schema: '{"properties":{"list":{"items":{"type":"number"}}}}' });
  await ingest.key('hl_platform-key', { tenantId: '', scopes: ['admin'] });
  await ingest.key('hl_revoked', { revoked: true });
}, 60_000);

afterAll(() => ingest?.stop());

const platform: PostOptions = { key: 'hl_platform-key' };
const type = (contentType: string): PostOptions => ({ headers: { 'content-type': contentType } });

describe('POST /v1/tenants/{tenant}/events refuses', () => {
  it.each<[string, string, string | Uint8Array, PostOptions, number, string, Record<string, unknown>?]>([
    ['no key', EVENTS, good, { key: null }, 401, 'unauthenticated'],
    ['an unknown key', EVENTS, good, { key: 'hl_nobody' }, 401, 'unauthenticated'],
    ['a revoked key', EVENTS, good, { key: 'hl_revoked' }, 401, 'unauthenticated'],
    ['a key of another tenant', EVENTS, good, { key: OTHER_KEY }, 404, 'not-found'],
    ['a key without the scope', EVENTS, good, { key: READER_KEY }, 403, 'missing-scope'],
    ['an unknown tenant', '/v1/tenants/nobody/events', good, platform, 404, 'not-found'],
    ['malformed JSON', EVENTS, '{"type":"a","data":', {}, 400, 'malformed-json'],
    ['no body', EVENTS, '', {}, 400, 'malformed-json'],
    ['bytes that are not UTF-8', EVENTS, Buffer.from('7b2274797065223a2261222c2264617461223a22ff227d', 'hex'), {}, 400, 'malformed-json'],
    ['an unknown field', EVENTS, '{"type":"a","data":1,"extra":1}', {}, 400, 'invalid-request', { errors: [{ pointer: '/extra', message: 'Unknown field.' }] }],
    ['a wrong type', EVENTS, '{"type":7,"data":1}', {}, 400, 'invalid-request'],
    ['a header break in a key', EVENTS, '{"type":"a","data":1,"orderingKey":"a\\r\\nb: c"}', {}, 400, 'invalid-request'],
    ['a bad Idempotency-Key', EVENTS, good, { headers: { 'idempotency-key': 'a b' } }, 400, 'invalid-request'],
    ['too many levels', EVENTS, `{"type":"a","data":${'['.repeat(70)}${']'.repeat(70)}}`, {}, 400, 'invalid-request'],
    ['too much data', EVENTS, `{"type":"a","data":"${'x'.repeat(262_144)}"}`, {}, 413, 'too-large'],
    ['a body beyond any event', EVENTS, `{"type":"a","data":"${'x'.repeat(700_000)}"}`, {}, 413, 'too-large'],
    ['a gzip bomb', EVENTS, gzipSync(Buffer.alloc(20_000_000, 0x20)), { headers: { 'content-encoding': 'gzip' } }, 413, 'too-large'],
    ['what is not gzip', EVENTS, good, { headers: { 'content-encoding': 'gzip' } }, 400, 'invalid-request'],
    ['another encoding', EVENTS, good, { headers: { 'content-encoding': 'br' } }, 415, 'unsupported-media-type'],
    ['another content type', EVENTS, good, type('text/plain'), 415, 'unsupported-media-type'],
    ['another charset', EVENTS, good, type('application/json; charset=latin1'), 415, 'unsupported-media-type'],
    ['a batch at the wrong address', EVENTS, '[]', type('application/cloudevents-batch+json'), 415, 'unsupported-media-type'],
    ['a CloudEvent of another version', EVENTS, '{"specversion":"2.0","id":"1","source":"s","type":"a"}', type('application/cloudevents+json'), 400, 'invalid-request'],
    ['an unknown type where the tenant says so', '/v1/tenants/strict/events', good, platform, 422, 'unknown-event-type'],
    ['an unknown project where the tenant says so', '/v1/tenants/planned/events', '{"type":"a","data":1,"project":"17"}', platform, 422, 'unknown-project', { pointer: '/project' }],
    ['a tenant that was deleted', '/v1/tenants/gone/events', good, platform, 404, 'not-found'],
    ['data against the schema', EVENTS, '{"type":"checked","data":{"list":[1,"x"]}}', {}, 422, 'schema-violation', { pointer: '/data/list/1' }],
  ])('%s', async (_, path, body, options, status, code, details = {}) => {
    const answer = await ingest.post(path, body, options);
    expect({ status: answer.status, ...answer.body }).toMatchObject({ status, code, type: `urn:hooklane:problem:${code}`, ...details });
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });

  it('no project that nobody knows where the tenant does not ask for it, nor one that it has', async () => {
    expect((await ingest.post(EVENTS, '{"type":"a","data":1,"project":"17"}')).status).toBe(202);
    for (const project of ['', 'prj_1', 'SHOP']) expect([project, (await ingest.post('/v1/tenants/planned/events', JSON.stringify({ type: 'a', data: 1, ...(project === '' ? {} : { project }) }), platform)).status]).toEqual([project, 202]);
  });

  it('an id that was used with another request', async () => {
    await ingest.post(EVENTS, '{"type":"a","data":1,"id":"taken"}');
    expect(await ingest.post(EVENTS, '{"type":"a","data":2,"id":"taken"}')).toMatchObject({ status: 409, body: { code: 'id-reused' } });
    expect(await ingest.post('/v1/tenants/other/events', '{"type":"a","data":2,"id":"taken"}', { key: OTHER_KEY })).toMatchObject({ status: 202 });
  });

  it('more than the quota, and says when to come again', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => ingest.post('/v1/tenants/small/events', good, platform)));
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 202).length).toBeLessThanOrEqual(3);
    expect(refused.length).toBeGreaterThanOrEqual(3);
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(refused[0]?.body.code).toBe('quota-exceeded');
  });

  it('and nothing of what was refused is in the log', async () => {
    const events = await ingest.accepted();
    expect(events.filter(({ type: name }) => name === 'checked')).toHaveLength(0);
    expect(new Set(events.map(({ tenantId }) => tenantId))).toEqual(new Set(['acme', 'other', 'small', 'planned']));
  });

  it('a key that was revoked just before', async () => {
    await ingest.key('hl_soon-revoked', {});
    expect((await ingest.post(EVENTS, good, { key: 'hl_soon-revoked' })).status).toBe(202);
    await ingest.key('hl_soon-revoked', { revoked: true });
    expect((await ingest.post(EVENTS, good, { key: 'hl_soon-revoked' })).status).toBe(401);
    expect((await ingest.post(EVENTS, good, { key: KEY })).status).toBe(202);
  });
});
