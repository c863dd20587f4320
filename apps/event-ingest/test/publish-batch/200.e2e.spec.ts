import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startIngest, type IngestUnderTest } from '../ingest-service.js';

const NASTY = '{ "a":1.0,"b":1e2 , "b":2,"big":12345678901234567890,\t"é":"\\u00e9"}';
const BATCH = '/v1/tenants/acme/events:batch';

let ingest: IngestUnderTest;

beforeAll(async () => {
  ingest = await startIngest();
  await ingest.tenant('small', { eventsPerSecond: 1, eventsBurst: 3 });
  await ingest.tenant('slow', { eventsPerSecond: 1, eventsBurst: 3 });
  await ingest.key('hl_platform-key', { tenantId: '', scopes: ['admin'] });
}, 60_000);

afterAll(() => ingest?.stop());

describe('POST /v1/tenants/{tenant}/events:batch', () => {
  it('answers for each event in order, and refuses only what cannot be accepted', async () => {
    const { status, body } = await ingest.post(BATCH, `{"events":[{"type":"a","data":${NASTY}},{"type":"a"},{"type":"a","data":2,"id":"in-batch"},{"type":"a","data":3,"nope":1}]}`);
    expect(status).toBe(200);
    expect(body.results).toMatchObject([
      { status: 202, id: expect.stringMatching(/^evt_/) },
      { status: 400, problem: { code: 'invalid-request', errors: [{ pointer: '/events/1/data' }] } },
      { status: 202, id: 'in-batch' },
      { status: 400, problem: { code: 'invalid-request', errors: [{ pointer: '/events/3/nope' }] } },
    ]);
    const stored = (await ingest.accepted()).map(({ data }) => data.toString());
    expect(stored).toEqual([NASTY, '2']);
  });

  it('keeps the order of 1,000 events', async () => {
    const events = Array.from({ length: 1_000 }, (_, number) => ({ type: 'ordered', data: number, ...(number % 7 === 0 ? { id: `n${number}` } : {}) }));
    const { body } = await ingest.post(BATCH, JSON.stringify({ events }));
    expect(body.results.filter((result: { status: number }) => result.status === 202)).toHaveLength(1_000);
    const stored = (await ingest.accepted()).filter(({ type }) => type === 'ordered');
    expect(stored.map(({ data }) => Number(data.toString()))).toEqual(events.map(({ data }) => data));
    expect(stored.map(({ eventId }) => eventId)).toEqual(body.results.map((result: { id: string }) => result.id));
  });

  it('repeats its answers for the same Idempotency-Key', async () => {
    const post = () => ingest.post(BATCH, '{"events":[{"type":"again","data":1},{"type":"again","data":2}]}', { headers: { 'idempotency-key': 'batch-1' } });
    const first = await post();
    expect((await post()).body).toEqual(first.body);
    expect((await ingest.accepted()).filter(({ type }) => type === 'again')).toHaveLength(2);
  });

  it('takes CloudEvents', async () => {
    const { status, body } = await ingest.post(BATCH, `[{"specversion":"1.0","id":"ce-b1","source":"/s","type":"a","data":${NASTY}}]`, { headers: { 'content-type': 'application/cloudevents-batch+json' } });
    expect([status, body.results[0]]).toMatchObject([200, { status: 202, id: 'ce-b1' }]);
  });

  it('takes the first of a batch beyond the quota', async () => {
    const { status, body } = await ingest.post('/v1/tenants/small/events:batch', JSON.stringify({ events: Array.from({ length: 6 }, () => ({ type: 'a', data: 1 })) }), { key: 'hl_platform-key' });
    expect(status).toBe(200);
    expect(body.results.map((result: { status: number }) => result.status)).toEqual([202, 202, 202, 429, 429, 429]);
    expect(body.results[3].problem).toMatchObject({ code: 'quota-exceeded', retryable: true, retryAfterMs: 3_000 });
  });

  it('sends Retry-After where nothing was accepted that may be later', async () => {
    await ingest.tenant('single', { eventsPerSecond: 1, eventsBurst: 1 });
    const post = (...events: object[]) => ingest.post('/v1/tenants/single/events:batch', JSON.stringify({ events }), { key: 'hl_platform-key' });
    const some = await post({ type: 'a', data: 1 }, { type: 'a', data: 2 });
    expect([some.body.results[0].status, some.headers.get('retry-after')]).toEqual([202, null]);
    let none = some;
    // On a slow machine the second of the next token may have gone by.
    while (none.body.results[0].status === 202) none = await post({ type: 'a', data: 1 }, { type: 'a' });
    expect(none.body.results).toMatchObject([{ status: 429, problem: { retryable: true } }, { status: 400, problem: { code: 'invalid-request', retryable: false } }]);
    expect(Number(none.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect((await post({ type: 'a' })).headers.get('retry-after')).toBeNull();
  });

  it('completes a batch beyond the quota when it is repeated, and then gives its answers for nothing', async () => {
    const text = JSON.stringify({ events: Array.from({ length: 6 }, (_, number) => ({ type: 'a', data: number, id: `beyond-${number}` })) });
    const post = () => ingest.post('/v1/tenants/slow/events:batch', text, { key: 'hl_platform-key' });
    const statusOf = ({ body }: { body: { results: { status: number }[] } }): number[] => body.results.map(({ status }) => status);
    expect(statusOf(await post())).toEqual([202, 202, 202, 429, 429, 429]);
    await ingest.tenant('slow', {});
    const complete = await post();
    expect(statusOf(complete)).toEqual(Array.from({ length: 6 }, () => 202));
    await ingest.tenant('slow', { eventsPerSecond: 1, eventsBurst: 1 });
    for (let round = 0; round < 3; round += 1) expect((await post()).body).toEqual(complete.body);
    expect((await ingest.accepted()).filter(({ tenantId }) => tenantId === 'slow').map(({ eventId }) => eventId)).toEqual(complete.body.results.map(({ id }: { id: string }) => id));
  });

  it.each([
    ['{"events":[]}', 400, 'invalid-request'],
    ['{"events":[{"type":"a","data":1}],"more":1}', 400, 'invalid-request'],
    ['{"events":', 400, 'malformed-json'],
    [`{"events":[${'1,'.repeat(1_000)}1]}`, 400, 'invalid-request'],
    [`{"events":["${'x'.repeat(8 * 1024 * 1024)}"]}`, 413, 'too-large'],
  ])('refuses %.40s as a whole', async (text, status, code) => {
    expect(await ingest.post(BATCH, text)).toMatchObject({ status, body: { code } });
  });
});
