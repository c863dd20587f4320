import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { CatalogChanged, DeliveriesRequested, DeliveryOutcome, EventAccepted, HookChanged, IncidentChanged, Topics, type DeliveryRequest } from '@hooklane/contracts/topics';
import { partitionOf, type LogRecord } from '@hooklane/event-log';
import { startUnderTest, type ServiceUnderTest } from '@hooklane/service-host/testing';
import { eventually, testDatabase, type TestDatabase } from '@hooklane/testkit';
import { fanoutModule } from '../../src/fanout.module.js';

const EVENTS_PARTITION = 2;
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
}, 30_000);

interface Data {
  readonly database: TestDatabase;
  readonly directory: string;
}

type Running = Pick<ServiceUnderTest, 'service' | 'context'>;

/** Fan-out alone, on the embedded log of its database; the spec writes in the place of registry and ingest. */
async function startFanout({ database, directory }: Data): Promise<Running> {
  const running = await startUnderTest(fanoutModule, { databaseUrl: database.url, directory, environment: { HOOKLANE_PARTITIONS: '8' }, key: '' });
  closing.push(running.stop);
  return running;
}

async function newData(): Promise<Data> {
  const database = await testDatabase();
  const directory = await mkdtemp(join(tmpdir(), 'hooklane-fanout-'));
  closing.push(() => database.drop(), () => rm(directory, { recursive: true, force: true }));
  return { database, directory };
}

const hookId = (number: number): string => `hook_${String(number).padStart(3, '0')}`;

async function putHooks({ context }: Running, hooks: readonly (Partial<HookChanged> & { hookId: string })[]): Promise<void> {
  const empty = HookChanged.decode(new Uint8Array());
  await context.log.append(
    hooks.map((hook) => ({ topic: Topics.hooksChanged, partition: 0, key: hook.hookId, value: HookChanged.encode({ ...empty, tenantId: 't', version: 1, eventTypes: ['*'], ...hook }).finish() })),
  );
}

let sequence = 0;

async function publish({ context }: Running, part: Partial<EventAccepted> = {}): Promise<string> {
  const number = ++sequence;
  const event = { ...EventAccepted.decode(new Uint8Array()), tenantId: 't', eventId: `evt_${number}`, type: 'order.paid', data: Buffer.from(`{"n":${number}}`), incarnation: 'spec', sequence: number, acceptedAtMs: 1_000, ...part };
  await context.log.append([{ topic: Topics.eventsAccepted, partition: EVENTS_PARTITION, key: null, value: EventAccepted.encode(event).finish() }]);
  return event.eventId;
}

async function recordsOf({ context }: Running, topic: string): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for (const [partition, { first, next }] of (await context.log.bounds(topic)).entries()) {
    for await (const batch of context.log.read({ topic, partition, from: first, to: next })) records.push(...batch);
  }
  return records;
}

function until<T>(read: () => Promise<T>, done: (value: T) => boolean): Promise<T> {
  return eventually(async () => {
    const value = await read();
    return done(value) ? { value } : null;
  }, 'what was published to be fanned out').then(({ value }) => value);
}

const requestsOf = async (running: Running): Promise<(DeliveryRequest & { record: LogRecord })[]> =>
  (await recordsOf(running, Topics.deliveriesRequested)).map((record) => ({ ...(DeliveriesRequested.decode(record.value).kind?.value as DeliveryRequest), record }));

