import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventAccepted } from '@hooklane/contracts/topics';
import { OTHER_KEY, PLATFORM_KEY, PUBLISHER_KEY, START_TIMEOUT_MS, startLog, type LogUnderTest } from '../support/log-service.js';

let log: LogUnderTest;
let deliveryId = '';

beforeAll(async () => {
  log = await startLog();
  await log.hook({});
  await log.incident({ incidentId: 'inc_1', tenantId: 'acme', recordValue: Buffer.from('x') });
  const event = await log.event({ eventId: 'evt_1', attributes: { region: 'eu' } });
  const { acceptedAtMs: eventAcceptedAtMs } = EventAccepted.decode(event.value);
  const requestOffset = await log.request(event, ['hook_1']);
  deliveryId = `dlv_0_${requestOffset}_hook_1`;
  await log.outcome({ requestOffset, deliveryId, eventAcceptedAtMs });
  await log.until(`/v1/tenants/acme/deliveries/${deliveryId}`, ({ body }) => body.fate === 'delivered');
  await log.until('/v1/incidents/inc_1', ({ status }) => status === 200);
}, START_TIMEOUT_MS);

afterAll(() => log.stop());

/** What proto3 makes of nulls, and of the loader's defaults. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object' || Buffer.isBuffer(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null && member !== '' && member !== 0 && member !== false && !(Array.isArray(member) && member.length === 0)).map(([key, member]) => [key, plain(member)]));
}

describe('Every operation, over REST and over gRPC', () => {
  it.each([
    ['listEvents', {}, '/v1/tenants/acme/events', (rest: unknown) => rest],
    ['listEvents', { attribute: 'region=eu', limit: 1 }, '/v1/tenants/acme/events?attribute=region=eu&limit=1', (rest: unknown) => rest],
    ['listDeliveries', { fate: 'delivered' }, '/v1/tenants/acme/deliveries?fate=delivered', (rest: unknown) => rest],
    ['listAttempts', { hook: 'hook_1' }, '/v1/tenants/acme/attempts?hook=hook_1', (rest: unknown) => rest],
    ['explainMissed', { hook: 'hook_1', event: 'evt_1' }, '/v1/tenants/acme/hooks/hook_1/missed?event=evt_1', (rest: unknown) => rest],
  ] as const)('%s %j says the same', async (method, request, path, shape) => {
    const { answer, error } = await log.call(method, { tenant: 'acme', ...request });
    expect(error).toBeUndefined();
    expect(plain(answer)).toEqual(plain(shape((await log.get(path)).body)));
  });

  it('getEvent, getDelivery and getAttempt say the same', async () => {
    const event = (await log.call('getEvent', { tenant: 'acme', id: 'evt_1' })).answer;
    const { data, deliveries, matching, ...summary } = (await log.get('/v1/tenants/acme/events/evt_1')).body as Record<string, unknown>;
    expect(JSON.parse(String(event?.data))).toEqual(data);
    expect(plain(event)).toMatchObject({ event: plain({ ...summary, traceparent: null, deliveriesCut: null }), matching, deliveries: plain(deliveries) as object });
    const delivery = (await log.call('getDelivery', { tenant: 'acme', id: deliveryId })).answer;
    const { timeline, ...own } = (await log.get(`/v1/tenants/acme/deliveries/${deliveryId}`)).body as Record<string, unknown>;
    expect(plain(delivery)).toEqual(plain({ delivery: own, timeline }));
    const attempt = (await log.call('getAttempt', { tenant: 'acme', id: 'att_1' })).answer;
    expect(attempt).toMatchObject({ attempt: { id: 'att_1', status: 200 }, requestUrl: 'https://receiver.example/hook', requestBody: Buffer.from('{"n":1}'), responseBody: Buffer.from('ok'), requestBodyExpired: false, connectMs: 0.1, firstByteMs: 0.9 });
  });

  it('incidents are listed, inspected and answered', async () => {
    expect((await log.call('listIncidents', {})).answer).toMatchObject({ items: [{ id: 'inc_1', tenantId: 'acme', canBeReinjected: true }] });
    expect((await log.call('getIncident', { id: 'inc_1' })).answer).toMatchObject({ recordValue: Buffer.from('x') });
    expect((await log.call('answerIncident', { id: 'inc_1', answer: 'shrug', reason: 'x' }, PLATFORM_KEY)).error?.code).toBe(3);
    expect((await log.call('answerIncident', { id: 'inc_1', answer: 'acknowledge', reason: 'seen' }, PLATFORM_KEY)).answer).toMatchObject({ incident: { state: 'acknowledged', answerReason: 'seen' } });
    expect((await log.call('answerIncident', { id: 'inc_1', answer: 'skip', reason: 'x' }, PLATFORM_KEY)).error?.code).toBe(9);
  });

  const requests: Readonly<Record<string, object>> = {
    listEvents: {}, getEvent: { id: 'evt_1' }, listDeliveries: {}, getDelivery: { id: deliveryId }, listAttempts: {}, getAttempt: { id: 'att_1' }, explainMissed: { hook: 'hook_1', event: 'evt_1' },
  };
  it.each(Object.keys(requests))('%s is refused to another tenant, to a key without the scope and to a stranger', async (method) => {
    const codes = await Promise.all([OTHER_KEY, PUBLISHER_KEY, 'hl_nobody'].map(async (key) => (await log.call(method, { tenant: 'acme', ...requests[method] }, key)).error?.code));
    expect(codes).toEqual([5, 7, 16]);
  });

  it('a cursor of REST goes on over gRPC', async () => {
    await log.event({ eventId: 'evt_2' });
    const first = await log.until('/v1/tenants/acme/events?limit=1', ({ body }) => body.next !== null);
    const { answer } = await log.call('listEvents', { tenant: 'acme', cursor: first.body.next, limit: 1 });
    expect(answer).toMatchObject({ items: [{ id: 'evt_1' }] });
    expect((await log.call('listEvents', { tenant: 'acme', cursor: 'x' })).error?.code).toBe(3);
  });
});
