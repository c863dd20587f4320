import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@hooklane/testkit';
import pg from 'pg';
import { Webhook } from 'standardwebhooks';
import { startIngest, type IngestUnderTest } from '../ingest-service.js';
import { callAs, mautic } from './caller.js';

const CONTACT = '{"mautic.lead_post_save_new":[{"contact":{"id":7,"points":8.0,"email":"ana@x.example"},"timestamp":"2026-01-02T03:04:05+00:00"}]}';
const TIKI = '/in/acme/tiki-webhooks.php';
const SHA256 = { kind: 'tiki', verification: 'base64 hmac', algorithm: 'sha256', header: 'Webhook-Signature', eventType: 'tiki.webhook.received' };

let ingest: IngestUnderTest;
let call: ReturnType<typeof callAs>;

beforeAll(async () => {
  ingest = await startIngest({ environment: { HOOKLANE_DEFAULT_TENANT: 'acme', EVENT_INGEST_TRUSTED_PROXIES: '127.0.0.0/8' } });
  call = callAs(ingest.url);
  await ingest.tenant('acme', { webhookAccess: true });
}, 60_000);

afterAll(() => ingest?.stop());

const newest = async () => (await ingest.accepted()).at(-1);
const calledOf = (eventId: string) => eventually(async () => (await ingest.called()).find((called) => called.eventId === eventId) ?? null, `a call of ${eventId} in the log`);

