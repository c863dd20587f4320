import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DeliveriesRequested, Topics, type LaneCommand } from '@hooklane/contracts/topics';
import { START_TIMEOUT_MS, startLastingLog, type LastingLog } from '../support/log-service.js';
import { inDatabase } from '../support/in-database.js';
import { commands, delivery, REPLAY_KEY, replayed, settle } from '../support/replayed.js';

const PATH = '/v1/tenants/acme/replays';
let lasting: LastingLog;
let skips = 0;

beforeAll(async () => {
  lasting = await startLastingLog();
  await lasting.log.key(REPLAY_KEY, { scopes: ['replay', 'log:read'] });
}, START_TIMEOUT_MS);

afterAll(() => lasting.stop());

const pathOf = (hookId: string, epoch: number): string => `${PATH}/${encodeURIComponent(`catch-up/${hookId}/${epoch}`)}`;
const until = (hookId: string, epoch: number, state: string) => lasting.log.until(pathOf(hookId, epoch), ({ body }) => body.state === state, REPLAY_KEY);
const madeFor = async (hookId: string, epoch: number): Promise<readonly string[]> => (await replayed(lasting.log)).filter(({ replayId }) => replayId === `catch-up/${hookId}/${epoch}`).map(({ eventId }) => eventId);
const endsOf = async (hookId: string): Promise<readonly LaneCommand[]> => (await commands(lasting.log)).filter((command) => command.hookId === hookId && command.kind === 'end-catch-up');

/** A hook as the registry has it: enabled and disabled by turns. */
async function hook(hookId: string, version: number, enabled: boolean, enabledEpoch: number, catchUpEpoch: number): Promise<void> {
  await lasting.log.hook({ hookId, version, enabled, enabledEpoch, catchUpEpoch });
}

/** Events that came while version `hookVersion` of the hook was disabled. */
async function skipped(hookId: string, hookVersion: number, count: number): Promise<readonly string[]> {
  const ids = Array.from({ length: count }, () => `evt_skipped-${(skips += 1)}`);
  for (const id of ids) await delivery(lasting.log, id, 'skipped', { hookId, reason: 'disabled', hookVersion });
  return ids;
}

/** What the registry and the lane's owner write when a hook is enabled with what it has missed. @returns the offset of the command */
async function opened(hookId: string, epoch: number, positions: Readonly<Record<string, number>> = {}): Promise<number> {
  const command: LaneCommand = { commandId: `begin/${hookId}/${epoch}`, tenantId: 'acme', hookId, kind: 'begin-catch-up', deliveryId: '', attempt: 0, epoch, actor: 'key:k', reason: '', atMs: Date.now(), position: 0 };
  const [offset] = await lasting.log.context.log.append([{ topic: Topics.deliveriesRequested, partition: 0, key: null, value: DeliveriesRequested.encode({ kind: { $case: 'command', value: command } }).finish() }]);
  await answered(hookId, epoch, offset ?? -1, positions);
  return offset ?? -1;
}

async function answered(hookId: string, epoch: number, commandOffset: number, positions: Readonly<Record<string, number>> = {}): Promise<void> {
  await lasting.log.outcome({ hookId, eventId: '', deliveryId: '', requestOffset: 0, eventType: '', attempt: undefined, fate: '', eventAcceptedAtMs: 0, catchUpOpened: { epoch, commandOffset, positions } });
}

