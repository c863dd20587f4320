import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KEY, OTHER_KEY, START_TIMEOUT_MS, startLog, type LogUnderTest } from '../support/log-service.js';
import { delivery, REPLAY_KEY, replayed, settle } from '../support/replayed.js';

const PATH = '/v1/tenants/acme/replays';
let log: LogUnderTest;
let from = '';

beforeAll(async () => {
  from = new Date(Date.now() - 1_000).toISOString();
  log = await startLog();
  await log.key(REPLAY_KEY, { scopes: ['replay', 'log:read'] });
  await log.hook({ hookId: 'hook_1' });
  await log.hook({ hookId: 'hook_2' });
  // Accepted by two ingest processes whose clocks differ: the log's order is not that of the times.
  const now = Date.now();
  await delivery(log, 'evt_late-clock', 'exhausted', { reason: 'gave-up', event: { acceptedAtMs: now + 500 } });
  await delivery(log, 'evt_early-clock', 'discarded', { reason: 'backlog-full', event: { acceptedAtMs: now } });
  await delivery(log, 'evt_arrived', 'delivered');
  await delivery(log, 'evt_waiting', 'pending');
  await delivery(log, 'evt_skipped', 'skipped', { reason: 'disabled', event: { type: 'invoice.paid', project: 'p1' } });
  await delivery(log, 'evt_other-hook', 'exhausted', { hookId: 'hook_2' });
  await delivery(log, 'evt_of-the-deleted', 'exhausted', { hookId: 'hook_gone' });
  await delivery(log, 'evt_foreign', 'exhausted', { event: { tenantId: 'other' }, hookId: 'hook_other' });
}, START_TIMEOUT_MS);

afterAll(() => log.stop());

const post = (body: object, headers = {}) => log.post(PATH, { from, to: new Date(Date.now() + 60_000).toISOString(), ...body }, REPLAY_KEY, headers);
const done = (id: string) => log.until(`${PATH}/${id}`, ({ body }) => body.state === 'done', REPLAY_KEY);