describe('a call that is verified', () => {
  it('answers Mautic 200 ok, and is by then an event in the name of its user, whose data is the body byte for byte', async () => {
    await ingest.source({ ...SHA256, sourceId: 'src_other', name: 'other', createdAtMs: -2 }, 'another');
    await ingest.source({ ...SHA256, sourceId: 'src_mautic', name: 'Mautic', forwardedHeaders: ['X-Origin-Base-URL', 'X-None'], project: 'crm', createdAtMs: -1 }, 's3cr3t');
    const answer = await call(TIKI, mautic(CONTACT, 's3cr3t'));
    expect([answer.status, answer.text, answer.headers['content-type']]).toEqual([200, 'ok', 'text/plain; charset=utf-8']);
    const event = await newest();
    expect(event).toMatchObject({ tenantId: 'acme', type: 'tiki.webhook.received', project: 'crm', contentType: 'application/json', attributes: { source: 'src_mautic', handler: 'Mautic', user: 'usr_ana', 'header.x-origin-base-url': 'https://mautic.example/' } });
    expect(event!.data.toString()).toBe(CONTACT);
    expect(await calledOf(event!.eventId)).toMatchObject({
      tenantId: 'acme', callId: expect.stringMatching(/^in_/), endpoint: 'tiki', sourceId: 'src_mautic', sourceName: 'Mautic', user: 'usr_ana', outcome: 'accepted', reason: '', status: 200, method: 'POST', path: TIKI, remoteAddress: '127.0.0.1', bodyBytes: CONTACT.length,
    });
    const logged = await calledOf(event!.eventId);
    expect(logged.body.toString()).toBe(CONTACT);
    expect(logged.headers).toEqual(expect.arrayContaining([{ name: 'webhook-signature', value: '***' }, { name: 'x-origin-base-url', value: 'https://mautic.example/' }]));
  });

  it('goes to the first handler that verifies it, in the order of their creation', async () => {
    await ingest.source({ ...SHA256, sourceId: 'src_b', name: 'second', createdAtMs: -5 }, 'shared');
    await ingest.source({ ...SHA256, sourceId: 'src_a', name: 'first', createdAtMs: -6 }, 'shared');
    await ingest.source({ ...SHA256, sourceId: 'src_0', name: 'disabled', enabled: false, createdAtMs: -7 }, 'shared');
    expect((await call(TIKI, mautic('{}', 'shared'))).status).toBe(200);
    expect((await newest())?.attributes['handler']).toBe('first');
  });

  it('is taken in any method, at /tiki-webhooks.php of the default tenant too, its header in any case and its algorithm honoured', async () => {
    await ingest.source({ ...SHA256, name: 'hex', verification: 'hmac', algorithm: 'sha3-512', header: 'x-SIGNED' }, 'k');
    const signed = (body: string) => ({ body, headers: { 'X-Signed': createHmac('sha3-512', 'k').update(body).digest('hex') } });
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) expect([method, (await call('/tiki-webhooks.php', { method, ...signed(`"${method}"`) })).text]).toEqual([method, 'ok']);
    expect((await call('/tiki-webhooks.php?a=b', { method: 'GET', ...signed('') })).text).toBe('ok');
    expect((await ingest.accepted()).slice(-5).map(({ data }) => data.toString())).toEqual(['"POST"', '"PUT"', '"PATCH"', '"DELETE"', '{"contentType":"","bodyBase64":""}']);
  });

  it('with a body that is no JSON becomes an envelope of its bytes', async () => {
    const id = await ingest.source({ kind: 'token', query: 'key' }, 'tök en');
    const bytes = Buffer.from([0xff, 0x00, 0x41]);
    expect((await call(`/in/acme/${id}?key=${encodeURIComponent('tök en')}&x=1`, { body: bytes, headers: { 'Content-Type': 'application/octet-stream' } })).text).toBe('ok');
    const event = (await newest())!;
    expect(JSON.parse(event.data.toString())).toEqual({ contentType: 'application/octet-stream', bodyBase64: bytes.toString('base64') });
    const called = await calledOf(event.eventId);
    expect([called.path, called.endpoint, [...called.body]]).toEqual([`/in/acme/${id}?key=***&x=***`, id, [...bytes]]);
    await call(`/in/acme/${id}?key=${encodeURIComponent('tök en')}`, { body: '{"broken":', headers: { 'Content-Type': 'application/json' } });
    expect(JSON.parse((await newest())!.data.toString())).toEqual({ contentType: 'application/json', bodyBase64: Buffer.from('{"broken":').toString('base64') });
    await call(`/in/acme/${id}?key=${encodeURIComponent('tök en')}`, { body: '['.repeat(70) + ']'.repeat(70), headers: { 'Content-Type': 'application/json' } });
    expect(JSON.parse((await newest())!.data.toString())).toHaveProperty('bodyBase64');
  });

  it('comes from every other kind of sender at its own address', async () => {
    const body = '{"n":1}';
    const hmac = (hash: string, text = body): string => createHmac(hash, 's').update(text).digest('hex');
    const seconds = Math.floor(Date.now() / 1_000);
    const secret = `whsec_${Buffer.from('standard').toString('base64')}`;
    const senders: Record<string, Readonly<Record<string, string>>> = {
      'standard-webhooks': { 'webhook-id': 'msg_1', 'webhook-timestamp': String(seconds), 'webhook-signature': new Webhook(secret).sign('msg_1', new Date(seconds * 1_000), body) },
      github: { 'X-Hub-Signature-256': `sha256=${hmac('sha256')}`, 'X-GitHub-Event': 'push' },
      stripe: { 'Stripe-Signature': `t=${seconds},v1=${hmac('sha256', `${seconds}.${body}`)}` },
      taiga: { 'X-TAIGA-WEBHOOK-SIGNATURE': hmac('sha1'), 'X-Hub-Signature': `sha1=${hmac('sha1')}` },
      icescrum: { 'x-icescrum-signature': hmac('sha1'), 'x-icescrum-event': 'story.create' },
      basic: { Authorization: `Basic ${Buffer.from('ana:s').toString('base64')}` },
      token: { 'X-Gitlab-Token': 's' },
    };
    for (const [kind, headers] of Object.entries(senders)) {
      const settings = { stripe: { header: 'Stripe-Signature' }, token: { header: 'X-Gitlab-Token' }, basic: { basicAuthUser: 'ana' } }[kind] ?? {};
      const id = await ingest.source({ kind, forwardedHeaders: ['X-GitHub-Event'], ...settings }, kind === 'standard-webhooks' ? secret : 's');
      expect([kind, (await call(`/in/acme/${id}`, { headers: { 'Content-Type': 'application/json', ...headers }, body })).text]).toEqual([kind, 'ok']);
      const event = await newest();
      expect(event).toMatchObject({ type: `${kind}.webhook.received`, attributes: { source: id } });
      const logged = await calledOf(event!.eventId);
      for (const { name, value } of logged.headers) if (/signature|authorization|token/.test(name)) expect([name, value]).toEqual([name, '***']);
      // Not at the address of another one, nor at Tiki's.
      expect((await call(TIKI, { headers, body })).status).toBe(403);
    }
  });

  it('believes a proxy of ours what address it was called from, and nobody before that', async () => {
    const id = await ingest.source({ kind: 'token', header: 'X-T' }, 't');
    await call(`/in/acme/${id}`, { body: '1', headers: { 'X-T': 't', 'X-Forwarded-For': '6.6.6.6, 203.0.113.9, 127.0.0.3' } });
    expect((await calledOf((await newest())!.eventId)).remoteAddress).toBe('203.0.113.9');
  });
});