describe('A lane that is ready for what its hook has missed', () => {
  it('gets every delivery that was skipped while the hook was disabled, in order, and then the end', async () => {
    await hook('hook_1', 1, true, 1, 0);
    await delivery(lasting.log, 'evt_before', 'delivered');
    await delivery(lasting.log, 'evt_failed', 'exhausted');
    await hook('hook_1', 2, false, 1, 0);
    const missed = await skipped('hook_1', 2, 5);
    await skipped('hook_other', 2, 1);
    await hook('hook_1', 3, true, 2, 2);
    const border = await opened('hook_1', 2);
    await delivery(lasting.log, 'evt_live', 'pending');
    const { body } = await until('hook_1', 2, 'done');
    expect(body).toMatchObject({ id: 'catch-up/hook_1/2', kind: 'catch-up', selected: 5, produced: 5, createdBy: 'hooklane', selection: { hookIds: ['hook_1'], from: null, to: null } });
    const made = (await replayed(lasting.log)).filter(({ replayId }) => replayId === 'catch-up/hook_1/2');
    expect(made.map(({ eventId }) => eventId)).toEqual(missed);
    expect(made.every(({ trigger, offset }) => trigger === 'catch-up' && offset > border)).toBe(true);
    expect(await endsOf('hook_1')).toEqual([expect.objectContaining({ tenantId: 'acme', epoch: 2, actor: 'hooklane', reason: 'catch-up/hook_1/2 is done' })]);
    expect((await lasting.log.get(`${PATH}?kind=catch-up`, REPLAY_KEY)).body.items).toHaveLength(1);
  });

  it('gets it once, however often that is said', async () => {
    const before = await madeFor('hook_1', 2);
    await answered('hook_1', 2, 0);
    await delivery(lasting.log, 'evt_marker', 'delivered');
    await lasting.log.until('/v1/tenants/acme/deliveries?event=evt_marker&fate=delivered', ({ body }) => body.items.length === 1);
    await lasting.restart();
    expect(await madeFor('hook_1', 2)).toEqual(before);
    expect(await endsOf('hook_1')).toHaveLength(1);
  });

  it('gets again what was skipped while it caught up, and nothing of the time before', async () => {
    await hook('hook_1', 4, false, 2, 2);
    const [first, second, ...others] = (await replayed(lasting.log)).filter(({ replayId }) => replayId === 'catch-up/hook_1/2');
    for (const { eventId, offset, event } of others) await settle(lasting.log, { eventId, offset, acceptedAtMs: event.acceptedAtMs }, 'skipped', { fateReason: 'disabled', hookVersion: 4, trigger: 'catch-up', replayId: 'catch-up/hook_1/2' });
    for (const request of [first!, second!]) await settle(lasting.log, { eventId: request.eventId, offset: request.offset, acceptedAtMs: request.event.acceptedAtMs }, 'delivered', { trigger: 'catch-up', replayId: 'catch-up/hook_1/2' });
    const later = await skipped('hook_1', 4, 2);
    await hook('hook_1', 5, true, 3, 3);
    await opened('hook_1', 3);
    await until('hook_1', 3, 'done');
    expect(await madeFor('hook_1', 3)).toEqual([...others.map(({ eventId }) => eventId), ...later]);
  });

  it('gets nothing that was skipped before an enabling that asked for nothing', async () => {
    await hook('hook_2', 1, true, 1, 0);
    await hook('hook_2', 2, false, 1, 0);
    await skipped('hook_2', 2, 3);
    await hook('hook_2', 3, true, 2, 0);
    await hook('hook_2', 4, false, 2, 0);
    const wanted = await skipped('hook_2', 4, 2);
    await hook('hook_2', 5, true, 3, 3);
    await opened('hook_2', 3);
    await until('hook_2', 3, 'done');
    expect(await madeFor('hook_2', 3)).toEqual(wanted);
  });
});

describe('A catch-up waits', () => {
  it('until the events that were named have been read, and says so', async () => {
    await hook('hook_3', 1, true, 1, 0);
    await hook('hook_3', 2, false, 1, 0);
    const wanted = await skipped('hook_3', 2, 2);
    await hook('hook_3', 3, true, 2, 2);
    const lineage = lasting.log.context.directory.lineage(Topics.eventsAccepted)?.lineageId ?? '';
    expect(lineage).not.toBe('');
    const { next } = (await lasting.log.context.log.bounds(Topics.eventsAccepted))[0]!;
    await opened('hook_3', 2, { [`${lineage}/0`]: next, 'replay/0': 1_000_000, 'another-lineage/0': 1_000_000 });
    await lasting.log.until(pathOf('hook_3', 2), ({ body }) => body.state === 'selecting' && body.sentence.includes('1 partitions to go'), REPLAY_KEY);
    await lasting.restart();
    expect(await madeFor('hook_3', 2)).toEqual([]);
    await lasting.log.event({ eventId: 'evt_that-was-named', incarnation: 'another' });
    await until('hook_3', 2, 'done');
    expect(await madeFor('hook_3', 2)).toEqual(wanted);
  });

  it('for the version of the hook that asked for it', async () => {
    await hook('hook_4', 1, true, 1, 0);
    await hook('hook_4', 2, false, 1, 0);
    const wanted = await skipped('hook_4', 2, 2);
    await opened('hook_4', 2);
    await lasting.log.until(pathOf('hook_4', 2), ({ body }) => body.sentence === 'It waits for the version of the hook that asked for it.', REPLAY_KEY);
    await hook('hook_4', 3, true, 2, 2);
    await until('hook_4', 2, 'done');
    expect(await madeFor('hook_4', 2)).toEqual(wanted);
  });
});

