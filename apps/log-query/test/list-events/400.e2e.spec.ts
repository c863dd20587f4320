import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KEY, OTHER_KEY, START_TIMEOUT_MS, startLog, type LogUnderTest } from '../support/log-service.js';

let log: LogUnderTest;
let cursor = '';

beforeAll(async () => {
  log = await startLog();
  for (const eventId of ['evt_1', 'evt_2', 'evt_3']) {
    await log.event({ eventId });
    await log.event({ eventId, tenantId: 'other' });
  }
  await log.until('/v1/tenants/other/events', ({ body }) => body.items.length === 3, OTHER_KEY);
  cursor = (await log.until('/v1/tenants/acme/events?limit=1', ({ body }) => body.next !== null)).body.next as string;
}, START_TIMEOUT_MS);

afterAll(() => log.stop());

const codeOf = async (path: string, key = KEY): Promise<unknown> => {
  const { status, body } = await log.get(path, key);
  return [status, body.code];
};

describe('A cursor', () => {
  it('goes on where it was given', async () => {
    expect((await log.get(`/v1/tenants/acme/events?limit=1&cursor=${cursor}`)).body.items).toMatchObject([{ id: 'evt_2' }]);
  });

  it('is refused for another tenant, list or filter', async () => {
    const refused = [400, 'invalid-cursor'];
    expect(await codeOf(`/v1/tenants/other/events?cursor=${cursor}`, OTHER_KEY)).toEqual(refused);
    expect(await codeOf(`/v1/tenants/acme/deliveries?cursor=${cursor}`)).toEqual(refused);
    expect(await codeOf(`/v1/tenants/acme/events?type=order.created&cursor=${cursor}`)).toEqual(refused);
  });

  it('is refused with any one character changed', async () => {
    for (let at = 0; at < cursor.length; at += 1) {
      const changed = cursor.slice(0, at) + (cursor[at] === 'A' ? 'B' : 'A') + cursor.slice(at + 1);
      expect(await codeOf(`/v1/tenants/acme/events?cursor=${changed}`)).toEqual([400, 'invalid-cursor']);
    }
  });

  it.each(['', 'x', '%01', '..', 'AAAA'.repeat(50)])('is refused when it is "%s"', async (text) => {
    expect(await codeOf(`/v1/tenants/acme/events?cursor=${text}`)).toEqual([400, 'invalid-cursor']);
  });
});

describe('Queries that do not fit', () => {
  it.each(['limit=0', 'limit=1001', 'limit=many', 'from=yesterday', 'type=', 'unknown=1', 'attribute=novalue', 'text='])('events?%s is refused, naming the field', async (query) => {
    const { status, body } = await log.get(`/v1/tenants/acme/events?${query}`);
    expect([status, body.code]).toEqual([400, 'invalid-request']);
    expect(JSON.stringify(body.errors)).toContain(query.split('=')[0]);
  });

  it.each(['deliveries?fate=lost', 'deliveries?status=7xx', 'attempts?class=bad', 'attempts?trigger=luck', 'hooks/hook_1/missed', 'hooks/hook_1/missed?event=%20', 'tail?kind=cat'])('%s is refused', async (path) => {
    expect(await codeOf(`/v1/tenants/acme/${path}`)).toEqual([400, 'invalid-request']);
  });
});
