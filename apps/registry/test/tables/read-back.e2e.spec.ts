import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DeliveriesRequested, HookChanged, IncidentChanged, Topics } from '@hooklane/contracts/topics';
import type { AppendRecord, EventLog } from '@hooklane/event-log';
import { PostgresEventStore } from '@hooklane/event-sourcing/postgres';
import { DataSource } from 'typeorm';
import { TableWatch } from '../../src/adapters/table-watch.js';
import { startRegistry, type RegistryUnderTest } from '../registry-service.js';

describe('the registry reads its own tables back', () => {
  let registry: RegistryUnderTest;
  beforeAll(async () => {
    registry = await startRegistry();
    await registry.tenant('acme');
  });
  afterAll(() => registry.stop());

  async function records(topic: string): Promise<{ key: string | null; value: Buffer }[]> {
    const { log } = registry.context;
    const found: { key: string | null; value: Buffer }[] = [];
    for await (const batch of log.read({ topic, partition: 0, from: 0, to: (await log.bounds(topic))[0]!.next })) found.push(...batch);
    return found;
  }

  async function newestOf(hookId: string, condition: (hook: HookChanged) => boolean): Promise<HookChanged> {
    for (const end = Date.now() + 30_000; ; ) {
      const newest = (await records(Topics.hooksChanged)).filter(({ key }) => key === hookId).at(-1);
      const hook = newest && HookChanged.decode(newest.value);
      if (hook && condition(hook)) return hook;
      if (Date.now() > end) throw new Error(`newest is version ${hook?.version}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  const append = (hookId: string, value: HookChanged) => registry.context.log.append([{ topic: Topics.hooksChanged, partition: 0, key: hookId, value: HookChanged.encode(value).finish() }]);

  it('answers a version that went back with the present state', async () => {
    const { id } = await registry.hook('acme');
    const first = await newestOf(id, ({ version }) => version === 1);
    await registry.call('PATCH', `/v1/tenants/acme/hooks/${id}`, { body: { name: 'newer' } });
    await newestOf(id, ({ version }) => version === 2);
    await append(id, first);
    expect(await newestOf(id, ({ version }) => version === 2)).toMatchObject({ name: 'newer' });
  });

  it('goes above a table that is ahead of the database, with an incident', async () => {
    const { id } = await registry.hook('acme');
    const present = await newestOf(id, ({ version }) => version === 1);
    await append(id, { ...present, version: 7, name: 'from the future', enabledEpoch: 3, policyVersion: 2 });
    const raised = await newestOf(id, ({ version }) => version === 8);
    expect(raised).toMatchObject({ name: 'a hook' });
    // What a lane counted in an epoch that the database has forgotten is no verdict on this one.
    expect([raised.enabledEpoch, raised.policyVersion].map((epoch, index) => epoch > [3, 2][index]!)).toEqual([true, true]);
    const { body, headers } = await registry.call('GET', `/v1/tenants/acme/hooks/${id}`);
    expect([body.version, headers.get('etag')]).toEqual([8, '"8"']);
    expect(await registry.call('PATCH', `/v1/tenants/acme/hooks/${id}`, { body: { name: 'after' }, headers: { 'if-match': '"8"' } })).toMatchObject({ status: 200, body: { version: 9 } });
    expect((await registry.call('GET', `/v1/tenants/acme/hooks/${id}/history`)).body.items.map(({ type, version }: { type: string; version: number }) => [type, version])).toEqual([['HookCreated', 1], ['VersionRaised', 8], ['HookConfigured', 9]]);
    const incidents = (await records(Topics.incidentsChanged)).map(({ value }) => IncidentChanged.decode(value)).filter(({ recordKey }) => recordKey.endsWith(id));
    expect(incidents[0]).toMatchObject({ kind: 'table-ahead', tenantId: 'acme', service: 'registry', state: 'open' });
  });

  it('writes everything into a log that was made anew, and what lanes wait for', async () => {
    const { id } = await registry.hook('acme', { enabled: false });
    await registry.call('POST', `/v1/tenants/acme/hooks/${id}/enable`, { body: { catchUp: 'missed' } });
    const { context, databaseUrl } = registry;
    const source = await new DataSource({ type: 'postgres', url: databaseUrl }).initialize();
    const appended: AppendRecord[] = [];
    const empty = { bounds: async () => [{ first: 0, next: 0 }], subscribe: () => ({ close: async () => undefined }), partitionsOf: () => 8, append: async (given: AppendRecord[]) => void appended.push(...given) } as unknown as EventLog;
    const watch = new TableWatch({ log: empty, source, store: new PostgresEventStore(source, { schema: 'registry', projections: [] }), changes: { record: () => Promise.reject(new Error('nothing to raise')) }, clock: context.clock, logger: context.logger, instanceId: 'another' });
    watch.start();
    for (const end = Date.now() + 30_000; !appended.some(({ topic }) => topic === Topics.deliveriesRequested); ) {
      expect(Date.now()).toBeLessThan(end);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await watch.stop();
    await source.destroy();
    expect(appended.map(({ key }) => key)).toEqual(expect.arrayContaining(['tenant/acme', id]));
    const commands = appended.filter(({ topic }) => topic === Topics.deliveriesRequested);
    expect(commands.map(({ value }) => DeliveriesRequested.decode(value).kind)).toMatchObject([{ $case: 'command', value: { kind: 'begin-catch-up', hookId: id, epoch: 1 } }]);
    expect(appended.at(-1)).toBe(commands[0]);
  });
});
