import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventAccepted } from '@hooklane/contracts/topics';
import { KEY, START_TIMEOUT_MS, startLog, type LogUnderTest } from '../support/log-service.js';
import { readTail } from '../support/tail-reader.js';

let log: LogUnderTest;

beforeAll(async () => {
  log = await startLog();
}, START_TIMEOUT_MS);

afterAll(() => log.stop());

describe('GET /v1/tenants/{tenant}/tail', () => {
  it('ends when its key is revoked, before anything that came later', async () => {
    await log.key('hl_key-to-be-revoked', {});
    const reader = await readTail(log, '', undefined, 'hl_key-to-be-revoked');
    await reader.next();
    await log.key('hl_key-to-be-revoked', { revoked: true });
    await log.event({ eventId: 'evt_after_the_key' });
    await expect(reader.items(1)).rejects.toThrow('the stream has ended');
  });

  it('shows what is logged from now on, and nothing of another tenant', async () => {
    const reader = await readTail(log);
    await reader.next();
    await log.event({ eventId: 'evt_foreign', tenantId: 'other' });
    const event = await log.event({ eventId: 'evt_live' });
    const offset = await log.request(event, ['hook_1', 'hook_2']);
    const { acceptedAtMs: eventAcceptedAtMs } = EventAccepted.decode(event.value);
    await log.outcome({ eventId: 'evt_live', requestOffset: offset, deliveryId: `dlv_0_${offset}_hook_1`, eventAcceptedAtMs });
    await log.outcome({ eventId: 'evt_live', hookId: 'hook_2', requestOffset: offset, deliveryId: `dlv_0_${offset}_hook_2`, eventAcceptedAtMs, attempt: undefined, fate: 'skipped', fateReason: 'disabled' });
    const items = await reader.items(3);
    reader.breakOff();
    expect(items.map(({ event: kind, data }) => [kind, data.id ?? data.deliveryId]).toSorted()).toEqual([['attempt', 'att_1'], ['decision', `dlv_0_${offset}_hook_2`], ['event', 'evt_live']]);
  });

  it('goes on behind Last-Event-ID without gap or repeat, however often it breaks off', async () => {
    const start = await readTail(log, '?kind=event');
    let place = (await start.next()).id;
    start.breakOff();
    const seen: string[] = [];
    let written = 0;
    const writing = (async () => {
      for (; written < 200; written += 1) await log.event({ eventId: `evt_${written}`, incarnation: 'tail', sequence: written + 1 });
    })();
    while (seen.length < 200) {
      const reader = await readTail(log, '?kind=event', place);
      for (const { id, data } of await reader.items(Math.min(17, 200 - seen.length))) {
        seen.push(data.id as string);
        place = id;
      }
      reader.breakOff();
    }
    await writing;
    expect(seen).toEqual(Array.from({ length: 200 }, (_, index) => `evt_${index}`));
  });

  it('filters by kind, hook, type, project and class', async () => {
    const readers = await Promise.all(['?kind=attempt', '?hook=hook_9', '?type=rare.one', '?project=p9', '?class=rejected'].map((query) => readTail(log, query)));
    for (const reader of readers) await reader.next();
    await log.event({ eventId: 'evt_common' });
    await log.event({ eventId: 'evt_rare', type: 'rare.one', project: 'p9' });
    await log.outcome({ eventId: 'evt_common', hookId: 'hook_9', deliveryId: '', fate: '', trigger: 'test' });
    await log.outcome({ eventId: 'evt_rare', hookId: 'hook_8', deliveryId: '', fate: '', trigger: 'test', eventType: 'rare.one', project: 'p9', attempt: { ...(await import('../support/rows.js')).outcomeMessage().attempt!, attemptId: 'att_rejected', outcomeClass: 'rejected', status: 404 } });
    const first = await Promise.all(readers.map(async (reader) => (await reader.items(1))[0]));
    for (const reader of readers) reader.breakOff();
    expect(first.map((frame) => frame?.data.hookId ?? frame?.data.id)).toEqual(['hook_9', 'hook_9', 'evt_rare', 'evt_rare', 'hook_8']);
  });

  it('refuses a place that is not one of its own', async () => {
    const refuse = async (id: string) => (await fetch(`${log.url}/v1/tenants/acme/tail`, { headers: { authorization: `Bearer ${KEY}`, 'last-event-id': id } })).status;
    expect(await refuse('12345')).toBe(400);
    const reader = await readTail(log);
    const { id } = await reader.next();
    reader.breakOff();
    expect(await refuse(id.slice(0, -2) + (id.endsWith('AA') ? 'BB' : 'AA'))).toBe(400);
  });
});

describe('LogService.Tail', () => {
  it('streams the same over gRPC', async () => {
    const following = log.follow({ tenant: 'acme', kind: 'event' }, 2);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await log.event({ eventId: 'evt_grpc' });
    const [place, item] = await following;
    expect(place).toMatchObject({ cursor: expect.any(String) });
    expect(item).toMatchObject({ entry: 'event', event: { id: 'evt_grpc' } });
    await log.event({ eventId: 'evt_grpc_2' });
    const [, again] = await log.follow({ tenant: 'acme', kind: 'event', after: (item as { cursor: string }).cursor }, 2);
    expect(again).toMatchObject({ event: { id: 'evt_grpc_2' } });
  });
});
