import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { START_TIMEOUT_MS, startLog, type LogUnderTest } from '../support/log-service.js';

let log: LogUnderTest;

beforeAll(async () => {
  log = await startLog();
}, START_TIMEOUT_MS);

afterAll(() => log.stop());

const AWKWARD = '{"a":1.0,  "b":1e2,"b":2,"big":12345678901234567890,"é":"\\u00e9"}';

describe('GET /v1/tenants/{tenant}/events/{id}', () => {
  it('shows the data byte for byte as it was published', async () => {
    await log.event({ eventId: 'evt_awkward', data: Buffer.from(AWKWARD) });
    const { text, headers } = await log.until('/v1/tenants/acme/events/evt_awkward', ({ status }) => status === 200);
    expect(text).toContain(`"data":${AWKWARD}}`);
    expect(headers.get('content-type')).toContain('application/json');
  });

  it('shows data that is no JSON in base64', async () => {
    await log.event({ eventId: 'evt_binary', contentType: 'image/png', data: Buffer.from([0, 255, 1, 254]) });
    const { body } = await log.until('/v1/tenants/acme/events/evt_binary', ({ status }) => status === 200);
    expect(body).toMatchObject({ dataBase64: 'AP8B/g==', dataBytes: 4, contentType: 'image/png' });
  });

  it.each([['no JSON', Buffer.from('{"a":')], ['no UTF-8', Buffer.from([0x22, 0xff, 0x22])], ['nothing', Buffer.alloc(0)]])('answers with a JSON document also when data declared as JSON is %s', async (what, data) => {
    const eventId = `evt_${what.replace(' ', '_')}`;
    await log.event({ eventId, data });
    const { body } = await log.until(`/v1/tenants/acme/events/${eventId}`, ({ status }) => status === 200);
    expect(body.dataBase64).toBe(data.toString('base64'));
  });

  it('shows what became of the event: not matched yet, its deliveries, or that no hook wanted it', async () => {
    const event = await log.event({ eventId: 'evt_fates', project: 'p1', orderingKey: 'k', attributes: { region: 'eu' } });
    const before = await log.until('/v1/tenants/acme/events/evt_fates', ({ status }) => status === 200);
    expect(before.body).toMatchObject({ matching: 'pending', deliveries: [], project: 'p1', orderingKey: 'k', attributes: { region: 'eu' } });
    const offset = await log.request(event, ['hook_a', 'hook_b']);
    const accepted = before.body.acceptedAt as string;
    await log.outcome({ eventId: 'evt_fates', hookId: 'hook_a', deliveryId: `dlv_0_${offset}_hook_a`, requestOffset: offset, eventAcceptedAtMs: Date.parse(accepted) });
    const after = await log.until('/v1/tenants/acme/events/evt_fates', ({ body }) => body.deliveries.some((delivery: { fate: string }) => delivery.fate === 'delivered') && body.deliveries.length === 2);
    expect(after.body.matching).toBe('matched');
    expect(after.body.deliveries).toMatchObject([{ hookId: 'hook_a', fate: 'delivered', attempts: 1, lastStatus: 200 }, { hookId: 'hook_b', fate: 'pending', attempts: 0 }]);

    const acceptedAtMs = Date.now();
    await log.event({ eventId: 'evt_unwanted', acceptedAtMs });
    await log.outcome({ eventId: 'evt_unwanted', hookId: '', deliveryId: '', attempt: undefined, fate: 'matched-nothing', eventAcceptedAtMs: acceptedAtMs });
    const unwanted = await log.until('/v1/tenants/acme/events/evt_unwanted', ({ body }) => body.matching !== undefined && body.matching !== 'pending');
    expect(unwanted.body).toMatchObject({ matching: 'matched-nothing', deliveries: [] });
  });

  it('shows a late duplicate append and a repeated request once', async () => {
    const event = await log.event({ eventId: 'evt_once', incarnation: 'ingest-2', sequence: 1 });
    await log.event({ eventId: 'evt_twice', incarnation: 'ingest-2', sequence: 2 });
    await log.event({ eventId: 'evt_once', incarnation: 'ingest-2', sequence: 1 });
    await log.request(event, ['hook_a'], { sourceStream: 'repeats' });
    await log.request(event, ['hook_a'], { sourceStream: 'repeats' });
    await log.event({ eventId: 'evt_last', incarnation: 'ingest-2', sequence: 3 });
    await log.until('/v1/tenants/acme/events/evt_last', ({ status }) => status === 200);
    const listed = await log.get('/v1/tenants/acme/events');
    expect(listed.body.items.filter(({ id }: { id: string }) => id === 'evt_once')).toHaveLength(1);
    const { body } = await log.until('/v1/tenants/acme/events/evt_once', (found) => found.body.deliveries.length > 0);
    expect(body.deliveries).toHaveLength(1);
  });
});
