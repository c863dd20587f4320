import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventAccepted } from '@hooklane/contracts/topics';
import { PLATFORM_KEY, START_TIMEOUT_MS, startLastingLog, type LastingLog } from '../support/log-service.js';
import { allPages } from '../support/pages.js';
import { outcomeMessage } from '../support/rows.js';
import { readTail, type Frame } from '../support/tail-reader.js';

let lasting: LastingLog;
/** A place in the live log before everything that the specs write. */
let beginning: string;

beforeAll(async () => {
  lasting = await startLastingLog();
  const reader = await readTail(lasting.log);
  beginning = (await reader.next()).id;
  reader.breakOff();
  await history();
}, START_TIMEOUT_MS * 2);

afterAll(() => lasting.stop());

const EVENTS = 30;
const DELIVERIES = 24;
const ATTEMPTS = 12;
const MOMENT_MS = Date.now() - 10_000;
/** In another order than the log's, so that the order of writing is not the order in which they are read again. */
const PARTITIONS = [5, 2, 7, 0];
const HOOKS = 3;
/** A hook lives in one partition. */
const hooksOf = (partition: number): string[] => Array.from({ length: HOOKS }, (_, index) => `hook_${partition}_${index}`);

/** What came one after the other, and then, in one millisecond, the same again and again in several partitions. */
async function history(): Promise<void> {
  const { log } = lasting;
  await log.hook({ hookId: 'hook_1' });
  await log.hook({ hookId: 'hook_2', eventTypes: ['invoice.*'] });
  await log.incident({ tenantId: 'acme' });
  for (let index = 0; index < EVENTS; index += 1) await oneByOne(index);
  let deliveries = DELIVERIES;
  for (const partition of PARTITIONS) {
    await atOnce(partition);
    deliveries += 5 * HOOKS;
    await settled(deliveries);
  }
}

async function oneByOne(index: number): Promise<void> {
  const { log } = lasting;
  const event = await log.event({ eventId: `evt_${index}` });
  const { acceptedAtMs: eventAcceptedAtMs } = EventAccepted.decode(event.value);
  if (index % 5 === 4) {
    await log.outcome({ eventId: `evt_${index}`, hookId: '', deliveryId: '', attempt: undefined, fate: 'matched-nothing', eventAcceptedAtMs });
    return;
  }
  const requestOffset = await log.request(event, ['hook_1'], { sourcePosition: index });
  if (index % 3 === 0) await log.request(event, ['hook_1'], { sourcePosition: index });
  const own = { eventId: `evt_${index}`, requestOffset, deliveryId: `dlv_0_${requestOffset}_hook_1`, eventAcceptedAtMs };
  if (index % 2 === 0) await log.outcome({ ...own, attempt: { ...outcomeMessage().attempt!, attemptId: `att_${index}` } });
  else await log.outcome({ ...own, attempt: undefined, fate: 'skipped', fateReason: 'disabled' });
}

async function atOnce(partition: number): Promise<void> {
  const { log } = lasting;
  for (let index = 0; index < 5; index += 1) {
    const eventId = `evt_${partition}_${index}`;
    const event = await log.event({ eventId, acceptedAtMs: MOMENT_MS, incarnation: `ingest-${partition}` }, partition);
    const requestOffset = await log.request(event, hooksOf(partition), { sourceStream: `lineage/${partition}` }, partition);
    for (const hookId of hooksOf(partition)) {
      const own = { eventId, hookId, requestOffset, deliveryId: `dlv_${partition}_${requestOffset}_${hookId}`, eventAcceptedAtMs: MOMENT_MS, atMs: MOMENT_MS + 1 };
      const attempt = { ...outcomeMessage().attempt!, attemptId: `att_${partition}_${index}_${hookId}` };
      if (index === 3) await log.outcome({ ...own, attempt: { ...attempt, outcomeClass: 'unavailable', status: 503 }, fate: 'exhausted', fateReason: 'gave-up' }, partition);
      else await log.outcome({ ...own, attempt }, partition);
    }
  }
}

/** Everything is shown, with its fate. */
async function settled(deliveries: number): Promise<void> {
  const { log } = lasting;
  await log.until('/v1/tenants/acme/deliveries?limit=1000', ({ body }) => body.items.length === deliveries && body.items.every(({ fate }: { fate: string }) => fate !== 'pending'));
  await log.until('/v1/tenants/acme/events?limit=1000', ({ body }) => body.items.length === EVENTS + (deliveries - DELIVERIES) / HOOKS);
  await log.until('/v1/tenants/acme/attempts?limit=1000', ({ body }) => body.items.length === ATTEMPTS + deliveries - DELIVERIES);
  await log.until('/v1/tenants/acme/events/evt_29', ({ body }) => body.matching === 'matched-nothing');
  await log.until('/v1/incidents', ({ body }) => body.items.length === 1, PLATFORM_KEY);
  await log.until('/v1/tenants/acme/hooks/hook_2/missed?event=evt_3', ({ body }) => body.verdict === 'not-matched');
}

