import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KEY, OTHER_KEY, startIngest, type GrpcEvents, type IngestUnderTest } from '../ingest-service.js';

const NASTY = '{ "a":1.0,"b":1e2 , "b":2,"big":12345678901234567890,\t"é":"\\u00e9"}';
const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;
const UNAUTHENTICATED = 16;

let ingest: IngestUnderTest;
let events: GrpcEvents;

beforeAll(async () => {
  ingest = await startIngest();
  events = ingest.grpc();
}, 60_000);

afterAll(() => ingest?.stop());

const event = (part: object = {}): object => ({ type: 'order.paid', data: Buffer.from(NASTY), ...part });

describe('hooklane.v1.EventService', () => {
  it('Publish keeps the bytes and repeats its answer for the same id', async () => {
    const { answer } = await events.call('publish', { tenant: 'acme', event: event({ id: 'g1', orderingKey: 'k', occurredAt: '2026-01-01T00:00:00Z', attributes: { a: 'b' } }) });
    expect(answer).toMatchObject({ id: 'g1', acceptedAt: expect.stringMatching(/Z$/) });
    const stored = (await ingest.accepted()).find(({ eventId }) => eventId === 'g1');
    expect(stored).toMatchObject({ orderingKey: 'k', occurredAtMs: Date.UTC(2026, 0, 1), attributes: { a: 'b' }, contentType: 'application/json' });
    expect(stored?.data.toString()).toBe(NASTY);
    expect((await events.call('publish', { tenant: 'acme', event: event({ id: 'g1', orderingKey: 'k', occurredAt: '2026-01-01T00:00:00Z', attributes: { a: 'b' } }) })).answer).toEqual(answer);
  });

  it('Publish takes other content types', async () => {
    const { answer } = await events.call('publish', { tenant: 'acme', event: { type: 'a', data: Buffer.from([0, 255]), contentType: 'application/octet-stream' } });
    expect((await ingest.accepted()).find(({ eventId }) => eventId === answer?.id)).toMatchObject({ data: Buffer.from([0, 255]) });
  });

  it.each([
    ['a key of another tenant', { tenant: 'acme', event: event() }, OTHER_KEY, NOT_FOUND],
    ['an unknown key', { tenant: 'acme', event: event() }, 'hl_nobody', UNAUTHENTICATED],
    ['no event', { tenant: 'acme' }, KEY, INVALID_ARGUMENT],
    ['no type', { tenant: 'acme', event: { data: Buffer.from('1') } }, KEY, INVALID_ARGUMENT],
    ['data that is not JSON', { tenant: 'acme', event: event({ data: Buffer.from('{') }) }, KEY, INVALID_ARGUMENT],
    ['too much data', { tenant: 'acme', event: event({ data: Buffer.from(`"${'x'.repeat(262_144)}"`) }) }, KEY, INVALID_ARGUMENT],
  ])('Publish refuses %s', async (_, request, key, code) => {
    expect((await events.call('publish', request, key)).error?.code).toBe(code);
  });

  it('PublishBatch answers for each event in order', async () => {
    const { answer } = await events.call('publishBatch', { tenant: 'acme', events: [event(), event({ type: '' }), event({ id: 'g2' })] });
    expect(answer?.results).toMatchObject([{ accepted: { id: expect.stringMatching(/^evt_/) } }, { problem: { code: 'invalid-request', pointer: '/events/1/type' } }, { accepted: { id: 'g2' } }]);
  });

  it('PublishStream answers in order, goes on after a refusal, and keeps the order of the log', async () => {
    const requests = Array.from({ length: 500 }, (_, number) => ({
      tenant: number === 250 ? 'other' : 'acme',
      event: { type: number === 100 ? '' : 'streamed', data: Buffer.from(String(number)), id: number % 5 === 0 ? `s${number}` : '' },
    }));
    const answers = (await events.stream(requests)) as { result: { accepted?: { id: string }; problem?: { code: string } } }[];
    expect(answers).toHaveLength(500);
    expect(answers[100]?.result.problem?.code).toBe('invalid-request');
    expect(answers[250]?.result.problem?.code).toBe('not-found');
    const stored = (await ingest.accepted()).filter(({ type }) => type === 'streamed');
    expect(stored.map(({ data }) => Number(data.toString()))).toEqual(requests.map((_, number) => number).filter((number) => number !== 100 && number !== 250));
    expect(stored.map(({ eventId }) => eventId)).toEqual(answers.flatMap(({ result }) => result.accepted?.id ?? []));
  });

  it('PublishStream ends when its key is no good any more', async () => {
    await expect(events.stream([{ tenant: 'acme', event: event() }], 'hl_nobody')).rejects.toMatchObject({ code: UNAUTHENTICATED });
  });
});
