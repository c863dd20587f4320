import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventAccepted, IncidentChanged, Topics } from '@hooklane/contracts/topics';
import type { LogRecord } from '@hooklane/event-log';
import { eventMessage } from '../support/rows.js';
import { KEY, OTHER_KEY, PLATFORM_KEY, START_TIMEOUT_MS, startLog, type LogUnderTest } from '../support/log-service.js';

let log: LogUnderTest;
const UNREADABLE = Buffer.from('not an event');

beforeAll(async () => {
  log = await startLog();
  await log.key('hl_admin-of-acme', { scopes: ['admin'] });
  await log.incident({ incidentId: 'inc_platform', kind: 'gap', raisedAtMs: 1_000 });
  await log.incident({ incidentId: 'inc_acme', tenantId: 'acme', raisedAtMs: 2_000, partition: 1, recordValue: UNREADABLE, recordKey: 'k', recordAttachment: Buffer.from('attached') });
  await log.incident({ incidentId: 'inc_event', tenantId: 'acme', raisedAtMs: 2_000, recordValue: Buffer.from(EventAccepted.encode(eventMessage({ eventId: 'evt_dead', acceptedAtMs: Date.now() })).finish()) });
  await log.incident({ incidentId: 'inc_other', tenantId: 'other', raisedAtMs: 3_000, recordValue: UNREADABLE });
  await log.until('/v1/incidents', ({ body }) => body.items.length === 4, PLATFORM_KEY);
}, START_TIMEOUT_MS);

afterAll(() => log.stop());

const idsOf = (body: { items: { id: string }[] }): string[] => body.items.map(({ id }) => id);

async function newest(topic: string, partition: number): Promise<LogRecord | undefined> {
  const bounds = await log.context.log.bounds(topic);
  const next = bounds[partition]?.next ?? 0;
  for await (const records of log.context.log.read({ topic, partition, from: next - 1, to: next })) return records.at(-1);
  return undefined;
}