const everythingSettled = (): Promise<void> => settled(DELIVERIES + PARTITIONS.length * 5 * HOOKS);

const paths = [
  ...Array.from({ length: EVENTS }, (_, index) => `tenants/acme/events/evt_${index}`), ...PARTITIONS.map((partition) => `tenants/acme/events/evt_${partition}_3`),
  'tenants/acme/hooks/hook_2/missed?event=evt_3', 'tenants/acme/hooks/hook_2/missed?event=evt_7_1', 'tenants/acme/attempts/att_7_3_hook_7_2', 'incidents',
];
const lists = [
  'events', 'events?type=order.created', 'events?text=n', 'deliveries', 'deliveries?hook=hook_7_1', 'deliveries?fate=skipped', 'deliveries?fate=exhausted', 'deliveries?status=2xx', 'deliveries?event=evt_7_2',
  'deliveries?hook=hook_2_0&fate=exhausted', 'attempts', 'attempts?class=success', 'attempts?class=unavailable', 'attempts?hook=hook_1', 'attempts?hook=hook_7_1&class=unavailable', 'attempts?event=evt_5_1',
];
const PAGE = 7;

async function answers(): Promise<Record<string, unknown>> {
  const get = (path: string) => lasting.log.get(path, PLATFORM_KEY);
  const all = await Promise.all(paths.map(async (path) => [path, (await get(`/v1/${path}`)).body] as const));
  const listed = await Promise.all(lists.map(async (list) => [list, await allPages(get, `/v1/tenants/acme/${list}`, PAGE)] as const));
  return Object.fromEntries([...all, ...listed]);
}

/** What the live log shows behind a place, with the places. */
async function followed(place: string, count: number): Promise<readonly Omit<Frame, 'id'>[]> {
  const reader = await readTail(lasting.log, '', place);
  const items = await reader.items(count);
  reader.breakOff();
  return items;
}

describe('Dropping and rebuilding the read models', () => {
  it('changes no answer, and neither does a restart', async () => {
    await everythingSettled();
    const before = await answers();
    expect((before['events'] as unknown[][]).length).toBe(Math.ceil((EVENTS + PARTITIONS.length * 5) / PAGE));
    await lasting.restart();
    expect(await answers()).toEqual(before);
    await lasting.rebuild((pool) => pool.query('TRUNCATE log_query.hook_versions, log_query.tenants, log_query.incidents'));
    await everythingSettled();
    expect(await answers()).toEqual(before);
  }, START_TIMEOUT_MS * 3);

  it.each([['events', PAGE], ['deliveries', PAGE], ['deliveries?hook=hook_7_1', 2], ['attempts?class=success', PAGE]])('leaves the cursors of %s where they were', async (list, limit) => {
    const path = `/v1/tenants/acme/${list}${list.includes('?') ? '&' : '?'}limit=${limit}`;
    // The last page but one ends within the millisecond that many share.
    let last = await lasting.log.get(path);
    let cursor = '';
    while (last.body.next !== null) {
      cursor = last.body.next as string;
      last = await lasting.log.get(`${path}&cursor=${cursor}`);
    }
    expect(cursor).not.toBe('');
    await lasting.rebuild();
    await everythingSettled();
    expect((await lasting.log.get(`${path}&cursor=${cursor}`)).body.items).toEqual(last.body.items);
  }, START_TIMEOUT_MS * 2);

  it('leaves who follows the live log where they were, also at once, while it is built', async () => {
    const count = EVENTS + DELIVERIES + PARTITIONS.length * 5 * (1 + HOOKS);
    const before = await followed(beginning, count) as readonly Frame[];
    await lasting.rebuild();
    const [middle] = before.slice(40);
    expect(withoutPlace(await followed(middle!.id, count - 41))).toEqual(withoutPlace(before.slice(41)));
    await lasting.log.event({ eventId: 'evt_after_all', incarnation: 'ingest-after-all' });
    expect(await followed(before.at(-1)!.id, 1)).toMatchObject([{ data: { id: 'evt_after_all' } }]);
  }, START_TIMEOUT_MS * 2);
});

/** A place is sealed anew each time it is given. */
function withoutPlace(frames: readonly Omit<Frame, 'id'>[]): readonly unknown[] {
  return frames.map(({ event, data }) => ({ event, data }));
}
