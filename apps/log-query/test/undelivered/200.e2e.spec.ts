import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventAccepted } from '@hooklane/contracts/topics';
import { outcomeMessage } from '../support/rows.js';
import { OTHER_KEY, PUBLISHER_KEY, START_TIMEOUT_MS, startLog, type LogUnderTest } from '../support/log-service.js';
import { delivery, settle } from '../support/replayed.js';

const PATH = '/v1/tenants/acme/undelivered';
let log: LogUnderTest;

beforeAll(async () => {
  log = await startLog();
  const failure = { ...outcomeMessage().attempt!, outcomeClass: 'unavailable', status: 503, errorCode: 'status-503' };
  await delivery(log, 'evt_arrived', 'delivered');
  await delivery(log, 'evt_skipped', 'skipped', { reason: 'disabled' });
  const retried = await delivery(log, 'evt_retried', 'pending');
  await settle(log, retried, 'pending', { attempt: failure, nextAttemptAtMs: Date.now() + 60_000 });
  await delivery(log, 'evt_behind', 'pending', { hookId: 'hook_2' });
  const given = await delivery(log, 'evt_given-up', 'pending', { event: { type: 'invoice.paid', project: 'p1' } });
  await settle(log, given, 'exhausted', { attempt: { ...failure, number: 3 }, fateReason: 'gave-up', eventType: 'invoice.paid', project: 'p1' });
  // Made again: once it arrived, once it failed again.
  for (const [eventId, fate] of [['evt_arrived-later', 'delivered'], ['evt_failed-twice', 'exhausted']] as const) {
    const event = await log.event({ eventId });
    const { acceptedAtMs } = EventAccepted.decode(event.value);
    const first = await log.request(event, ['hook_1']);
    await settle(log, { eventId, offset: first, acceptedAtMs }, 'exhausted', { fateReason: 'gave-up' });
    const again = await log.request(event, ['hook_1'], { trigger: 'replay', replayId: 'rpl_1', sourceStream: 'replay/0', sourcePosition: positionOf(eventId) });
    await settle(log, { eventId, offset: again, acceptedAtMs }, fate, { trigger: 'replay', replayId: 'rpl_1', fateReason: fate === 'exhausted' ? 'rejected' : '' });
  }
  const unwanted = await log.event({ eventId: 'evt_unwanted', type: 'nobody.asks', project: 'p1' });
  const alsoUnwanted = await log.event({ eventId: 'evt_unwanted-too' });
  for (const record of [unwanted, alsoUnwanted]) {
    const { eventId, acceptedAtMs, type, project } = EventAccepted.decode(record.value);
    await log.outcome({ eventId, hookId: '', deliveryId: '', attempt: undefined, fate: 'matched-nothing', eventAcceptedAtMs: acceptedAtMs, eventType: type, project });
  }
  await log.until(`${PATH}?fate=matched-nothing`, ({ body }) => body.items.length === 2);
  await log.until(`${PATH}?limit=100`, ({ body }) => body.items.length === 5 && body.items.filter(({ fate }: { fate: string }) => fate === 'pending').length === 2);
}, START_TIMEOUT_MS);

afterAll(() => log.stop());

const positionOf = (eventId: string): number => (eventId === 'evt_arrived-later' ? 1 : 2);
const ids = (body: { items: { eventId: string }[] }): readonly string[] => body.items.map(({ eventId }) => eventId);

describe('GET /v1/tenants/{tenant}/undelivered', () => {
  it('lists each event and hook that did not come together, once, newest first, with the reason', async () => {
    const { body } = await log.get(PATH);
    expect(body.items.map((item: Record<string, unknown>) => [item['eventId'], item['hookId'], item['fate'], item['reason'], item['waitsFor']])).toEqual([
      ['evt_failed-twice', 'hook_1', 'exhausted', 'rejected', null],
      ['evt_given-up', 'hook_1', 'exhausted', 'gave-up', null],
      ['evt_behind', 'hook_2', 'pending', null, 'turn'],
      ['evt_retried', 'hook_1', 'pending', null, 'retry'],
      ['evt_skipped', 'hook_1', 'skipped', 'disabled', null],
    ]);
    const [twice, given, behind, retried, skipped] = body.items;
    expect(twice.delivery).toMatchObject({ trigger: 'replay', replayId: 'rpl_1' });
    expect(given.sentence).toBe('It was given up after 3 attempts (gave-up); the last one met status-503.');
    expect(behind.sentence).toContain('What its lane waits for, the lane of the hook says.');
    expect(retried.sentence).toContain(`the next one is due at ${retried.delivery.nextAttemptAt}`);
    expect(skipped.sentence).toContain('The hook was disabled when its turn came.');
  });

  it.each([
    ['fate=pending', ['evt_behind', 'evt_retried']], ['hook=hook_2', ['evt_behind']], ['reason=gave-up', ['evt_given-up']], ['type=invoice.paid&project=p1', ['evt_given-up']], ['event=evt_arrived-later', []],
    ['fate=matched-nothing', ['evt_unwanted-too', 'evt_unwanted']], ['fate=matched-nothing&type=nobody.asks&project=p1', ['evt_unwanted']], ['fate=matched-nothing&hook=hook_1', []], ['to=2020-01-01T00:00:00Z', []],
  ])('%s finds %j', async (query, found) => {
    expect(ids((await log.get(`${PATH}?${query}`)).body)).toEqual(found);
  });

  it.each(['', 'fate=matched-nothing&'])('pages of one (%s) hold what one page holds', async (filter) => {
    const whole = (await log.get(`${PATH}?${filter}limit=100`)).body;
    const items: unknown[] = [];
    for (let next: string | null = ''; next !== null; ) {
      const page: { items: unknown[]; next: string | null } = (await log.get(`${PATH}?${filter}limit=1${next === '' ? '' : `&cursor=${next}`}`)).body;
      items.push(...page.items);
      next = page.next;
    }
    expect(items).toEqual(whole.items);
  });

  it('says the same over gRPC', async () => {
    const rest = (await log.get(`${PATH}?fate=pending`)).body;
    const { answer } = await log.call('listUndelivered', { tenant: 'acme', fate: 'pending' });
    expect(answer).toMatchObject({ items: rest.items.map(({ eventId, hookId, waitsFor, sentence, delivery: { id } }: never & Record<string, { id: string }>) => ({ eventId, hookId, waitsFor, sentence, delivery: { id } })) });
    expect((await log.call('listUndelivered', { tenant: 'acme', fate: 'delivered' })).error?.code).toBe(3);
  });

  it('is the tenant\'s own, and takes the scope', async () => {
    expect((await log.get(PATH, OTHER_KEY)).status).toBe(404);
    expect((await log.get(PATH, PUBLISHER_KEY)).status).toBe(403);
    expect((await log.get('/v1/tenants/other/undelivered', OTHER_KEY)).body.items).toEqual([]);
    expect((await log.get(`${PATH}?fate=delivered`)).status).toBe(400);
  });
});