describe('POST /v1/tenants/{tenant}/replays', () => {
  it('with dryRun counts what it would make, and makes nothing', async () => {
    await log.until('/v1/tenants/acme/deliveries?limit=100', ({ body }) => body.items.length === 7 && body.items.filter(({ fate }: { fate: string }) => fate === 'pending').length === 1);
    const answers = await Promise.all([{}, { hookIds: ['hook_1'] }, { fates: ['all'] }, { fates: ['delivered'] }, { types: ['invoice.*'] }, { types: ['order.created'], hookIds: ['hook_1'] }, { projects: ['p1'] }, { projects: ['p2'] }].map((wish) => post({ ...wish, dryRun: true })));
    expect(answers.map(({ status, body }) => [status, body.count, body.atLeast])).toEqual([4, 3, 5, 1, 1, 2, 1, 0].map((count) => [200, count, false]));
    expect(await replayed(log)).toEqual([]);
  });

  it('makes deliveries of what did not arrive, in the order of the log, with the bytes and the id of their events', async () => {
    const created = await post({ hookIds: ['hook_1'], reason: 'the receiver was down' }, { 'Idempotency-Key': 'once' });
    expect(created).toMatchObject({ status: 201, body: { kind: 'replay', state: 'selecting', reason: 'the receiver was down', createdBy: `key:key_${REPLAY_KEY}`, ratePerSecond: null, expiredBefore: null } });
    expect(created.headers.get('location')).toBe(`${PATH}/${created.body.id}`);
    const { body } = await done(created.body.id);
    expect(body).toMatchObject({ selected: 3, produced: 3, expired: 0, alreadyPending: 0, remaining: 0, selection: { hookIds: ['hook_1'], fates: ['exhausted', 'discarded', 'skipped'], onlyLatest: true } });
    const made = await replayed(log);
    expect(made.map(({ eventId, hooks, trigger, replayId, sourceStream, tenantId }) => [eventId, hooks.map(({ hookId }) => hookId), trigger, replayId, sourceStream, tenantId])).toEqual(
      ['evt_late-clock', 'evt_early-clock', 'evt_skipped'].map((id) => [id, ['hook_1'], 'replay', created.body.id, 'replay/0', 'acme']),
    );
    expect(made.map(({ event }) => event.data.toString())).toEqual(made.map(({ eventId }) => `{"id":"${eventId}"}`));
    const positions = made.map(({ sourcePosition }) => sourcePosition);
    expect(positions).toEqual([...positions].sort((a, b) => a - b));

    const again = await post({ hookIds: ['hook_1'], reason: 'the receiver was down' }, { 'Idempotency-Key': 'once' });
    expect(again).toMatchObject({ status: 409, body: { type: 'urn:hooklane:problem:id-reused' } });
  });

  it('shows what came of its deliveries as their outcomes come, each a delivery of its own', async () => {
    const id = (await log.get(PATH, REPLAY_KEY)).body.items[0].id as string;
    const [first, second, third] = await replayed(log);
    const pending = await log.until(`${PATH}/${id}`, ({ body }) => body.fates.pending === 3, REPLAY_KEY);
    expect(pending.body.fates).toEqual({ pending: 3, delivered: 0, exhausted: 0, discarded: 0, skipped: 0 });
    for (const [request, fate] of [[first, 'delivered'], [second, 'exhausted'], [third, 'delivered']] as const) {
      await settle(log, { eventId: request!.eventId, offset: request!.offset, acceptedAtMs: request!.event.acceptedAtMs }, fate, { replayId: id, trigger: 'replay' });
    }
    await log.until(`${PATH}/${id}`, ({ body }) => body.fates.delivered === 2 && body.fates.exhausted === 1 && body.fates.pending === 0, REPLAY_KEY);
    const { body } = await log.until(`/v1/tenants/acme/deliveries?trigger=replay`, ({ body: page }) => page.items.length === 3);
    expect(body.items.every(({ replayId }: { replayId: string }) => replayId === id)).toBe(true);
  });

  it('leaves out what an earlier replay brought, unless it is asked for what ever failed', async () => {
    const latest = await post({ hookIds: ['hook_1'], dryRun: true });
    const ever = await post({ hookIds: ['hook_1'], onlyLatest: false, dryRun: true });
    expect([latest.body.count, ever.body.count]).toEqual([1, 3]);
    const replay = await post({ hookIds: ['hook_1'], onlyLatest: false, fates: ['all'] });
    const { body } = await done(replay.body.id);
    expect(body.selected).toBe(4);
    const made = (await replayed(log)).filter(({ replayId }) => replayId === replay.body.id);
    expect(made.map(({ eventId }) => eventId)).toEqual(['evt_late-clock', 'evt_early-clock', 'evt_arrived', 'evt_skipped']);
  });

  it('is nobody else\'s', async () => {
    const id = (await log.get(PATH, REPLAY_KEY)).body.items[0].id as string;
    await log.key('hl_other-replay', { tenantId: 'other', scopes: ['replay'] });
    expect((await log.get(`/v1/tenants/other/replays/${id}`, 'hl_other-replay')).status).toBe(404);
    expect((await log.get(`${PATH}/${id}`, OTHER_KEY)).status).toBe(404);
    expect((await log.get(`${PATH}/${id}`, KEY)).status).toBe(403);
    expect((await log.get('/v1/tenants/other/replays', 'hl_other-replay')).body).toEqual({ items: [], next: null });
  });

  it('pages newest first, with cursors of this list and these filters only', async () => {
    const first = await log.get(`${PATH}?limit=1`, REPLAY_KEY);
    const second = await log.get(`${PATH}?limit=1&cursor=${first.body.next}`, REPLAY_KEY);
    expect(second.body).toMatchObject({ items: [expect.objectContaining({ reason: 'the receiver was down' })], next: null });
    expect((await log.get(`${PATH}?limit=1&state=done&cursor=${first.body.next}`, REPLAY_KEY)).status).toBe(400);
    expect((await log.get(`${PATH}?kind=catch-up`, REPLAY_KEY)).body.items).toEqual([]);
  });
});

describe('POST /v1/tenants/{tenant}/replays refuses', () => {
  it.each([
    ['no times', { from: undefined }, '/from'],
    ['a beginning in the future', { from: '2999-01-01T00:00:00Z', to: undefined }, '/from'],
    ['an end before the beginning', { to: '2020-01-01T00:00:00Z' }, '/to'],
    ['a hook that is not there', { hookIds: ['hook_1', 'hook_9'] }, '/hookIds/1'],
    ['a hook that was never the tenant\'s', { hookIds: ['hook_other'] }, '/hookIds/0'],
    ['pending deliveries', { fates: ['pending'] }, '/fates/0'],
    ['a rate of nothing', { ratePerSecond: 0 }, '/ratePerSecond'],
    ['a type that is none', { types: ['*'] }, '/types/0'],
    ['what it does not know', { fast: true }, '/fast'],
  ])('%s', async (_, wish, pointer) => {
    const { status, body } = await post(wish);
    expect([status, body.errors?.[0]?.pointer]).toEqual([400, pointer]);
  });

  it('a change of a replay that is over', async () => {
    const id = (await log.get(PATH, REPLAY_KEY)).body.items[0].id as string;
    expect(await log.post(`${PATH}/${id}/cancel`, {}, REPLAY_KEY)).toMatchObject({ status: 409, body: { type: 'urn:hooklane:problem:invalid-state' } });
    expect((await log.post(`${PATH}/rpl_0/cancel`, {}, REPLAY_KEY)).status).toBe(404);
  });
});
