import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startIngest, type IngestUnderTest } from '../ingest-service.js';

/** The data of issue 3 that every careless server changes. */
const NASTY = '{ "a":1.0,"b":1e2 , "b":2,"big":12345678901234567890,\t"é":"\\u00e9"}';
const EVENTS = '/v1/tenants/acme/events';
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

let ingest: IngestUnderTest;

beforeAll(async () => {
  ingest = await startIngest();
}, 60_000);

afterAll(() => ingest?.stop());

const dataOf = async (id: string): Promise<string | undefined> => (await ingest.accepted()).find((event) => event.eventId === id)?.data.toString();

describe('POST /v1/tenants/{tenant}/events', () => {
  it('accepts an event, keeps its bytes, and answers with id and time', async () => {
    const { status, body } = await ingest.post(EVENTS, `{"type":"order.paid", "data" : ${NASTY} ,"project":"shop","orderingKey":"k1","attributes":{"a":"b"}}`, { headers: { traceparent: TRACEPARENT } });
    expect(status).toBe(202);
    expect(body).toEqual({ id: expect.stringMatching(/^evt_/), acceptedAt: expect.stringMatching(/^2\d{3}-.*Z$/) });
    const event = (await ingest.accepted()).find(({ eventId }) => eventId === body.id);
    expect(event).toMatchObject({ tenantId: 'acme', type: 'order.paid', project: 'shop', orderingKey: 'k1', attributes: { a: 'b' }, contentType: 'application/json', traceparent: TRACEPARENT });
    expect(event?.data.toString()).toBe(NASTY);
    expect(event?.acceptedAtMs).toBe(Date.parse(body.acceptedAt));
  });

  it('accepts gzip', async () => {
    const { status, body } = await ingest.post(EVENTS, gzipSync(`{"type":"order.paid","data":${NASTY}}`), { headers: { 'content-encoding': 'gzip' } });
    expect(status).toBe(202);
    expect(await dataOf(body.id)).toBe(NASTY);
  });

  it('accepts CloudEvents in structured and binary mode', async () => {
    const structured = await ingest.post(EVENTS, `{"specversion":"1.0","id":"ce-1","source":"/s","type":"order.paid","data":${NASTY}}`, { headers: { 'content-type': 'application/cloudevents+json; charset=UTF-8' } });
    expect([structured.status, structured.body.id, await dataOf('ce-1')]).toEqual([202, 'ce-1', NASTY]);
    const binary = await ingest.post(EVENTS, NASTY, { headers: { 'ce-specversion': '1.0', 'ce-id': 'ce-2', 'ce-source': '/s', 'ce-type': 'order.paid' } });
    expect([binary.status, await dataOf('ce-2')]).toEqual([202, NASTY]);
    const text = await ingest.post(EVENTS, 'plain', { headers: { 'content-type': 'text/plain', 'ce-specversion': '1.0', 'ce-id': 'ce-3', 'ce-source': '/s', 'ce-type': 'order.paid' } });
    expect([text.status, await dataOf('ce-3')]).toEqual([202, 'plain']);
  });

  it('keeps the order of a tenant\'s events in one partition', async () => {
    for (let number = 0; number < 20; number++) await ingest.post(EVENTS, `{"type":"counted","data":${number}}`);
    const counted = (await ingest.accepted()).filter(({ type }) => type === 'counted').map(({ data }) => Number(data.toString()));
    expect(counted).toEqual(Array.from({ length: 20 }, (_, number) => number));
  });

  it('honours a schema that was registered just before', async () => {
    await ingest.eventType({ tenantId: 'acme', name: 'checked', deleted: false, schema: '{"required":["amount"]}' });
    expect((await ingest.post(EVENTS, '{"type":"checked","data":{"amount":1}}')).status).toBe(202);
    expect((await ingest.post(EVENTS, '{"type":"checked","data":{}}')).status).toBe(422);
  });

  it('gives a repeated id and idempotency key the first answer again', async () => {
    const first = await ingest.post(EVENTS, '{"type":"a","data":1,"id":"mine:1"}');
    expect(first.body.id).toBe('mine:1');
    expect((await ingest.post(EVENTS, '{"type":"a","data":1,"id":"mine:1"}')).body).toEqual(first.body);
    const keyed = await ingest.post(EVENTS, '{"type":"a","data":1}', { headers: { 'idempotency-key': 'k' } });
    expect((await ingest.post(EVENTS, '{"type":"a","data":1}', { headers: { 'idempotency-key': 'k' } })).body).toEqual(keyed.body);
    expect((await ingest.accepted()).filter(({ eventId }) => eventId === 'mine:1' || eventId === keyed.body.id)).toHaveLength(2);
  });
});
