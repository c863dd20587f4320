import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DeliveriesRequested, HookChanged, Topics, type LaneCommand } from '@hooklane/contracts/topics';
import { partitionOf } from '@hooklane/event-log';
import pg from 'pg';
import { startRegistry, type RegistryUnderTest } from '../registry-service.js';

describe('what a hook\'s lane is told', () => {
  let registry: RegistryUnderTest;
  beforeAll(async () => {
    registry = await startRegistry({ HOOKLANE_CHANGE_TIMEOUT_MS: '500', HOOKLANE_PARTITIONS: '4' });
    await registry.tenant('acme');
    await registry.tenant('other');
  });
  afterAll(() => registry.stop());

  const path = (id: string, rest = ''): string => `/v1/tenants/acme/hooks/${id}${rest}`;
  const place = (id: string): number => partitionOf(id, registry.context.log.partitionsOf(Topics.deliveriesRequested));
  const delivery = (id: string, of = id): string => `dlv_${place(id)}_3_${of}`;
  const tell = (id: string, command: string, body?: object, headers = {}) => registry.call('POST', path(id, `/lane/${command}`), { body, headers });

  async function* recordsOf(topic: string, partition: number) {
    const { log } = registry.context;
    for await (const records of log.read({ topic, partition, from: 0, to: (await log.bounds(topic))[partition]!.next })) yield* records;
  }
  async function commandsTo(id: string): Promise<LaneCommand[]> {
    const commands: LaneCommand[] = [];
    for await (const { value } of recordsOf(Topics.deliveriesRequested, place(id))) {
      const { kind } = DeliveriesRequested.decode(value);
      if (kind?.$case === 'command' && kind.value.hookId === id) commands.push(kind.value);
    }
    return commands;
  }

  it('202: is in the log of its hook when the answer comes, with the id, the actor and the reason that the history shows; the version stays', async () => {
    const hook = await registry.hook('acme');
    const held = await tell(hook.id, 'hold', { reason: 'the receiver moves' });
    expect(held).toMatchObject({ status: 202, body: { commandId: expect.stringMatching(/^cmd_/) } });
    const retried = await tell(hook.id, 'retry-now', { deliveryId: delivery(hook.id), attempt: 4 }, { 'hooklane-reason': 'it is back' });
    const skipped = await tell(hook.id, 'skip-head', { deliveryId: delivery(hook.id) });
    const released = await tell(hook.id, 'release');
    const { body: history } = await registry.call('GET', path(hook.id, '/history'));
    expect(history.items.slice(1).map(({ type, reason, actor, version, difference: [told] }: Record<string, never> & { difference: { after: object }[] }) => [type, reason, actor, version, told?.after])).toEqual(
      ([['the receiver moves', 'hold', held, {}], ['it is back', 'retry-now', retried, { deliveryId: delivery(hook.id), attempt: 4 }], ['', 'skip-head', skipped, { deliveryId: delivery(hook.id) }], ['', 'release', released, {}]] as const)
        .map(([reason, command, { body }, more]) => ['LaneCommandGiven', reason, expect.stringMatching(/^key:/), 1, { command, commandId: body.commandId, ...more }]),
    );
    expect(await commandsTo(hook.id)).toMatchObject([
      { commandId: held.body.commandId, kind: 'hold', actor: history.items[1].actor, reason: 'the receiver moves', tenantId: 'acme', atMs: Date.parse(history.items[1].at), deliveryId: '', attempt: 0, position: 2 },
      { commandId: retried.body.commandId, kind: 'retry-now', deliveryId: delivery(hook.id), attempt: 4, position: 3 },
      { commandId: skipped.body.commandId, kind: 'skip-head', deliveryId: delivery(hook.id), position: 4 },
      { commandId: released.body.commandId, kind: 'release', position: 5 },
    ]);
    const { headers, body } = await registry.call('GET', path(hook.id));
    expect([headers.get('etag'), body.version, body.updatedAt]).toEqual(['"1"', 1, hook.updatedAt]);
    expect(await registry.call('PATCH', path(hook.id), { body: { name: 'after' }, headers: { 'if-match': '"1"' } })).toMatchObject({ status: 200, body: { version: 2 } });
    await registry.context.directory.caughtUp();
    expect(registry.context.directory.hook(hook.id)).toMatchObject({ name: 'after', version: 2 });
  });

  it('once for one Idempotency-Key', async () => {
    const hook = await registry.hook('acme');
    const first = await tell(hook.id, 'hold', {}, { 'idempotency-key': 'hold-1' });
    expect((await tell(hook.id, 'hold', {}, { 'idempotency-key': 'hold-1' })).body).toEqual(first.body);
    expect(await tell(hook.id, 'hold', { reason: 'else' }, { 'idempotency-key': 'hold-1' })).toMatchObject({ status: 409, body: { code: 'id-reused' } });
    expect(await commandsTo(hook.id)).toHaveLength(1);
  });

  it('400, 409, 412 and 422: what makes no sense is refused by name, and nothing is written', async () => {
    const hook = await registry.hook('acme');
    const others = await registry.hook('acme');
    expect(await tell(hook.id, 'skip-head')).toMatchObject({ status: 400, body: { code: 'invalid-request', errors: [{ pointer: '/deliveryId' }] } });
    expect(await tell(hook.id, 'skip-head', { deliveryId: 'evt_1' })).toMatchObject({ status: 400, body: { errors: [{ pointer: '/deliveryId' }] } });
    expect(await tell(hook.id, 'retry-now', { attempt: 2 })).toMatchObject({ status: 400, body: { errors: [{ pointer: '/attempt' }] } });
    expect(await tell(hook.id, 'hold', { deliveryId: delivery(hook.id) })).toMatchObject({ status: 400, body: { errors: [{ pointer: '/deliveryId' }] } });
    for (const deliveryId of [delivery(hook.id, others.id), `dlv_${place(hook.id) + 1}_3_${hook.id}`, `dlv_${place(hook.id)}_3_4_${hook.id}`]) {
      expect(await tell(hook.id, 'skip-head', { deliveryId })).toMatchObject({ status: 422, body: { code: 'invalid-command', errors: [{ pointer: '/deliveryId' }] } });
    }
    expect(await tell(hook.id, 'release-catch-up')).toMatchObject({ status: 409, body: { code: 'invalid-state' } });
    expect(await tell(hook.id, 'hold', {}, { 'if-match': '"9"' })).toMatchObject({ status: 412 });
    await registry.call('POST', path(hook.id, '/disable'));
    expect(await tell(hook.id, 'retry-now')).toMatchObject({ status: 409, body: { code: 'invalid-state' } });
    expect(await tell(hook.id, 'skip-head', { deliveryId: delivery(hook.id) })).toMatchObject({ status: 409 });
    await registry.call('DELETE', path(hook.id));
    expect(await tell(hook.id, 'hold')).toMatchObject({ status: 404 });
    expect(await tell('hook_none', 'hold')).toMatchObject({ status: 404 });
    expect(await commandsTo(hook.id)).toEqual([]);
  });

  it('404 for another tenant\'s key and under another tenant\'s address, 403 without hooks:write', async () => {
    const hook = await registry.hook('acme');
    const stranger = await registry.key('other', 'admin');
    const reader = await registry.key('acme', 'hooks:read');
    for (const [command, body] of [['retry-now', {}], ['skip-head', { deliveryId: delivery(hook.id) }], ['hold', {}], ['release', {}], ['release-catch-up', {}]] as const) {
      expect([command, (await registry.call('POST', path(hook.id, `/lane/${command}`), { body, key: stranger })).status]).toEqual([command, 404]);
      expect([command, (await registry.call('POST', `/v1/tenants/other/hooks/${hook.id}/lane/${command}`, { body, key: stranger })).status]).toEqual([command, 404]);
      expect([command, (await registry.call('POST', path(hook.id, `/lane/${command}`), { body, key: reader })).body.code]).toEqual([command, 'missing-scope']);
    }
    expect(await commandsTo(hook.id)).toEqual([]);
  });

  it('503 change-not-yet-effective while the log does not take it; the same request again gets the first answer, and the command is there once', async () => {
    const hook = await registry.hook('acme');
    const blocker = new pg.Client({ connectionString: registry.databaseUrl });
    await blocker.connect();
    await blocker.query('BEGIN');
    await blocker.query('LOCK TABLE event_log.records_1 IN ACCESS EXCLUSIVE MODE');
    const refused = await tell(hook.id, 'hold', {}, { 'idempotency-key': 'late' });
    // It stands in the history already; the lane has not been told.
    const { body: history } = await registry.call('GET', path(hook.id, '/history'));
    await blocker.query('ROLLBACK');
    await blocker.end();
    expect(refused).toMatchObject({ status: 503, body: { code: 'change-not-yet-effective', id: hook.id } });
    const again = await tell(hook.id, 'hold', {}, { 'idempotency-key': 'late' });
    expect(again).toMatchObject({ status: 202, body: { commandId: history.items[1].difference[0].after.commandId } });
    expect(await commandsTo(hook.id)).toMatchObject([{ commandId: again.body.commandId }]);
  });

  describe('enabling', () => {
    const newest = async (id: string): Promise<HookChanged> => {
      await registry.context.directory.caughtUp();
      return registry.context.directory.hook(id)!;
    };
    const disable = (id: string) => registry.call('POST', path(id, '/disable'));

    it('with what was missed: the table has the epoch before the lane is told, and both are there when the answer comes', async () => {
      const hook = await registry.hook('acme');
      await disable(hook.id);
      expect(await registry.call('POST', path(hook.id, '/enable'), { body: { catchUp: 'missed', reason: 'mended' } })).toMatchObject({ status: 200, body: { enabled: true, catchUp: 'none' } });
      expect(await newest(hook.id)).toMatchObject({ enabledEpoch: 2, catchUpEpoch: 2, enabled: true });
      const [command, ...more] = await commandsTo(hook.id);
      expect(command).toMatchObject({ commandId: `begin-catch-up/${hook.id}/2`, kind: 'begin-catch-up', epoch: 2, reason: 'mended', actor: expect.stringMatching(/^key:/) });
      expect(more).toEqual([]);
      const times: Record<string, number> = {};
      for await (const record of recordsOf(Topics.hooksChanged, 0)) if (record.key === hook.id && HookChanged.decode(record.value).catchUpEpoch === 2) times['table'] = record.timestampMs;
      for await (const record of recordsOf(Topics.deliveriesRequested, place(hook.id))) times['command'] = record.timestampMs;
      expect(times['table']).toBeLessThanOrEqual(times['command']!);
      const { body: history } = await registry.call('GET', path(hook.id, '/history'));
      expect(history.items[2]).toMatchObject({ type: 'HookEnabled', reason: 'mended', difference: expect.arrayContaining([{ field: 'lane', before: null, after: { command: 'begin-catch-up', epoch: 2 } }]) });
    });

    it('again while it is enabled begins nothing', async () => {
      const hook = await registry.hook('acme');
      await disable(hook.id);
      for (const _ of [1, 2]) expect(await registry.call('POST', path(hook.id, '/enable'), { body: { catchUp: 'missed' } })).toMatchObject({ status: 200, body: { version: 3 } });
      expect(await commandsTo(hook.id)).toHaveLength(1);
    });

    it('as the hook says, unless the request says otherwise; and the same by an update', async () => {
      const hook = await registry.hook('acme', { catchUp: 'missed' });
      await disable(hook.id);
      await registry.call('POST', path(hook.id, '/enable'), { body: { catchUp: 'none' } });
      expect(await newest(hook.id)).toMatchObject({ enabledEpoch: 2, catchUpEpoch: 0 });
      await disable(hook.id);
      await registry.call('POST', path(hook.id, '/enable'));
      expect(await newest(hook.id)).toMatchObject({ enabledEpoch: 3, catchUpEpoch: 3 });
      await disable(hook.id);
      await registry.call('PATCH', path(hook.id), { body: { enabled: true } });
      expect(await newest(hook.id)).toMatchObject({ enabledEpoch: 4, catchUpEpoch: 4 });
      await disable(hook.id);
      await registry.call('PATCH', path(hook.id), { body: { enabled: true, catchUp: 'none' } });
      expect(await newest(hook.id)).toMatchObject({ enabledEpoch: 5, catchUpEpoch: 4 });
      expect((await commandsTo(hook.id)).map(({ epoch }) => epoch)).toEqual([3, 4]);
      expect(await tell(hook.id, 'release-catch-up')).toMatchObject({ status: 409 });
    });

    it('and ending the catch-up names its epoch', async () => {
      const hook = await registry.hook('acme', { enabled: false });
      await registry.call('POST', path(hook.id, '/enable'), { body: { catchUp: 'missed' } });
      expect((await tell(hook.id, 'release-catch-up')).status).toBe(202);
      expect((await commandsTo(hook.id)).map(({ kind, epoch }) => [kind, epoch])).toEqual([['begin-catch-up', 1], ['release-catch-up', 1]]);
    });
  });
});
