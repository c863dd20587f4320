import { EventEmitter, once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DeliveriesRequested, Topics } from '@hooklane/contracts/topics';
import type { AppendRecord, EventLog } from '@hooklane/event-log';
import { PostgresEventStore, Relay } from '@hooklane/event-sourcing/postgres';
import { DataSource } from 'typeorm';
import { relayPublisher } from '../../src/adapters/relay-publisher.js';
import { startRegistry, type RegistryUnderTest } from '../registry-service.js';

/** Keeps what is appended; with `dies`, the process comes no further than to what would go to lanes, and ends when `dies` is told to. */
function logOf(dies?: (end: () => void) => void): { readonly appended: AppendRecord[]; readonly log: EventLog } {
  const appended: AppendRecord[] = [];
  const append = (records: readonly AppendRecord[]): Promise<void> => {
    if (dies && records.some(({ topic }) => topic === Topics.deliveriesRequested)) return new Promise((_, reject) => dies(() => reject(new Error('It died.'))));
    appended.push(...records);
    return Promise.resolve();
  };
  return { appended, log: { partitionsOf: () => 8, append } as unknown as EventLog };
}

describe('a registry that dies between the table and the lane', () => {
  let registry: RegistryUnderTest;
  let source: DataSource;
  beforeAll(async () => {
    registry = await startRegistry();
    await registry.tenant('acme');
    source = await new DataSource({ type: 'postgres', url: registry.databaseUrl }).initialize();
  });
  afterAll(async () => {
    await source?.destroy();
    await registry?.stop();
  });

  it('leaves the rest to the next one, which tells the lane everything that the history says', async () => {
    const { id } = await registry.hook('acme', { enabled: false });
    await registry.call('POST', `/v1/tenants/acme/hooks/${id}/enable`, { body: { catchUp: 'missed' } });
    const { body: held } = await registry.call('POST', `/v1/tenants/acme/hooks/${id}/lane/hold`, { body: { reason: 'r' } });
    const store = new PostgresEventStore(source, { schema: 'registry', projections: [] });
    const relayTo = (log: EventLog, holder: string): Relay => new Relay(source, store, { schema: 'registry', name: 'spec', holder, leaseMs: 300, publish: relayPublisher(log, store), onState: () => undefined });

    const reached = new EventEmitter();
    const first = logOf((end) => reached.emit('lane', end));
    const dying = relayTo(first.log, 'first');
    const reaching = once(reached, 'lane') as Promise<[() => void]>;
    dying.start();
    const [end] = await reaching;
    expect(first.appended.map(({ key }) => key)).toContain(id);
    const stopped = dying.stop();
    end();
    await stopped;

    const second = logOf();
    const next = relayTo(second.log, 'second');
    next.start();
    expect(await next.published((await store.readAll(0, 1_000)).at(-1)!.id, 20_000)).toBe(true);
    await next.stop();
    const commands = second.appended.filter(({ topic }) => topic === Topics.deliveriesRequested).map(({ value }) => (DeliveriesRequested.decode(value).kind as { value: object }).value);
    expect(commands).toMatchObject([{ kind: 'begin-catch-up', hookId: id, epoch: 1, position: 2 }, { kind: 'hold', commandId: held.commandId, reason: 'r', position: 3 }]);
    expect(second.appended.findIndex(({ key }) => key === id)).toBeLessThan(second.appended.findIndex(({ topic }) => topic === Topics.deliveriesRequested));
  });
});
