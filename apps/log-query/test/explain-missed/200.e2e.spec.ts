import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventAccepted } from '@hooklane/contracts/topics';
import { START_TIMEOUT_MS, startLog, type LogUnderTest } from '../support/log-service.js';

let log: LogUnderTest;

beforeAll(async () => {
  log = await startLog();
  await log.hook({ hookId: 'hook_type', eventTypes: ['invoice.*'] });
  await log.hook({ hookId: 'hook_project', projects: ['p2'] });
  await log.hook({ hookId: 'hook_filter', filter: JSON.stringify({ data: { amount: { $gt: 100 } } }) });
  await log.hook({ hookId: 'hook_all' });
  await log.hook({ hookId: 'hook_gone', deleted: true });
}, START_TIMEOUT_MS);

afterAll(() => log.stop());

async function unmatched(eventId: string, atMs = Date.now()): Promise<void> {
  const acceptedAtMs = Date.now();
  await log.event({ eventId, acceptedAtMs, project: 'p1', data: Buffer.from('{"amount":7}') });
  await log.outcome({ eventId, hookId: '', deliveryId: '', attempt: undefined, fate: 'matched-nothing', eventAcceptedAtMs: acceptedAtMs, atMs });
  await log.until(`/v1/tenants/acme/events/${eventId}`, ({ body }) => body.matching === 'matched-nothing');
}

const missed = async (hook: string, event: string) => (await log.get(`/v1/tenants/acme/hooks/${hook}/missed?event=${event}`)).body as Record<string, unknown>;

describe('GET /v1/tenants/{tenant}/hooks/{hook}/missed', () => {
  it('names the first condition that the event did not fulfil', async () => {
    await unmatched('evt_none');
    expect(await missed('hook_type', 'evt_none')).toMatchObject({ verdict: 'not-matched', condition: 'event-type', hookVersion: 1, delivery: null });
    expect(await missed('hook_project', 'evt_none')).toMatchObject({ verdict: 'not-matched', condition: 'project' });
    expect(await missed('hook_filter', 'evt_none')).toMatchObject({ verdict: 'not-matched', condition: 'filter', sentence: expect.stringContaining('$gt') });
    expect(await missed('hook_gone', 'evt_none')).toMatchObject({ verdict: 'hook-deleted' });
  });

  it('judges by the hook as it was at fan-out, not as it is now', async () => {
    await log.hook({ hookId: 'hook_changed', eventTypes: ['invoice.*'] });
    const matchedAtMs = Date.now() + 5_000;
    await unmatched('evt_then', matchedAtMs);
    // Read through the same topic: when the second version is there, the first one was.
    await log.hook({ hookId: 'hook_changed', version: 2, eventTypes: ['*'] });
    await unmatched('evt_later', Date.now() + 5_000);
    expect(await missed('hook_changed', 'evt_later')).toMatchObject({ verdict: 'unexplained', hookVersion: 2 });
    await unmatched('evt_before', 1_000);
    expect(await missed('hook_changed', 'evt_before')).toMatchObject({ verdict: 'hook-not-there', hookVersion: null });
  });

  it('tells the fate where there was a delivery', async () => {
    const event = await log.event({ eventId: 'evt_sent' });
    const { acceptedAtMs: eventAcceptedAtMs } = EventAccepted.decode(event.value);
    const offset = await log.request(event, ['hook_all']);
    await log.outcome({ eventId: 'evt_sent', hookId: 'hook_all', requestOffset: offset, deliveryId: `dlv_0_${offset}_hook_all`, eventAcceptedAtMs, attempt: undefined, fate: 'skipped', fateReason: 'disabled' });
    await log.until('/v1/tenants/acme/events/evt_sent', ({ body }) => body.deliveries?.[0]?.fate === 'skipped');
    expect(await missed('hook_all', 'evt_sent')).toMatchObject({ verdict: 'requested', sentence: 'It was skipped without an attempt (disabled).', delivery: { fate: 'skipped' } });
    // The same event, for a hook that did not want it.
    expect(await missed('hook_type', 'evt_sent')).toMatchObject({ verdict: 'not-matched', condition: 'event-type' });
  });

  it('says that fan-out has not come to it yet', async () => {
    await log.event({ eventId: 'evt_waiting' });
    await log.until('/v1/tenants/acme/events/evt_waiting', ({ status }) => status === 200);
    expect(await missed('hook_all', 'evt_waiting')).toMatchObject({ verdict: 'not-matched-yet', matchedAt: null });
  });

  it('knows neither events nor hooks that are not there', async () => {
    expect(await missed('hook_all', 'evt_nothing')).toMatchObject({ code: 'not-found' });
    expect(await missed('hook_nothing', 'evt_sent')).toMatchObject({ code: 'not-found' });
  });
});