describe('a call that comes again', () => {
  const body = '{"again":true}';
  const signed = { headers: { 'X-Hub-Signature-256': `sha256=${createHmac('sha256', 's').update(body).digest('hex')}` }, body };
  const countOf = async (source: string): Promise<number> => (await ingest.accepted()).filter(({ attributes }) => attributes['source'] === source).length;

  it('is another event by default', async () => {
    const id = await ingest.source({ kind: 'github' }, 's');
    for (let n = 0; n < 2; n++) expect((await call(`/in/acme/${id}`, signed)).text).toBe('ok');
    expect(await countOf(id)).toBe(2);
  });

  it('is refused with replays: refuse, also while the first is under way', async () => {
    const id = await ingest.source({ kind: 'github', replays: 'refuse' }, 's');
    const answers = await Promise.all([1, 2, 3].map(() => call(`/in/acme/${id}`, signed)));
    expect(answers.map(({ text }) => text).sort()).toEqual(['Webhook not authorized.', 'Webhook not authorized.', 'ok']);
    expect((await call(`/in/acme/${id}`, signed)).status).toBe(403);
    expect(await countOf(id)).toBe(1);
    const refused = await eventually(async () => (await ingest.called()).find(({ sourceId, reason }) => sourceId === id && reason === 'replayed') ?? null, 'a refused repeat in the log');
    expect(refused).toMatchObject({ outcome: 'refused', status: 403, sentence: 'The same call came before.' });
  });

  it('gets the first answer with replays: once, and is no second event', async () => {
    const id = await ingest.source({ kind: 'token', header: 'X-T', replays: 'once', idHeader: 'X-Id' }, 't');
    const named = (name: string) => call(`/in/acme/${id}`, { body, headers: { 'X-T': 't', 'X-Id': name } });
    for (const name of ['1', '1', '2', '1']) expect((await named(name)).text).toBe('ok');
    expect(await countOf(id)).toBe(2);
    // The id is not signed: another body under it is none of the sender's.
    expect((await call(`/in/acme/${id}`, { body: '{}', headers: { 'X-T': 't', 'X-Id': '1' } })).status).toBe(403);
    expect((await call(`/in/acme/${id}`, { body, headers: { 'X-T': 't' } })).status).toBe(403);
    const outcomes = await eventually(async () => {
      const found = (await ingest.called()).filter(({ sourceId }) => sourceId === id).map(({ outcome, reason }) => `${outcome} ${reason}`.trim());
      return found.length === 6 ? found : null;
    }, 'six calls in the log');
    expect(outcomes).toEqual(['accepted', 'repeated replayed', 'accepted', 'repeated replayed', 'refused replayed', 'refused id-missing']);
  });

  it('is claimed in Postgres, where every process looks before it accepts one', async () => {
    const id = await ingest.source({ kind: 'github', replays: 'refuse' }, 's');
    expect((await call(`/in/acme/${id}`, signed)).text).toBe('ok');
    const { databaseUrl } = ingest;
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    const { rows } = await client.query<{ claim_key: string }>(`SELECT claim_key FROM event_ingest.claims WHERE claim_key LIKE $1`, [`key:inbound ${id} %`]);
    await client.end();
    expect(rows).toHaveLength(1);
    expect(rows[0]?.claim_key).toMatch(/ [0-9a-f]{64}$/);
  });
});
