import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { START_TIMEOUT_MS, startLog, type LogUnderTest } from '../support/log-service.js';
import { allPages } from '../support/pages.js';

let log: LogUnderTest;
const EVENTS = '/v1/tenants/acme/events';
const BASE_MS = Date.now() - 60_000;

beforeAll(async () => {
  log = await startLog({ environment: { LOG_QUERY_ROWS_SCANNED: '100' } });
  for (let index = 0; index < 60; index += 1) {
    await log.event({
      eventId: `evt_${String(index).padStart(3, '0')}`,
      // Several of the same millisecond.
      acceptedAtMs: BASE_MS + Math.floor(index / 3) * 1_000,
      type: index % 10 === 0 ? 'invoice.paid' : 'order.created',
      project: index % 2 === 0 ? 'even' : '',
      attributes: index === 7 ? { region: 'eu', note: 'a=b' } : {},
      data: Buffer.from(JSON.stringify({ index, word: index === 11 ? 'Nadel im Heuhaufen' : 'straw' })),
    });
  }
  await log.until(`${EVENTS}?limit=100`, ({ body }) => body.items.length === 60);
}, START_TIMEOUT_MS);

afterAll(() => log.stop());

const idsOf = async (path: string, limit: number, between?: () => Promise<void>): Promise<string[]> => (await allPages(log.get, path, limit, between)).flat().map(({ id }) => id);

describe('GET /v1/tenants/{tenant}/events', () => {
  it('pages newest first, each event once, also while new ones arrive', async () => {
    let late = 0;
    const ids = await idsOf(EVENTS, 7, async () => {
      await log.event({ eventId: `evt_late_${++late}`, acceptedAtMs: Date.now() });
      // Also one that is accepted before what was already shown, read late: it must not shift the pages.
      await log.event({ eventId: `evt_between_${late}`, acceptedAtMs: BASE_MS + 19_500 });
    });
    const first = ids.filter((id) => /^evt_\d/.test(id));
    expect(first).toHaveLength(60);
    expect(new Set(ids).size).toBe(ids.length);
    // Within a millisecond the order of the log decides.
    expect(first).toEqual(first.toSorted().reverse());
  });

  it.each([
    ['type=invoice.paid', (index: number) => index % 10 === 0],
    ['project=even', (index: number) => index % 2 === 0],
    ['attribute=region=eu', (index: number) => index === 7],
    ['attribute=note=a=b', (index: number) => index === 7],
    ['attribute=region=e', () => false],
    ['attribute=eu=region', () => false],
    ['text=Heuhaufen', (index: number) => index === 11],
    ['text=order.created', () => false],
    ['type=invoice.paid&project=even&text=straw', (index: number) => index % 10 === 0],
  ])('filters by %s', async (query, fits) => {
    const expected = Array.from({ length: 60 }, (_, index) => index).filter(fits).map((index) => `evt_${String(index).padStart(3, '0')}`);
    expect((await idsOf(`${EVENTS}?${query}`, 3)).filter((id) => /^evt_\d/.test(id)).toSorted()).toEqual(expected);
  });

  it('filters by a range of time: from is in it, to is not', async () => {
    const range = `from=${new Date(BASE_MS + 1_000).toISOString()}&to=${new Date(BASE_MS + 3_000).toISOString()}`;
    expect(await idsOf(`${EVENTS}?${range}`, 2)).toEqual(['evt_008', 'evt_007', 'evt_006', 'evt_005', 'evt_004', 'evt_003']);
  });

  it('answers a filter that finds little in bounded steps, and still finds everything', async () => {
    for (let index = 0; index < 250; index += 1) await log.event({ eventId: `evt_more_${index}`, acceptedAtMs: BASE_MS + 30_000, type: 'more.of.them' });
    await log.until(`${EVENTS}?limit=1000&type=more.of.them&from=${new Date(BASE_MS + 30_000).toISOString()}`, ({ body }) => body.items.length > 0);
    const first = await log.until(`${EVENTS}?text=Heuhaufen`, ({ body }) => body.items.length === 0 && body.next !== null);
    expect(first.body.next).toEqual(expect.any(String));
    expect(await idsOf(`${EVENTS}?text=Heuhaufen`, 50)).toEqual(['evt_011']);
  });

  it('says what has expired when it is asked for', async () => {
    const { body } = await log.get(`${EVENTS}?from=2020-01-01T00:00:00Z&limit=1`);
    expect(Date.parse(body.expiredBefore)).toBeGreaterThan(Date.now() - 31 * 86_400_000);
    expect((await log.get(`${EVENTS}?limit=1`)).body.expiredBefore).toBeNull();
  });
});
