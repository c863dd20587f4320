import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DeliveriesRequested, EventAccepted, Topics } from '@hooklane/contracts/topics';
import { eventMessage } from '../support/rows.js';
import { START_TIMEOUT_MS, startLastingLog, type LastingLog } from '../support/log-service.js';
import { inDatabase } from '../support/in-database.js';
import { delivery, REPLAY_KEY, replayed, type Made } from '../support/replayed.js';

const PATH = '/v1/tenants/acme/replays';
const EVENTS = 12;
let lasting: LastingLog;
let failed: Made[] = [];

beforeAll(async () => {
  lasting = await startLastingLog();
  await lasting.log.key(REPLAY_KEY, { scopes: ['replay', 'log:read'] });
  await lasting.log.hook({ hookId: 'hook_1' });
  for (let index = 0; index < EVENTS; index += 1) failed = [...failed, await delivery(lasting.log, `evt_${index}`, 'exhausted')];
}, START_TIMEOUT_MS);

afterAll(() => lasting.stop());

const create = async (wish: object = {}): Promise<string> => {
  const { status, body } = await lasting.log.post(PATH, { from: new Date(Date.now() - 60_000).toISOString(), onlyLatest: false, fates: ['exhausted'], ...wish }, REPLAY_KEY);
  expect(status).toBe(201);
  return body.id as string;
};
const post = (id: string, change: string, body: object = {}) => lasting.log.post(`${PATH}/${id}/${change}`, body, REPLAY_KEY);
const until = (id: string, state: string) => lasting.log.until(`${PATH}/${id}`, ({ body }) => body.state === state, REPLAY_KEY);
const madeBy = async (id: string): Promise<readonly string[]> => (await replayed(lasting.log)).filter(({ replayId }) => replayId === id).map(({ eventId }) => eventId);
const all = Array.from({ length: EVENTS }, (_, index) => `evt_${index}`);

/** One whose deliveries are not on their way any more: what is pending is left out of the next one. */
async function settleAll(id: string): Promise<void> {
  // All of them have been read: none comes later.
  await lasting.log.until(`${PATH}/${id}`, ({ body }) => body.state === 'done' && body.fates.pending === body.produced, REPLAY_KEY);
  await inDatabase(lasting.log.databaseUrl, 'DELETE FROM log_query.deliveries WHERE replay_id <> $1', ['']);
}

describe('A replay with a rate', () => {
  it('spreads what it makes, and says how far it is', async () => {
    const startMs = Date.now();
    const id = await create({ ratePerSecond: 20 });
    const { body } = await until(id, 'done');
    // Steps of four, with the first at once: 12 take at least two pauses of 200 ms.
    expect(Date.now() - startMs).toBeGreaterThan(390);
    expect(body).toMatchObject({ ratePerSecond: 20, selected: EVENTS, produced: EVENTS, sentence: 'Everything is made.' });
    expect(await madeBy(id)).toEqual(all);
    await settleAll(id);
  });
});

describe('A replay that is paused', () => {
  it('makes nothing more, says who paused it and why, and goes on where it stood', async () => {
    const id = await create({ ratePerSecond: 1 });
    await lasting.log.until(`${PATH}/${id}`, ({ body }) => body.produced === 1, REPLAY_KEY);
    const paused = await post(id, 'pause', { reason: 'lunch' });
    expect(paused).toMatchObject({ status: 200, body: { state: 'paused', changedBy: `key:key_${REPLAY_KEY}`, changeReason: 'lunch', produced: 1, remaining: EVENTS - 1 } });
    expect((await post(id, 'pause')).body).toMatchObject({ state: 'paused', changeReason: 'lunch' });
    await inDatabase(lasting.log.databaseUrl, `UPDATE log_query.replays SET rate_per_second = NULL, next_at = '-infinity' WHERE replay_id = $1`, [id]);
    await lasting.restart();
    expect((await lasting.log.get(`${PATH}/${id}`, REPLAY_KEY)).body).toMatchObject({ state: 'paused', produced: 1 });
    expect(await madeBy(id)).toEqual(['evt_0']);
    expect((await post(id, 'resume')).body.state).toBe('running');
    await until(id, 'done');
    expect(await madeBy(id)).toEqual(all);
    await settleAll(id);
  });
});

describe('A replay that is cancelled', () => {
  it('gives the rest up, visibly', async () => {
    const id = await create({ ratePerSecond: 1 });
    await lasting.log.until(`${PATH}/${id}`, ({ body }) => body.produced === 1, REPLAY_KEY);
    expect((await post(id, 'cancel', { reason: 'mistake' })).body).toMatchObject({ state: 'cancelled' });
    const { body } = await lasting.log.until(`${PATH}/${id}`, ({ body: view }) => view.sentence.includes('were given up'), REPLAY_KEY);
    expect(body).toMatchObject({ produced: 1, remaining: EVENTS - 1, changeReason: 'mistake', sentence: `It was cancelled by key:key_${REPLAY_KEY}: mistake. 11 were given up.` });
    expect(await madeBy(id)).toEqual(['evt_0']);
    expect(await inDatabase(lasting.log.databaseUrl, 'SELECT 1 FROM log_query.replay_items')).toEqual([]);
    await lasting.log.until(`${PATH}/${id}`, ({ body: view }) => view.fates.pending === 1, REPLAY_KEY);
    await inDatabase(lasting.log.databaseUrl, 'DELETE FROM log_query.deliveries WHERE replay_id <> $1', ['']);
  });
});

