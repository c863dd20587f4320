import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@hooklane/testkit';
import pg from 'pg';
import { startIngest, type IngestUnderTest } from '../ingest-service.js';
import { callAs, mautic } from './caller.js';

const TIKI = '/in/acme/tiki-webhooks.php';
const HANDLER = { kind: 'tiki', verification: 'base64 hmac', algorithm: 'sha256', header: 'Webhook-Signature', eventType: 'tiki.webhook.received' };

let ingest: IngestUnderTest;
let call: ReturnType<typeof callAs>;

beforeAll(async () => {
  ingest = await startIngest({ environment: { EVENT_INGEST_APPEND_TIMEOUT_MS: '300', EVENT_INGEST_REFUSED_CALLS_PER_MINUTE: '3' } });
  call = callAs(ingest.url);
  await ingest.tenant('acme', { webhookAccess: true });
  await ingest.source({ ...HANDLER, sourceId: 'src_mautic', name: 'Mautic' }, 's3cr3t');
}, 60_000);

afterAll(() => ingest?.stop());

const answer = async (path: string, sent?: Parameters<typeof call>[1]): Promise<[number, string]> => {
  const { status, text } = await call(path, sent);
  return [status, text];
};
const loggedAs = (reason: string) => eventually(async () => (await ingest.called()).find((called) => called.reason === reason) ?? null, `a call with the reason ${reason} in the log`);

