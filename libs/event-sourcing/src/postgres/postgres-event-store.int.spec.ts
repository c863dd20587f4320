import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testDatabase } from '@hooklane/testkit';
import { DataSource } from 'typeorm';
import type { Projection, RecordedEvent } from '../event-store.js';
import { eventStoreContract } from '../testing/event-store.contract.js';
import { eventTablesUp } from './event-tables.js';
import { PostgresEventStore } from './postgres-event-store.js';
import { rebuildProjections } from './rebuild.js';
import { Relay, type RelayOptions } from './relay.js';

const meta = { actor: 'key:1', atMs: 1, reason: '', requestId: '' };
const noted = { type: 'Noted', data: {} };

async function freshSource(): Promise<{ source: DataSource; close: () => Promise<void> }> {
  const database = await testDatabase();
  const source = await new DataSource({ type: 'postgres', url: database.url, poolSize: 20 }).initialize();
  await source.query('CREATE SCHEMA testing');
  for (const statement of eventTablesUp('testing')) await source.query(statement);
  return {
    source,
    close: async () => {
      await source.destroy();
      await database.drop();
    },
  };
}

eventStoreContract('postgres', async (projection) => {
  const { source, close } = await freshSource();
  return { store: new PostgresEventStore(source, { schema: 'testing', projections: [projection] }), close };
});

describe('relay', () => {
  let source: DataSource;
  let close: () => Promise<void>;
  const relays: Relay[] = [];

  beforeAll(async () => ({ source, close } = await freshSource()));
  afterAll(async () => {
    await Promise.all(relays.map((relay) => relay.stop()));
    await close();
  });

  function startRelay(store: PostgresEventStore, options: Partial<RelayOptions> & Pick<RelayOptions, 'name' | 'holder' | 'publish'>): Relay {
    const relay = new Relay(source, store, { schema: 'testing', onState: () => undefined, leaseMs: 300, pollMs: 20, ...options });
    relays.push(relay);
    relay.start();
    return relay;
  }

  it('hands every event on once and in order with two processes, also when the active one goes', async () => {
    const handed: { by: string; id: number }[] = [];
    const store = new PostgresEventStore(source, { schema: 'testing', projections: [] });
    const publishAs = (by: string) => async (events: readonly RecordedEvent[]) => void handed.push(...events.map(({ id }) => ({ by, id })));
    const first = startRelay(store, { name: 'two', holder: 'one', publish: publishAs('one') });
    const [early] = await store.append({ streamId: 'r1', expectedVersion: 0, events: [noted], meta });
    expect(await first.published(early!.id, 5_000)).toBe(true);
    const second = startRelay(store, { name: 'two', holder: 'two', publish: publishAs('two') });
    const [middle] = await store.append({ streamId: 'r2', expectedVersion: 0, events: [noted, noted], meta });
    // The one without the lease learns of it from the position.
    expect(await second.published(middle!.id, 5_000)).toBe(true);
    await first.stop();
    const [late] = await store.append({ streamId: 'r3', expectedVersion: 0, events: [noted], meta });
    expect(await second.published(late!.id, 5_000)).toBe(true);
    const ids = (await store.readAll(0, 1_000)).map(({ id }) => id);
    expect(handed.map(({ id }) => id)).toEqual(ids);
    expect(handed.at(-1)!.by).toBe('two');
  });

  it('says no when the other side does not take the event in time, keeps its lease and hands it on later', async () => {
    const store = new PostgresEventStore(source, { schema: 'testing', projections: [] });
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const relay = startRelay(store, { name: 'gated', holder: 'one', publish: () => gate });
    const rival = startRelay(store, { name: 'gated', holder: 'two', publish: () => Promise.reject(new Error('must not be asked')) });
    const [event] = await store.append({ streamId: 'g1', expectedVersion: 0, events: [noted], meta });
    expect(await relay.published(event!.id, 700)).toBe(false);
    open();
    expect(await relay.published(event!.id, 5_000)).toBe(true);
    expect(await rival.published(event!.id, 5_000)).toBe(true);
  });

  it('tries again when handing on fails', async () => {
    const store = new PostgresEventStore(source, { schema: 'testing', projections: [] });
    const problems: (string | null)[] = [];
    let fails = 1;
    const relay = startRelay(store, {
      name: 'failing',
      holder: 'one',
      publish: async () => {
        if (fails-- > 0) throw new Error('log away');
      },
      onState: (problem) => problems.push(problem),
    });
    const [event] = await store.append({ streamId: 'f1', expectedVersion: 0, events: [noted], meta });
    expect(await relay.published(event!.id, 5_000)).toBe(true);
    expect(problems).toContain('log away');
  });
});

describe('rebuild', () => {
  it('applies every event again after emptying, and leaves everything as it was when it fails', async () => {
    const { source, close } = await freshSource();
    let rows: string[] = [];
    const projection: Projection<unknown> = { apply: async (_, events) => void rows.push(...events.map(({ streamId, version }) => `${streamId}/${version}`)), clear: async () => void (rows = []) };
    const store = new PostgresEventStore(source, { schema: 'testing', projections: [projection] });
    await store.append({ streamId: 'a', expectedVersion: 0, events: [noted, noted], meta });
    await store.append({ streamId: 'b', expectedVersion: 0, events: [noted], meta });
    const before = rows;
    expect(await rebuildProjections(source, 'testing', [projection])).toBe(3);
    expect(rows).toEqual(before);
    await close();
  });
});