describe('A restart in the middle of a replay', () => {
  it('repeats the same sequence: what has its number and never reached the log is made, once', async () => {
    const id = await paused();
    await number(id, 3);
    await lasting.restart();
    await post(id, 'resume');
    expect((await until(id, 'done')).body).toMatchObject({ selected: EVENTS, produced: EVENTS });
    expect(await madeBy(id)).toEqual(all);
    await settleAll(id);
  });

  it('finds in the log what had reached it, and does not make it again', async () => {
    const id = await paused();
    const position = await number(id, 3);
    await lasting.log.context.log.append(failed.slice(0, 3).map((made, index) => requestOf(id, made, position + index)));
    const records = (await lasting.log.context.log.bounds(Topics.deliveriesRequested))[0]!.next;
    await lasting.restart();
    await post(id, 'resume');
    expect((await until(id, 'done')).body).toMatchObject({ selected: EVENTS, produced: EVENTS });
    expect(await madeBy(id)).toEqual(all);
    expect((await lasting.log.context.log.bounds(Topics.deliveriesRequested))[0]!.next).toBe(records + EVENTS - 3);
    await settleAll(id);
  });

  it('goes above what the log holds where the database has forgotten its last steps', async () => {
    const id = await paused();
    const forgotten = await number(id, 3);
    await lasting.log.context.log.append(failed.slice(0, 3).map((made, index) => requestOf('rpl_forgotten', made, forgotten + 100 + index, 'hook_2')));
    await inDatabase(lasting.log.databaseUrl, 'UPDATE log_query.replay_items SET position = NULL');
    await inDatabase(lasting.log.databaseUrl, 'UPDATE log_query.replay_streams SET next_position = $1', [forgotten]);
    await lasting.restart();
    await post(id, 'resume');
    await until(id, 'done');
    expect(await madeBy(id)).toEqual(all);
    await settleAll(id);
  });
});

describe('Retention in the middle of a replay', () => {
  it('is counted: what it removed is not made, and the replay says so', async () => {
    const id = await paused();
    await inDatabase(lasting.log.databaseUrl, `DELETE FROM log_query.events WHERE event_id IN ('evt_2', 'evt_7')`);
    await post(id, 'resume');
    const { body } = await until(id, 'done');
    expect(body).toMatchObject({ selected: EVENTS, produced: EVENTS - 2, expired: 2, remaining: 0, sentence: 'Everything is made but 2, which retention removed before their turn came.' });
    expect(await madeBy(id)).toEqual(all.filter((eventId) => eventId !== 'evt_2' && eventId !== 'evt_7'));
  });

  it('leaves out what is older than the tenant keeps, and says so beforehand', async () => {
    const { body } = await lasting.log.post(PATH, { from: '2020-01-01T00:00:00Z', dryRun: true, onlyLatest: false }, REPLAY_KEY);
    expect(Date.parse(body.expiredBefore)).toBeGreaterThan(Date.now() - 31 * 86_400_000);
  });
});

/** Selected, and with nothing made of it. */
async function paused(): Promise<string> {
  const id = `rpl_${(written += 1)}`;
  const selection = { hookIds: ['hook_1'], fromMs: 0, toMs: Date.now(), types: null, projects: null, fates: ['exhausted'], onlyLatest: false };
  await inDatabase(
    lasting.log.databaseUrl,
    `INSERT INTO log_query.replays (replay_id, tenant_id, kind, state, created_at_ms, created_by, reason, changed_at_ms, changed_by, selection, goals, expired_before_ms, is_selected, selected)
     VALUES ($1, 'acme', 'replay', 'paused', $2, 'spec', '', $2, 'spec', $3, '[]', 0, true, $4)`,
    [id, Date.now(), JSON.stringify(selection), EVENTS],
  );
  for (const { offset, eventId, acceptedAtMs } of failed) await inDatabase(lasting.log.databaseUrl, `INSERT INTO log_query.replay_items VALUES ($1, 0, $2, 'hook_1', 1, $3, $4)`, [id, offset, eventId, acceptedAtMs]);
  return id;
}

let written = 0;

/** As a process does that dies before it appends. @returns the first position */
async function number(id: string, count: number): Promise<number> {
  const [row] = await inDatabase(lasting.log.databaseUrl, 'UPDATE log_query.replay_streams SET next_position = next_position + $1 RETURNING next_position', [count]);
  const first = Number(row?.next_position) - count;
  for (let index = 0; index < count; index += 1) {
    await inDatabase(lasting.log.databaseUrl, 'UPDATE log_query.replay_items SET position = $1 WHERE replay_id = $2 AND first_offset = $3', [first + index, id, failed[index]!.offset]);
  }
  return first;
}

function requestOf(replayId: string, made: Made, sourcePosition: number, hookId = 'hook_1') {
  const value = DeliveriesRequested.encode({
    kind: { $case: 'request', value: { tenantId: 'acme', eventId: made.eventId, sourceStream: 'replay/0', sourcePosition, hooks: [{ hookId, version: 1 }], trigger: 'replay', replayId } },
  }).finish();
  return { topic: Topics.deliveriesRequested, partition: 0, key: null, value, attachment: { topic: Topics.eventsAccepted, partition: 0, offset: -1, value: Buffer.from(EventAccepted.encode(eventMessage({ eventId: made.eventId, acceptedAtMs: made.acceptedAtMs })).finish()) } };
}