describe('a call that is refused', () => {
  it('because nobody verifies it gets 403 Webhook not authorized., is no event, and is in the log with what each handler says', async () => {
    await ingest.source({ ...HANDLER, name: 'Second', header: 'X-Other' }, 's3cr3t');
    const before = (await ingest.accepted()).length;
    expect(await answer(TIKI, mautic('{"a":1}', 'wrong'))).toEqual([403, 'Webhook not authorized.']);
    expect(await ingest.accepted()).toHaveLength(before);
    const called = await loggedAs('not-verified');
    expect(called).toMatchObject({ tenantId: 'acme', endpoint: 'tiki', sourceId: '', user: '', outcome: 'refused', status: 403, eventId: '', remoteAddress: '127.0.0.1', sentence: '"Mautic": The signature is not that of this body with this secret. "Second": The header of the signature is missing or empty.' });
    expect(called.body.toString()).toBe('{"a":1}');
    expect(called.headers).toContainEqual({ name: 'webhook-signature', value: '***' });
  });

  it('because the tenant\'s webhook access is off gets 403 Feature not enabled, however well it is signed, until that is on', async () => {
    await ingest.tenant('quiet');
    await ingest.source({ ...HANDLER, tenantId: 'quiet' }, 's');
    expect(await answer('/in/quiet/tiki-webhooks.php', mautic('{}', 's'))).toEqual([403, 'Feature not enabled']);
    expect(await loggedAs('feature-not-enabled')).toMatchObject({ tenantId: 'quiet', outcome: 'refused', status: 403 });
    await ingest.tenant('quiet', { webhookAccess: true });
    expect(await answer('/in/quiet/tiki-webhooks.php', mautic('{}', 's'))).toEqual([200, 'ok']);
  });

  it('does not find out what exists', async () => {
    const disabled = await ingest.source({ kind: 'github', enabled: false }, 's');
    const other = await ingest.source({ kind: 'github', tenantId: 'other' }, 's');
    await ingest.tenant('other', { webhookAccess: true });
    expect(await answer('/in/nobody/tiki-webhooks.php')).toEqual([403, 'Feature not enabled']);
    expect(await answer('/tiki-webhooks.php')).toEqual([403, 'Feature not enabled']);
    for (const path of ['/in/acme/src_none', `/in/acme/${disabled}`, `/in/acme/${other}`, '/in/acme/src_mautic', '/in/acme/tiki']) expect([path, ...(await answer(path, mautic('{}', 's3cr3t')))]).toEqual([path, 403, 'Webhook not authorized.']);
    expect((await ingest.called()).filter(({ tenantId }) => tenantId === 'nobody')).toEqual([]);
  });

  it('because a source was just deleted is refused from that answer on', async () => {
    const id = await ingest.source({ kind: 'token', header: 'X-T' }, 't');
    const sent = { headers: { 'X-T': 't' }, body: '1' };
    expect(await answer(`/in/acme/${id}`, sent)).toEqual([200, 'ok']);
    await ingest.source({ kind: 'token', sourceId: id, deleted: true }, '');
    expect(await answer(`/in/acme/${id}`, sent)).toEqual([403, 'Webhook not authorized.']);
  });

  it('because it is too large is told so in text', async () => {
    const id = await ingest.source({ kind: 'token', header: 'X-T' }, 't');
    const headers = { 'X-T': 't', 'Content-Type': 'application/octet-stream' };
    for (const bytes of [262_145, 200_000]) expect(await answer(`/in/acme/${id}`, { headers, body: Buffer.alloc(bytes) })).toEqual([413, 'The body is larger than 262144 bytes, or becomes so as base64.']);
    expect(await answer(`/in/acme/${id}`, { headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify('x'.repeat(262_142)) })).toEqual([200, 'ok']);
    expect(await call(`/in/acme/${id}`, { headers, body: Buffer.alloc(1_100_000) })).toMatchObject({ status: 413, text: expect.stringContaining('too large'), headers: { 'content-type': 'text/plain; charset=utf-8' } });
    expect(await answer('/in/acme%00/x')).toEqual([404, 'There is no such thing.']);
    const called = await loggedAs('too-large');
    expect([called.bodyBytes, called.body.length]).toEqual([262_145, 4_096]);
  });

  it('because of the tenant\'s own rules is told which', async () => {
    await ingest.tenant('strict', { webhookAccess: true, unknownEventTypes: 'reject' });
    const id = await ingest.source({ kind: 'token', tenantId: 'strict', header: 'X-T', eventType: 'never.registered' }, 't');
    expect(await answer(`/in/strict/${id}`, { headers: { 'X-T': 't' }, body: '1' })).toEqual([422, 'The event type "never.registered" is not registered.']);
    await ingest.tenant('poor', { webhookAccess: true, eventsPerSecond: 1, eventsBurst: 1 });
    const poor = await ingest.source({ kind: 'token', tenantId: 'poor', header: 'X-T' }, 't');
    const answers = await Promise.all([1, 2, 3].map(() => call(`/in/poor/${poor}`, { headers: { 'X-T': 't' }, body: '1' })));
    const limited = answers.filter(({ status }) => status === 429);
    expect(limited.length).toBeGreaterThan(0);
    expect(limited[0]).toMatchObject({ text: 'The tenant may publish 1 events per second.', headers: { 'retry-after': expect.stringMatching(/^[1-9]/) } });
    expect(await loggedAs('quota-exceeded')).toMatchObject({ outcome: 'failed', status: 429, sourceId: poor });
  });

  it('because the log is away gets 503 with Retry-After, and nothing of it is an event; afterwards it is taken', async () => {
    const client = new pg.Client({ connectionString: ingest.databaseUrl });
    await client.connect();
    const before = (await ingest.accepted()).length;
    const { rows } = await client.query<{ name: string }>(`SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'event_log'`);
    await client.query(`BEGIN; LOCK TABLE ${rows.map(({ name }) => name).join(', ')} IN ACCESS EXCLUSIVE MODE`);
    const { status, headers } = await call(TIKI, mautic('{"late":1}', 's3cr3t'));
    await client.query('ROLLBACK');
    await client.end();
    expect([status, Number(headers['retry-after']) >= 1]).toEqual([503, true]);
    expect(await loggedAs('log-unavailable')).toMatchObject({ outcome: 'failed', status: 503, sourceId: 'src_mautic' });
    expect(await answer(TIKI, mautic('{"late":2}', 's3cr3t'))).toEqual([200, 'ok']);
    expect((await ingest.accepted()).slice(before).map(({ data }) => data.toString())).toContain('{"late":2}');
  });

  it('because its secret cannot be opened gets 503: the fault is ours', async () => {
    const id = await ingest.source({ kind: 'github', sealedSecret: Buffer.from('damaged') }, 's');
    expect((await call(`/in/acme/${id}`, { body: '1' })).status).toBe(503);
  });

  it('again and again is counted, and no longer kept', async () => {
    const id = await ingest.source({ kind: 'token', header: 'X-T' }, 't');
    for (let n = 0; n < 8; n++) expect((await call(`/in/acme/${id}`, { headers: { 'X-T': `guess ${n}` }, body: 'x' })).status).toBe(403);
    // Addresses that are none share one allowance: inventing them gets nobody more.
    for (let n = 0; n < 8; n++) await call(`/in/acme/src_invented_${n}`, { body: 'x' });
    const of = async (endpoint: string) => (await ingest.called()).filter((called) => called.endpoint === endpoint);
    const notKept = await eventually(async () => (await of(id)).find(({ outcome }) => outcome === 'not-kept') ?? null, 'a number of what is not kept', 15_000);
    expect(notKept).toMatchObject({ tenantId: 'acme', reason: 'too-many', notKept: 5, notKeptSinceMs: expect.any(Number) });
    expect((await of(id)).filter(({ outcome }) => outcome === 'refused')).toHaveLength(3);
    expect((await of('unknown')).filter(({ outcome }) => outcome === 'refused')).toHaveLength(3);
    // Those that are accepted always are.
    for (let n = 0; n < 5; n++) expect((await call(`/in/acme/${id}`, { headers: { 'X-T': 't' }, body: 'x' })).text).toBe('ok');
    await eventually(async () => ((await of(id)).filter(({ outcome }) => outcome === 'accepted').length === 5 ? true : null), 'five accepted calls in the log');
  }, 30_000);

  it('is counted in the metrics', async () => {
    const metrics = await (await fetch(`${ingest.url}/metrics`)).text();
    for (const outcome of ['accepted', 'refused', 'failed']) expect(metrics).toMatch(new RegExp(`hooklane_inbound_calls_total\\{[^}]*outcome="${outcome}"[^}]*\\} [1-9]`));
  });
});
