import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { grpcService } from '@hooklane/service-host/testing';
import { KEY, OTHER_KEY, PUBLISHER_KEY, START_TIMEOUT_MS, startLastingLog, type LastingLog, type LogUnderTest } from '../support/log-service.js';

const CALLS = '/v1/tenants/acme/inbound-calls';
const ACCEPTED = { sourceId: 'src_m', sourceName: 'Mautic', user: 'usr_ana', eventId: 'evt_1', remoteAddress: '203.0.113.9', headers: [{ name: 'webhook-signature', value: '***' }], body: Buffer.from('{"a":1}'), bodyBytes: 7 };

describe('GET /v1/tenants/{tenant}/inbound-calls', () => {
  let lasting: LastingLog;
  let log: LogUnderTest;
  const now = Date.now();
  beforeAll(async () => {
    lasting = await startLastingLog();
    log = lasting.log;
    await log.called({ callId: 'in_1', atMs: now - 5_000, ...ACCEPTED });
    await log.called({ callId: 'in_2', atMs: now - 4_000, outcome: 'refused', reason: 'signature-wrong', sentence: 'Wrong.', status: 403, sourceId: 'src_m', body: Buffer.from([0xff, 0x01]), bodyBytes: 9_000 }, 1);
    await log.called({ callId: 'in_3', atMs: now - 3_000, endpoint: 'src_g', sourceId: 'src_g', eventId: 'evt_2' });
    await log.called({ callId: 'in_4', atMs: now - 2_000, endpoint: 'unknown', outcome: 'not-kept', reason: 'too-many', status: 0, method: '', path: '', notKept: 17, notKeptSinceMs: now - 60_000 });
    await log.called({ callId: 'in_other', tenantId: 'other', atMs: now - 1_000 });
    await log.until(CALLS, ({ body }) => body.items.length === 4);
  }, START_TIMEOUT_MS);
  afterAll(() => lasting?.stop());

  const ids = async (query = '', key = KEY): Promise<string[]> => (await log.get(`${CALLS}${query}`, key)).body.items.map(({ id }: { id: string }) => id);

  it('lists accepted and refused calls, newest first, with reason and what was not kept', async () => {
    const { body } = await log.get(CALLS);
    expect(body.items.map(({ id, outcome }: { id: string; outcome: string }) => [id, outcome])).toEqual([['in_4', 'not-kept'], ['in_3', 'accepted'], ['in_2', 'refused'], ['in_1', 'accepted']]);
    expect(body.items[0]).toMatchObject({ endpoint: 'unknown', notKept: 17, notKeptSince: new Date(now - 60_000).toISOString(), status: null, method: null });
    expect(body.items[2]).toMatchObject({ reason: 'signature-wrong', sentence: 'Wrong.', status: 403, bodyBytes: 9_000 });
    expect(body.items[3]).toEqual({
      id: 'in_1', at: new Date(now - 5_000).toISOString(), endpoint: 'tiki', sourceId: 'src_m', sourceName: 'Mautic', user: 'usr_ana', outcome: 'accepted', reason: null, sentence: null, status: 200,
      method: 'POST', path: '/in/acme/tiki-webhooks.php', remoteAddress: '203.0.113.9', bodyBytes: 7, eventId: 'evt_1', notKept: 0, notKeptSince: null,
    });
  });

  it.each([
    ['?source=src_m', ['in_2', 'in_1']],
    ['?endpoint=tiki', ['in_2', 'in_1']],
    ['?endpoint=src_g', ['in_3']],
    ['?outcome=accepted', ['in_3', 'in_1']],
    ['?outcome=refused&source=src_g', []],
    [`?from=${new Date(now - 4_000).toISOString()}&to=${new Date(now - 2_000).toISOString()}`, ['in_3', 'in_2']],
  ])('finds by %s', async (query, expected) => {
    expect(await ids(query)).toEqual(expected);
  });

  it('goes on where a page ended, also with filters', async () => {
    const first = (await log.get(`${CALLS}?limit=1&outcome=accepted`)).body;
    const second = (await log.get(`${CALLS}?limit=1&outcome=accepted&cursor=${encodeURIComponent(first.next)}`)).body;
    expect([first.items[0].id, second.items[0].id]).toEqual(['in_3', 'in_1']);
    expect((await log.get(`${CALLS}?limit=1&cursor=${encodeURIComponent(first.next)}`)).body.code).toBe('invalid-cursor');
  });

  it('shows one with its headers and the beginning of its body', async () => {
    expect((await log.get(`${CALLS}/in_1`)).body).toMatchObject({ id: 'in_1', headers: [{ name: 'webhook-signature', value: '***' }], body: { encoding: 'utf8', content: '{"a":1}', bytes: 7, cut: false } });
    expect((await log.get(`${CALLS}/in_2`)).body.body).toEqual({ encoding: 'base64', content: '/wE=', bytes: 9_000, cut: true });
  });

  it('is the tenant\'s alone, and takes log:read', async () => {
    expect((await log.get(CALLS, OTHER_KEY)).status).toBe(404);
    expect((await log.get(CALLS, PUBLISHER_KEY)).body.code).toBe('missing-scope');
    expect((await log.get(`${CALLS}/in_other`)).status).toBe(404);
    expect((await log.get('/v1/tenants/other/inbound-calls', OTHER_KEY)).body.items).toMatchObject([{ id: 'in_other' }]);
  });

  it.each([['?outcome=lost', 'invalid-request'], ['?from=yesterday', 'invalid-request'], ['?cursor=abc', 'invalid-cursor'], ['?colour=red', 'invalid-request']])('refuses %s', async (query, code) => {
    expect((await log.get(`${CALLS}${query}`)).body.code).toBe(code);
  });

  it('says the same over gRPC', async () => {
    const service = grpcService(log.service.grpcPort ?? 0, 'InboundLogService');
    const listed = await service.call('listInboundCalls', { tenant: 'acme', source: 'src_m' }, KEY);
    expect(listed.answer).toMatchObject({ items: [{ id: 'in_2', reason: 'signature-wrong', status: 403 }, { id: 'in_1', eventId: 'evt_1', user: 'usr_ana' }], next: '' });
    const read = await service.call('getInboundCall', { tenant: 'acme', id: 'in_2' }, KEY);
    expect(read.answer).toMatchObject({ call: { id: 'in_2', bodyBytes: 9_000 }, body: Buffer.from([0xff, 0x01]), bodyCut: true });
    expect((await service.call('getInboundCall', { tenant: 'acme', id: 'in_none' }, KEY)).error?.code).toBe(5);
    expect((await service.call('listInboundCalls', { tenant: 'acme' }, OTHER_KEY)).error?.code).toBe(5);
  });

  it('answers the same after the read models were built anew', async () => {
    const before = await log.get(CALLS);
    await lasting.rebuild();
    log = lasting.log;
    await log.until(CALLS, ({ body }) => body.items.length === 4);
    expect((await log.get(CALLS)).body).toEqual(before.body);
  });

  it('shows nothing that is older than the tenant keeps', async () => {
    const dayAgo = now - 86_400_000;
    // An id of ours says when it was made.
    const old = `in_${dayAgo.toString(16).padStart(12, '0')}7000${'8'.padEnd(16, '0')}`;
    await log.called({ callId: old, atMs: dayAgo });
    await log.until(CALLS, ({ body }) => body.items.length === 5);
    await log.tenant('acme', { retentionDays: 1 });
    await log.until(CALLS, ({ body }) => body.items.length === 4);
    expect((await log.get(`${CALLS}/${old}`)).body.code).toBe('expired');
    expect((await log.get(`${CALLS}?from=2026-01-01T00:00:00Z`)).body.expiredBefore).toEqual(expect.any(String));
  });
});