describe('fan-out', () => {
  it('asks for a delivery to each hook that matches, in its partition, in the order of the events, with the event attached', async () => {
    const running = await startFanout(await newData());
    const all = Array.from({ length: 20 }, (_, number) => ({ hookId: hookId(number), enabled: number % 2 === 0 }));
    await putHooks(running, [...all, { hookId: 'hook_filtered', filter: '{"data":{"n":{"$lt":0}}}' }, { hookId: 'hook_other', tenantId: 'other' }]);
    const published: string[] = [];
    for (let count = 0; count < 10; count++) published.push(await publish(running));
    const requests = await until(() => requestsOf(running), (found) => found.reduce((sum, { hooks }) => sum + hooks.length, 0) === 200);
    const lineage = running.context.directory.lineage(Topics.eventsAccepted)?.lineageId;
    const partitions = running.context.log.partitionsOf(Topics.deliveriesRequested);
    for (const { record, hooks, sourceStream, eventId, tenantId } of requests) {
      expect([sourceStream, tenantId]).toEqual([`${lineage}/${EVENTS_PARTITION}`, 't']);
      expect(EventAccepted.decode(record.attachment!).eventId).toBe(eventId);
      expect(hooks.map(({ hookId: id }) => partitionOf(id, partitions))).toEqual(hooks.map(() => record.partition));
      expect(hooks.map(({ hookId: id }) => id)).toEqual(hooks.map(({ hookId: id }) => id).sort());
    }
    for (const { hookId: id } of all) expect(requests.filter(({ hooks }) => hooks.some((hook) => hook.hookId === id)).map(({ eventId }) => eventId)).toEqual(published);
  }, 30_000);

  it('knows a project by its id and by its key, whichever the hook and the event say, also after the key has changed', async () => {
    const running = await startFanout(await newData());
    const putProject = (version: number, key: string): Promise<unknown> =>
      running.context.log.append([{ topic: Topics.catalogChanged, partition: 0, key: 'project/t/prj_1', value: CatalogChanged.encode({ version, entry: { $case: 'project', value: { tenantId: 't', projectId: 'prj_1', deleted: false, key, name: 'Shop', blocked: false } } }).finish() }]);
    await putProject(1, 'SHOP');
    await putHooks(running, [{ hookId: hookId(1), projects: ['SHOP'] }, { hookId: hookId(2), projects: ['prj_1'] }, { hookId: hookId(3), projects: ['OTHER'] }]);
    const both = [await publish(running, { project: 'prj_1' }), await publish(running, { project: 'SHOP' })];
    await until(() => requestsOf(running), (found) => found.reduce((sum, { hooks }) => sum + hooks.length, 0) === 4);
    await putProject(2, 'STORE');
    const later = await publish(running, { project: 'STORE' });
    const requests = await until(() => requestsOf(running), (found) => found.reduce((sum, { hooks }) => sum + hooks.length, 0) === 5);
    const eventsOf = (id: string): string[] => requests.filter(({ hooks }) => hooks.some((hook) => hook.hookId === id)).map(({ eventId }) => eventId);
    expect([eventsOf(hookId(1)), eventsOf(hookId(2)), eventsOf(hookId(3))]).toEqual([both, [...both, later], []]);
  }, 30_000);

  it('publishes that an event matched nothing', async () => {
    const running = await startFanout(await newData());
    const id = await publish(running, { project: 'p' });
    const [record] = await until(() => recordsOf(running, Topics.deliveryOutcomes), (found) => found.length > 0);
    expect(DeliveryOutcome.decode(record!.value)).toMatchObject({ eventId: id, fate: 'matched-nothing', tenantId: 't', project: 'p', hookId: '', eventAcceptedAtMs: 1_000 });
  }, 30_000);

  it('raises an incident, once, for a hook whose conditions it cannot prepare, and goes on with the others', async () => {
    const running = await startFanout(await newData());
    await putHooks(running, [{ hookId: hookId(1), filter: '{"data":{"n":{"$nearly":1}}}' }, { hookId: hookId(2) }]);
    const published = [await publish(running), await publish(running)];
    const requests = await until(() => requestsOf(running), (found) => found.length === 2);
    expect(requests.map(({ eventId, hooks }) => [eventId, hooks.map((hook) => hook.hookId)])).toEqual(published.map((id) => [id, [hookId(2)]]));
    const incidents = (await until(() => recordsOf(running, Topics.incidentsChanged), (found) => found.length > 0)).map(({ value }) => IncidentChanged.decode(value));
    expect(incidents).toHaveLength(1);
    expect(incidents[0]).toMatchObject({ tenantId: 't', kind: 'unusable-hook', service: 'fanout', recordKey: hookId(1), state: 'open', reason: expect.stringContaining('$nearly') as unknown });
    const metrics = await (await fetch(`http://127.0.0.1:${running.service.httpPort}/metrics`)).text();
    expect(metrics).toMatch(/^hooklane_fanout_unusable_hooks_total(\{[^}]*\})? 1$/m);
    // A new version that can be read is matched again.
    await putHooks(running, [{ hookId: hookId(1), version: 2 }]);
    await publish(running);
    expect((await until(() => requestsOf(running), (found) => found.some(({ hooks }) => hooks.some((hook) => hook.hookId === hookId(1))))).length).toBeGreaterThan(2);
  }, 30_000);

  it('goes on where it stood after a restart, and still knows a late duplicate append', async () => {
    const data = await newData();
    const first = await startFanout(data);
    await putHooks(first, [{ hookId: hookId(1) }]);
    const published = [await publish(first), await publish(first)];
    await until(() => requestsOf(first), (found) => found.length === 2);
    await first.service.stop('restart');
    const second = await startFanout(data);
    await publish(second, { eventId: 'evt_duplicate', sequence: sequence - 1 });
    published.push(await publish(second));
    const requests = await until(() => requestsOf(second), (found) => found.length >= 3);
    expect(requests.map(({ eventId }) => eventId)).toEqual(published);
  }, 30_000);

  it('matches with every hook that was confirmed before the event', async () => {
    const running = await startFanout(await newData());
    for (let number = 0; number < 20; number++) {
      await putHooks(running, [{ hookId: hookId(number) }]);
      await publish(running);
    }
    const requests = await until(() => requestsOf(running), (found) => found.reduce((sum, { hooks }) => sum + hooks.length, 0) >= 210);
    expect(requests.reduce((sum, { hooks }) => sum + hooks.length, 0)).toBe(210);
  }, 30_000);
});
