import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { IncidentChanged, topicSpecs, Topics } from '@hooklane/contracts/topics';
import type { CommittedPosition, EventLogConnection, HandedBatch, HandlerResult, StartPosition, TopicPartition } from '@hooklane/event-log';
import { eventLogMigrations, openEmbeddedLog } from '@hooklane/event-log-embedded';
import { systemClock, timeOrderedIds } from '@hooklane/kernel';
import { migrate, openDatabase, type Database } from '@hooklane/postgres';
import { openLogger, prometheusMetrics } from '@hooklane/telemetry';
import { testDatabase, type TestDatabase } from '@hooklane/testkit';
import { ConsumesTopic, TopicAssigned, TopicRevoked } from '../consumes-topic.js';
import { httpApplication } from '../http/http-adapter.js';
import { HttpFront } from '../http/http-front.js';
import { HealthBook } from '../process/health-book.js';
import { nestApplication } from '../process/nest-application.js';
import { Incidents } from './incidents.js';
import { LogTransport } from './log-transport.js';

const seen: string[] = [];
let decide: (batch: HandedBatch) => HandlerResult;

@Controller()
class EventsAcceptedConsumer {
  @TopicAssigned('fanout', Topics.eventsAccepted)
  async assigned(partitions: readonly TopicPartition[], committed: readonly (CommittedPosition | null)[]): Promise<readonly StartPosition[]> {
    seen.push(`assigned ${partitions.length} with ${committed.filter(Boolean).length} committed`);
    return partitions.map(() => 'committed' as const);
  }

  @TopicRevoked('fanout', Topics.eventsAccepted)
  async revoked(partitions: readonly TopicPartition[]): Promise<void> {
    seen.push(`revoked ${partitions.length}`);
  }

  @ConsumesTopic('fanout', Topics.eventsAccepted)
  async handle(batch: HandedBatch): Promise<HandlerResult> {
    seen.push(`handle ${batch.records.map((record) => record.value.toString()).join(',')}`);
    return decide(batch);
  }
}

@Module({ controllers: [EventsAcceptedConsumer] })
class FanoutModule {}

let testing: TestDatabase;
let database: Database;
let log: EventLogConnection;
let health: HealthBook;
let metrics: ReturnType<typeof prometheusMetrics>;
let app: NestFastifyApplication;
let listen: () => Promise<void>;

beforeEach(async () => {
  testing = await testDatabase();
  await migrate({ url: testing.url, tls: 'disable' }, [eventLogMigrations]);
  database = openDatabase({ url: testing.url, tls: 'disable' });
  log = await openEmbeddedLog({
    database,
    clock: systemClock,
    report: () => undefined,
    topics: topicSpecs.map((spec) => ({ name: spec.name, partitions: spec.shape === 'table' ? 1 : 2, compacted: spec.shape === 'table', retentionMs: spec.retentionMs })),
  });
  health = new HealthBook();
  metrics = prometheusMetrics();
  seen.length = 0;
  const logger = openLogger('silent');
  const consumers = new LogTransport({ log, incidents: new Incidents(log, systemClock), logger, metrics: metrics.of('fanout'), health });
  ({ app, listen } = await nestApplication({ modules: [{ module: FanoutModule }], http: httpApplication(new HttpFront(() => false)), authenticator: {} as never, passes: {} as never, grpc: null, consumers, logger, ids: timeOrderedIds }));
  await app.init();
});

afterEach(async () => {
  await app.close();
  await log.close(1_000);
  await database.close();
  await testing.drop();
});

const append = (...values: string[]): Promise<unknown> => log.append(values.map((value) => ({ topic: Topics.eventsAccepted, partition: 1, key: null, value: Buffer.from(value) })));

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('LogTransport', () => {
  it('hands partitions and batches to the marked methods', async () => {
    decide = () => ({ kind: 'ok', commit: { metadata: '' } });
    await append('a', 'b');
    await listen();
    await until(() => seen.includes('handle a,b'));
    expect(health.notReady()).toEqual([]);
    expect(await metrics.text()).toContain('hooklane_consumer_lag{service="fanout",group="fanout.events.accepted",partition="1"} 0');
    await app.close();
    expect(seen).toEqual(['assigned 2 with 0 committed', 'handle a,b']);
  });

  it('gives the batch again, and shows why it is not ready, when the method throws or asks for it', async () => {
    const results = [() => { throw new Error('the matcher is broken'); }, (): HandlerResult => ({ kind: 'retry', reason: 'tables behind', afterMs: 300 }), (): HandlerResult => ({ kind: 'ok' })];
    decide = () => results.shift()!();
    await append('a');
    await listen();
    await until(() => health.notReady().some(({ reason }) => reason.includes('the matcher is broken')));
    await until(() => health.notReady().some(({ reason }) => reason.includes('tables behind')));
    await until(() => health.notReady().length === 0);
    expect(seen.filter((line) => line === 'handle a')).toHaveLength(3);
  });

  it('makes an incident of a record that can never be handled, once however often it is seen, and only then hands the batch over to be done', async () => {
    const done: number[] = [];
    decide = (batch) => {
      if (batch.deadLettered) return done.push(batch.records.length), { kind: 'ok' };
      return { kind: 'dead-letter', records: batch.records.map((record) => ({ record, reason: 'not one of ours' })) };
    };
    await append('poison');
    await listen();
    await until(async () => (await log.bounds(Topics.incidentsChanged))[0]!.next === 1);
    await until(() => done.length === 1);
    const [first] = await incidents();
    expect(first).toMatchObject({ kind: 'dead-letter', service: 'fanout', topic: Topics.eventsAccepted, partition: 1, firstOffset: 0, lastOffset: 0, reason: 'not one of ours', state: 'open' });
    expect(first!.recordValue.toString()).toBe('poison');
    await new Incidents(log, systemClock).deadLetter('fanout', [{ record: { topic: Topics.eventsAccepted, partition: 1, offset: 0, timestampMs: 0, key: null, headers: {}, value: Buffer.from('poison'), attachment: null }, reason: 'again' }]);
    const ids = (await incidents()).map((incident) => incident.incidentId);
    expect(new Set(ids).size).toBe(1);
    expect(await metrics.text()).toContain('hooklane_consumer_problems_total{service="fanout",group="fanout.events.accepted",kind="dead-lettered"} 1');
  });
});

async function incidents(): Promise<IncidentChanged[]> {
  const found: IncidentChanged[] = [];
  const [bound] = await log.bounds(Topics.incidentsChanged);
  for await (const records of log.read({ topic: Topics.incidentsChanged, partition: 0, from: 0, to: bound!.next })) found.push(...records.map((record) => IncidentChanged.decode(record.value)));
  return found;
}
