import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventAccepted } from '@hooklane/contracts/topics';
import { outcomeMessage } from '../support/rows.js';
import { START_TIMEOUT_MS, startLog, type LogUnderTest } from '../support/log-service.js';

let log: LogUnderTest;
let deliveryId = '';

beforeAll(async () => {
  log = await startLog();
  const event = await log.event({ eventId: 'evt_1', project: 'p1' });
  const { acceptedAtMs } = EventAccepted.decode(event.value);
  const offset = await log.request(event, ['hook_1']);
  deliveryId = `dlv_0_${offset}_hook_1`;
  const attempt = outcomeMessage().attempt!;
  const own = { requestOffset: offset, deliveryId, eventAcceptedAtMs: acceptedAtMs, project: 'p1' };
  await log.outcome({
    ...own, fate: 'pending', nextAttemptAtMs: acceptedAtMs + 5_000, ownerSequence: 1,
    attempt: { ...attempt, attemptId: 'att_first', outcomeClass: 'unavailable', status: 0, errorCode: 'timeout', errorSentence: 'The receiver did not answer in time.', totalUs: 15_000_000, connectUs: 1_200, firstByteUs: 0 },
  });
  await log.outcome({ ...own, trigger: 'retry', fate: 'pending', ownerSequence: 2, attempt: { ...attempt, attemptId: 'att_second', number: 2, outcomeClass: 'rejected', status: 500, errorCode: 'status-500', responseBody: Buffer.from([0xff, 0xfe, 0x00]), responseBodyCut: true } });
  await log.outcome({ ...own, fate: 'skipped', fateReason: 'disabled', attempt: undefined, ownerSequence: 3, atMs: acceptedAtMs + 10_000 });
  await log.until(`/v1/tenants/acme/deliveries/${deliveryId}`, ({ body }) => body.fate === 'skipped');
}, START_TIMEOUT_MS);

afterAll(() => log.stop());

describe('GET /v1/tenants/{tenant}/deliveries/{id}', () => {
  it('shows the whole way of a delivery: accepted, requested, each attempt, and the decision that ended it', async () => {
    const { body } = await log.get(`/v1/tenants/acme/deliveries/${deliveryId}`);
    expect(body).toMatchObject({ id: deliveryId, fate: 'skipped', fateReason: 'disabled', attempts: 2, lastStatus: 500, lastError: 'status-500', trigger: 'event', project: 'p1', nextAttemptAt: null });
    expect(body.timeline.map(({ what, fate, reason }: Record<string, unknown>) => [what, fate, reason])).toEqual([
      ['accepted', null, null],
      ['requested', null, null],
      ['attempt', 'pending', null],
      ['attempt', 'pending', null],
      ['decision', 'skipped', 'disabled'],
    ]);
    expect(body.timeline[2]).toMatchObject({ nextAttemptAt: expect.any(String), attempt: { id: 'att_first', class: 'unavailable', status: null, errorCode: 'timeout', number: 1, totalMs: 15_000 } });
  });

  it('shows an attempt with what was sent and what came back', async () => {
    const first = await log.get('/v1/tenants/acme/attempts/att_first');
    expect(first.body).toMatchObject({ connectMs: 1.2, firstByteMs: 0, totalMs: 15_000, errorSentence: 'The receiver did not answer in time.', response: null, request: { url: 'https://receiver.example/hook', headers: [{ name: 'webhook-id', value: 'evt_1' }], body: { encoding: 'utf8', content: '{"n":1}', cut: false } } });
    const second = await log.get('/v1/tenants/acme/attempts/att_second');
    expect(second.body).toMatchObject({ trigger: 'retry', number: 2, response: { status: 500, body: { encoding: 'base64', content: '//4A', bytes: 3, cut: true } } });
  });

  it.each([
    ['deliveries?fate=skipped', 1], ['deliveries?fate=delivered', 0], ['deliveries?hook=hook_1', 1], ['deliveries?hook=hook_2', 0], ['deliveries?event=evt_1', 1], ['deliveries?event=evt_0', 0],
    ['deliveries?status=5xx', 1], ['deliveries?status=2xx', 0], ['deliveries?trigger=event', 1], ['deliveries?trigger=replay', 0], ['deliveries?type=order.created&project=p1', 1], ['deliveries?project=p2', 0],
    ['attempts', 2], ['attempts?class=unavailable', 1], ['attempts?class=success', 0], ['attempts?status=none', 1], ['attempts?status=5xx', 1], ['attempts?trigger=retry', 1],
    ['attempts?event=evt_1', 2], ['attempts?event=evt_0', 0], ['attempts?hook=hook_1&type=order.created&project=p1', 2], ['attempts?hook=hook_2', 0],
  ])('%s finds %i', async (path, count) => {
    expect((await log.get(`/v1/tenants/acme/${path}`)).body.items).toHaveLength(count);
  });

  it.each(['dlv_0_99_hook_1', 'dlv_1_0_hook_1', `dlv_0_0_hook_2`, 'dlv_x', 'nonsense', `dlv_0_${'9'.repeat(30)}_hook_1`])('there is no %s', async (id) => {
    expect((await log.get(`/v1/tenants/acme/deliveries/${id}`)).status).toBe(404);
  });
});