describe('Incidents', () => {
  it('are listed newest first: all of them for the platform, their own for a tenant', async () => {
    expect(idsOf((await log.get('/v1/incidents', PLATFORM_KEY)).body)).toEqual(['inc_other', 'inc_event', 'inc_acme', 'inc_platform']);
    expect(idsOf((await log.get('/v1/incidents', KEY)).body)).toEqual(['inc_event', 'inc_acme']);
    expect(idsOf((await log.get('/v1/incidents?state=skipped', KEY)).body)).toEqual([]);
  });

  it('are paged, also those of the same moment', async () => {
    const seen: string[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await log.get(`/v1/incidents?limit=1${cursor}`, PLATFORM_KEY);
      seen.push(...idsOf(body));
      if (body.next === null) break;
      cursor = `&cursor=${body.next}`;
    }
    expect(seen).toEqual(['inc_other', 'inc_event', 'inc_acme', 'inc_platform']);
    const { body } = await log.get('/v1/incidents?limit=1', KEY);
    expect((await log.get(`/v1/incidents?cursor=${body.next}`, OTHER_KEY)).body.code).toBe('invalid-cursor');
  });

  it('show their record', async () => {
    expect((await log.get('/v1/incidents/inc_acme', KEY)).body).toMatchObject({ state: 'open', tenant: 'acme', recordKey: 'k', recordValueBase64: UNREADABLE.toString('base64'), recordAttachmentBase64: Buffer.from('attached').toString('base64'), canBeReinjected: true });
    expect((await log.get('/v1/incidents/inc_other', KEY)).status).toBe(404);
  });

  it('are answered once, with who and why; the answer is in the topic', async () => {
    const skipped = await log.post('/v1/incidents/inc_other/skip', { reason: 'a test' });
    expect(skipped.body).toMatchObject({ id: 'inc_other', state: 'skipped', answeredBy: `key:key_${PLATFORM_KEY}`, answerReason: 'a test', answeredAt: expect.any(String) });
    expect(IncidentChanged.decode((await newest(Topics.incidentsChanged, 0))?.value ?? Buffer.alloc(0))).toMatchObject({ incidentId: 'inc_other', state: 'skipped', answerReason: 'a test' });
    expect((await log.get('/v1/incidents/inc_other', PLATFORM_KEY)).body.state).toBe('skipped');
    expect((await log.post('/v1/incidents/inc_other/skip', { reason: 'a test' })).status).toBe(200);
    expect((await log.post('/v1/incidents/inc_other/acknowledge', { reason: 'too late' })).body.code).toBe('invalid-state');
    // Raised again by a consumer that met the same record after a crash: it stays answered.
    await log.incident({ incidentId: 'inc_other', tenantId: 'other', recordValue: UNREADABLE });
    await log.incident({ incidentId: 'inc_marker' });
    await log.until('/v1/incidents/inc_marker', ({ status }) => status === 200, PLATFORM_KEY);
    expect((await log.get('/v1/incidents/inc_other', PLATFORM_KEY)).body.state).toBe('skipped');
  });

  it('put a record that cannot be read into its topic and partition again, with its attachment', async () => {
    expect((await log.post('/v1/incidents/inc_acme/reinject', { reason: 'fixed' }, 'hl_admin-of-acme')).body).toMatchObject({ state: 'reinjected' });
    const record = await newest(Topics.eventsAccepted, 1);
    expect([record?.value.toString(), record?.key, record?.attachment?.toString()]).toEqual([UNREADABLE.toString(), 'k', 'attached']);
  });

  it('put a record that can be read into its topic as one that no reader takes for a repeat', async () => {
    await log.post('/v1/incidents/inc_event/reinject', { reason: 'again' });
    const { value } = (await newest(Topics.eventsAccepted, 0)) ?? { value: Buffer.alloc(0) };
    expect(EventAccepted.decode(value)).toMatchObject({ eventId: 'evt_dead', incarnation: 'reinjected/inc_event', sequence: 1 });
    await log.until('/v1/tenants/acme/events/evt_dead', ({ status }) => status === 200);
  });

  it('refuse answers without a reason, of those who may not, and of what has no record', async () => {
    expect((await log.post('/v1/incidents/inc_platform/acknowledge', {})).body.code).toBe('invalid-request');
    expect((await log.post('/v1/incidents/inc_platform/acknowledge', { reason: 'x' }, KEY)).body.code).toBe('missing-scope');
    expect((await log.post('/v1/incidents/inc_platform/acknowledge', { reason: 'x' }, 'hl_admin-of-acme')).body.code).toBe('not-found');
    expect((await log.post('/v1/incidents/inc_platform/reinject', { reason: 'x' })).body.code).toBe('invalid-state');
    expect((await log.post('/v1/incidents/inc_platform/acknowledge', { reason: 'seen' })).body.state).toBe('acknowledged');
  });

  it('get the same answer for the same Idempotency-Key', async () => {
    await log.incident({ incidentId: 'inc_once' });
    await log.until('/v1/incidents/inc_once', ({ status }) => status === 200, PLATFORM_KEY);
    const once = (answer: string, reason: string) => log.post(`/v1/incidents/inc_once/${answer}`, { reason }, PLATFORM_KEY, { 'idempotency-key': 'once' });
    const [first, second] = await Promise.all([once('acknowledge', 'seen'), once('acknowledge', 'seen')]);
    expect([first.status, second.status, second.body]).toEqual([200, 200, first.body]);
    for (const answer of ['skip', 'reinject']) expect((await once(answer, 'seen')).body.code).toBe('id-reused');
  });

  it('are made of records that log-query itself cannot read', async () => {
    const found = await log.until('/v1/incidents', ({ body }) => body.items.some(({ service }: { service: string }) => service === 'log-query'), PLATFORM_KEY);
    expect(found.body.items.find(({ service }: { service: string }) => service === 'log-query')).toMatchObject({ kind: 'dead-letter', topic: Topics.eventsAccepted, partition: 1, state: 'open' });
  });
});
