import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DeliveryOutcome, EventAccepted } from '@hooklane/contracts/topics';
import { attemptNumber } from '@hooklane/routing';
import { grpcService, type GrpcAnswered } from '@hooklane/service-host/testing';
import { eventuallyPasses } from '@hooklane/testkit';
import { KEY, OTHER_KEY, PUBLISHER_KEY, START_TIMEOUT_MS, startLastingLog, type LastingLog } from '../support/log-service.js';
import { outcomeMessage } from '../support/rows.js';

let lasting: LastingLog;
const NOW_MS = Date.now();

function ask(method: string, request: object, key = KEY): Promise<GrpcAnswered> {
  return grpcService(lasting.log.service.grpcPort!, 'AttemptLogService').call(method, { tenant: 'acme', limit: 10, ...request }, key);
}

interface Item {
  readonly id: string;
  readonly number: number;
  readonly data: string;
}

async function list(request: object, key?: string): Promise<Item[]> {
  const { answer, error } = await ask('listLoggedAttempts', request, key);
  if (error) throw error;
  return (answer!['items'] as { outcome: Buffer; partition: number; offset: number; eventData: Buffer }[]).map(({ outcome, partition, offset, eventData }) => ({
    id: DeliveryOutcome.decode(outcome).attempt?.attemptId ?? '', number: attemptNumber({ partition, offset }), data: eventData.toString(),
  }));
}

const idsOf = async (request: object): Promise<string[]> => (await list(request)).map(({ id }) => id);

/** An attempt: what it is called, whose, when (later by so many milliseconds) and of what kind. */
async function attempt(id: string, hookId: string, partition: number, atMs: number, part: Partial<DeliveryOutcome> = {}): Promise<void> {
  const result = outcomeMessage().attempt!;
  await lasting.log.outcome({ hookId, atMs: NOW_MS - 10_000 + atMs, deliveryId: `dlv_${partition}_${atMs}_${hookId}`, attempt: { ...result, attemptId: id, requestBodyIsEventData: false, requestBody: Buffer.from(id) }, ...part }, partition);
}

beforeAll(async () => {
  lasting = await startLastingLog();
  for (const hookId of ['hook_a', 'hook_b']) await lasting.log.hook({ hookId });
  const event = await lasting.log.event({ eventId: 'evt_1', data: Buffer.from('{"the":"data"}') });
  await attempt('a1', 'hook_a', 2, 1, { project: 'p1' });
  await attempt('b1', 'hook_b', 5, 2, { project: 'p1' });
  await attempt('a2', 'hook_a', 2, 3, { trigger: 'test', deliveryId: '', fate: '', project: 'p2' });
  await attempt('b2', 'hook_b', 5, 3, { project: 'p2' });
  await lasting.log.outcome({ hookId: 'hook_a', atMs: NOW_MS - 9_000, attempt: undefined, fate: 'skipped', deliveryId: 'dlv_2_9_hook_a' }, 2);
  await lasting.log.outcome({ hookId: 'hook_b', atMs: NOW_MS - 8_000, eventAcceptedAtMs: EventAccepted.decode(event.value).acceptedAtMs, deliveryId: 'dlv_5_9_hook_b' }, 5);
  await eventuallyPasses(async () => expect(await idsOf({ hooks: ['hook_a', 'hook_b'] })).toHaveLength(5));
}, START_TIMEOUT_MS * 2);

afterAll(() => lasting.stop());

describe('the log of attempts', () => {
  it('has those of a hook, of all triggers, newest first, without decisions', async () => {
    expect(await idsOf({ hooks: ['hook_a'] })).toEqual(['a2', 'a1']);
  });

  it('has those of several hooks in one order, and of a project', async () => {
    expect(await idsOf({ hooks: ['hook_b', 'hook_a'] })).toEqual(['att_1', 'b2', 'a2', 'b1', 'a1']);
    expect(await idsOf({ hooks: ['hook_a', 'hook_b'], project: 'p1' })).toEqual(['b1', 'a1']);
    expect(await idsOf({ hooks: ['hook_c'] })).toEqual([]);
  });

  it('goes on behind any number, also among those of one millisecond', async () => {
    const seen: string[] = [];
    for (let before = 0; ; ) {
      const [one] = await list({ hooks: ['hook_a', 'hook_b'], before, limit: 1 });
      if (!one) break;
      seen.push(one.id);
      before = one.number;
    }
    expect(seen).toEqual(['att_1', 'b2', 'a2', 'b1', 'a1']);
    expect(await idsOf({ hooks: ['hook_a'], before: 999_999 })).toEqual([]);
  });

  it('has what was sent, also where that was the event\'s data', async () => {
    expect((await list({ hooks: ['hook_b'] })).map(({ id, data }) => [id, data])).toEqual([['att_1', '{"the":"data"}'], ['b2', ''], ['b1', '']]);
  });

  it('finds each by its number, before a rebuild and after it', async () => {
    const all = await list({ hooks: ['hook_a', 'hook_b'] });
    const each = async (): Promise<Item[]> => (await Promise.all(all.map(({ number }) => list({ number })))).flat();
    expect(await each()).toEqual(all);
    await lasting.rebuild();
    await eventuallyPasses(async () => expect(await list({ hooks: ['hook_a', 'hook_b'] })).toEqual(all));
    expect(await each()).toEqual(all);
    expect(await list({ number: all[0]!.number + 1 })).toEqual([]);
  });

  it('counts up to a number', async () => {
    expect((await ask('countLoggedAttempts', { hooks: ['hook_a', 'hook_b', 'hook_c'], atMost: 2, limit: undefined })).answer).toEqual({ items: [{ hook: 'hook_a', count: 2 }, { hook: 'hook_b', count: 2 }] });
  });

  it('is nobody else\'s', async () => {
    const [{ number }] = (await list({ hooks: ['hook_a'] })) as [Item];
    expect([await list({ tenant: 'other', hooks: ['hook_a'] }, OTHER_KEY), await list({ tenant: 'other', number }, OTHER_KEY)]).toEqual([[], []]);
    expect((await ask('countLoggedAttempts', { tenant: 'other', hooks: ['hook_a'], atMost: 2 }, OTHER_KEY)).answer).toEqual({ items: [] });
    const codes = await Promise.all([OTHER_KEY, PUBLISHER_KEY, 'hl_nobody'].map(async (key) => (await ask('listLoggedAttempts', { hooks: ['hook_a'] }, key)).error?.code));
    expect(codes).toEqual([5, 7, 16]);
  });

  it.each([[{}], [{ hooks: ['x'], limit: 11 }], [{ hooks: [''] }], [{ hooks: ['x'], before: -1 }]])('does not understand %j', async (request) => {
    expect((await ask('listLoggedAttempts', request)).error?.code).toBe(3);
  });
});