describe('A catch-up that does not come to its end lets the lane go', () => {
  it('when a person cancels it, with their reason', async () => {
    await waiting('hook_5');
    await lasting.log.post(`${pathOf('hook_5', 2)}/cancel`, { reason: 'no longer needed' }, REPLAY_KEY);
    await lasting.log.until(pathOf('hook_5', 2), ({ body }) => body.state === 'cancelled' && body.changeReason === 'no longer needed', REPLAY_KEY);
    expect(await endOf('hook_5')).toMatchObject({ epoch: 2, reason: 'catch-up/hook_5/2 is cancelled: no longer needed' });
    // It was not completed, so the next one begins where it began.
    await hook('hook_5', 4, false, 2, 2);
    await hook('hook_5', 5, true, 3, 3);
    await opened('hook_5', 3);
    expect((await until('hook_5', 3, 'done')).body.selected).toBe(2);
  });

  it('when a person lets the lane go', async () => {
    await waiting('hook_9');
    const command: LaneCommand = { commandId: 'cmd_1', tenantId: 'acme', hookId: 'hook_9', kind: 'release-catch-up', deliveryId: '', attempt: 0, epoch: 2, actor: 'key:someone', reason: 'live is what counts', atMs: Date.now(), position: 0 };
    await lasting.log.context.log.append([{ topic: Topics.deliveriesRequested, partition: 0, key: null, value: DeliveriesRequested.encode({ kind: { $case: 'command', value: command } }).finish() }]);
    expect((await until('hook_9', 2, 'cancelled')).body).toMatchObject({ changedBy: 'key:someone', changeReason: 'The lane was released: live is what counts' });
    expect(await endOf('hook_9')).toMatchObject({ epoch: 2 });
  });

  it('when the hook is disabled again', async () => {
    await waiting('hook_6');
    await hook('hook_6', 4, false, 2, 2);
    const { body } = await until('hook_6', 2, 'cancelled');
    expect(body).toMatchObject({ changedBy: 'hooklane', changeReason: 'The hook was disabled again.' });
    expect(await endOf('hook_6')).toMatchObject({ epoch: 2 });
  });

  it('when the hook is deleted', async () => {
    await waiting('hook_7');
    await lasting.log.hook({ hookId: 'hook_7', version: 4, deleted: true });
    expect((await until('hook_7', 2, 'cancelled')).body.changeReason).toBe('The hook was deleted.');
    expect(await endOf('hook_7')).toMatchObject({ epoch: 2 });
  });

  it('when the process dies between the last delivery and the end', async () => {
    await waiting('hook_8');
    await inDatabase(lasting.log.databaseUrl, `UPDATE log_query.replays SET state = 'running', is_selected = true WHERE hook_id = 'hook_8'`);
    await lasting.restart();
    await until('hook_8', 2, 'done');
    expect(await endOf('hook_8')).toMatchObject({ epoch: 2 });
  });
});

/** One that waits for an event that does not come. */
async function waiting(hookId: string): Promise<void> {
  await hook(hookId, 1, true, 1, 0);
  await hook(hookId, 2, false, 1, 0);
  await skipped(hookId, 2, 2);
  await hook(hookId, 3, true, 2, 2);
  const lineage = lasting.log.context.directory.lineage(Topics.eventsAccepted)?.lineageId ?? '';
  await opened(hookId, 2, { [`${lineage}/1`]: 1_000_000 });
  await lasting.log.until(pathOf(hookId, 2), ({ body }) => body.state === 'selecting', REPLAY_KEY);
}

async function endOf(hookId: string): Promise<LaneCommand | undefined> {
  await lasting.log.until(`${PATH}?limit=100`, () => true, REPLAY_KEY);
  for (let left = 100; left > 0; left -= 1) {
    const [end] = await endsOf(hookId);
    if (end) return end;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return undefined;
}
