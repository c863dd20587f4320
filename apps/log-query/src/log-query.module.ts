import { Module, type Provider } from '@nestjs/common';
import { Topics } from '@hooklane/contracts/topics';
import { toAppError } from '@hooklane/kernel';
import { isConnectionFailure } from '@hooklane/postgres';
import { KeptAnswers, type ServiceContext, type ServiceModule } from '@hooklane/service-host';
import { PgAttemptQueries } from './adapters/attempt-queries.pg.js';
import { CursorBox } from './adapters/cursor-box.js';
import { DAY_MS, PgDayPartitions } from './adapters/day-partitions.pg.js';
import { PgDeliveryQueries } from './adapters/delivery-queries.pg.js';
import { emptyReadModels } from './adapters/empty-read-models.pg.js';
import { PgEventQueries } from './adapters/event-queries.pg.js';
import { HeadWatch } from './adapters/head-watch.js';
import { PgHookHistory } from './adapters/hook-history.pg.js';
import { PgInboundCallQueries, PgInboundCallStore } from './adapters/inbound-calls.pg.js';
import { PgIncidentQueries } from './adapters/incident-queries.pg.js';
import { PgLoggedAttempts } from './adapters/logged-attempts.pg.js';
import { logQueryMigrations } from './adapters/migrations/index.js';
import { openQueries, type Queries } from './adapters/queries.pg.js';
import { PgReplayBook } from './adapters/replay-book.pg.js';
import { PgSelections } from './adapters/replay-selections.pg.js';
import { PgReplayStreams } from './adapters/replay-streams.pg.js';
import { PgReadModelStore } from './adapters/read-model-store.pg.js';
import { PgTableStore } from './adapters/table-store.pg.js';
import { PgTailQueries } from './adapters/tail-queries.pg.js';
import { PgUndeliveredQueries } from './adapters/undelivered-queries.pg.js';
import { ATTEMPT_LOG, AttemptLogGrpc } from './api/attempt-log.grpc.js';
import { Followers } from './api/followers.js';
import { ReadingRight } from './api/reading-right.js';
import { INBOUND_LIST, InboundLogController } from './api/inbound-log.controller.js';
import { InboundLogGrpc } from './api/inbound-log.grpc.js';
import { INCIDENT_DESK, IncidentsController, KEPT_ANSWERS } from './api/incidents.controller.js';
import { LOG_READER, LogController, UNDELIVERED } from './api/log.controller.js';
import { LogGrpc } from './api/log.grpc.js';
import { REPLAY_DESK, ReplaysController } from './api/replays.controller.js';
import { ReplaysGrpc } from './api/replays.grpc.js';
import { LOG_TAIL, TailController } from './api/tail.controller.js';
import { TenantBook } from './api/tenant-book.js';
import { CatalogChangedConsumer } from './catalog-changed.consumer.js';
import { DeliveriesRequestedConsumer } from './deliveries-requested.consumer.js';
import { DeliveryOutcomesConsumer } from './delivery-outcomes.consumer.js';
import { EventsAcceptedConsumer } from './events-accepted.consumer.js';
import { HooksChangedConsumer } from './hooks-changed.consumer.js';
import { INBOUND_CALLS, InboundCalledConsumer } from './inbound-called.consumer.js';
import { IncidentsChangedConsumer } from './incidents-changed.consumer.js';
import { Intake, INTAKE } from './intake.js';
import { LogKeeper, UPKEEP } from './log-keeper.js';
import { logQueryConfig, type LogQueryConfig } from './log-query.config.js';
import { logQueryMetrics } from './log-query.metrics.js';
import { AttemptLog } from './query/attempt-log.js';
import { InboundList } from './query/inbound-list.js';
import { IncidentDesk } from './query/incident-desk.js';
import { LogReader } from './query/log-reader.js';
import { LogTail } from './query/log-tail.js';
import { UndeliveredList } from './query/undelivered-list.js';
import { ReplayKeeper, REPLAYS, type Replays } from './replay-keeper.js';
import { CatchUpOpener } from './replay/catch-up-opener.js';
import { ReplayDesk } from './replay/replay-desk.js';
import { ReplayProducer } from './replay/replay-producer.js';
import { ReplaySelector } from './replay/replay-selector.js';
import { ReplayWorker } from './replay/replay-worker.js';
import { TABLES } from './tables.js';
import { openWriterThread } from './adapters/thread/open-writer-thread.js';
import { CatchUp } from './writer/catch-up.js';
import { RecordWriter, WRITER_CONNECTIONS } from './adapters/record-writer.js';
import type { StreamWriter, StreamWriterEvents } from './writer/stream-writer.js';

@Module({})
class LogQueryModule {}

type Context = ServiceContext<LogQueryConfig>;

/** One looks after the days, and the tables share what is left. */
const WRITE_CONNECTIONS = 3;
/** One makes replays, the other one opens catch-ups meanwhile. */
const REPLAY_CONNECTIONS = 2;
/** The log keeps its records for seven. */
const LOG_DAYS = 8;

const STREAMS = [Topics.eventsAccepted, Topics.deliveriesRequested, Topics.deliveryOutcomes];
/** Records of the three streams that may wait to be read before publishers are slowed down, where both share a process: with the buffer about two seconds of full load. */
const UNREAD_LIMIT = 10_000;

/** Keeps the log of everything that was published and delivered, and answers questions about it. */
export const logQueryModule: ServiceModule<LogQueryConfig> = {
  name: 'log-query',
  config: logQueryConfig,
  migrations: logQueryMigrations,
  grpc: ['hooklane/v1/log_service.proto', 'hooklane/v1/attempt_log_service.proto', 'hooklane/v1/replay_service.proto', 'hooklane/v1/inbound_log_service.proto'],
  jobs: { rebuild: emptyReadModels },
  register: (context) => ({
    module: LogQueryModule,
    controllers: [
      EventsAcceptedConsumer, DeliveriesRequestedConsumer, DeliveryOutcomesConsumer, HooksChangedConsumer, CatalogChangedConsumer, IncidentsChangedConsumer, InboundCalledConsumer,
      LogController, TailController, IncidentsController, ReplaysController, InboundLogController, LogGrpc, AttemptLogGrpc, ReplaysGrpc, InboundLogGrpc,
    ],
    providers: providersOf(context),
  }),
};

function providersOf(context: Context): Provider[] {
  const { config, log, database, directory, secretBox, clock, logger, health, load } = context;
  const pool = database.pool('log-query-write', WRITE_CONNECTIONS);
  const store = new PgReadModelStore(pool);
  let intake: Intake | null = null;
  const days = new PgDayPartitions(pool, clock, (fromMs) => intake?.keepFrom(fromMs));
  const head = new HeadWatch(() => store.lastSeq());
  const queries = openQueries(database, config.LOG_QUERY_CONNECTIONS, config.LOG_QUERY_TIMEOUT_MS);
  const tenants = new TenantBook(directory, config.LOG_QUERY_RETENTION_DAYS);
  const cursors = new CursorBox(secretBox);
  const unread = (): number => STREAMS.reduce((sum, topic) => sum + (log.lag?.(`log-query.${topic}`) ?? 0), 0);
  const firstOffsets = async (topic: string): Promise<readonly number[]> => (await log.bounds(topic)).map(({ first }) => first);
  load.source('log-query', onceCaughtUp(() => unread() / UNREAD_LIMIT));
  return [
    Followers,
    LogKeeper,
    ReplayKeeper,
    { provide: TenantBook, useValue: tenants },
    { provide: ReadingRight, useValue: new ReadingRight(directory, clock) },
    { provide: TABLES, useValue: new PgTableStore(pool) },
    { provide: INBOUND_CALLS, useValue: new PgInboundCallStore(pool, days) },
    { provide: INTAKE, useFactory: () => (intake = intakeOf(context, days, head)) },
    { provide: UPKEEP, useFactory: () => ({ pool, days, clock, logger, health: health.worker('log days'), retentionDays: config.LOG_QUERY_RETENTION_DAYS }) },
    { provide: LOG_READER, useFactory: () => readerOf(context, queries, tenants, cursors) },
    { provide: ATTEMPT_LOG, useFactory: () => new AttemptLog({ attempts: new PgLoggedAttempts(queries), events: new PgEventQueries(queries, config.LOG_QUERY_ROWS_SCANNED), tenants, clock }) },
    { provide: UNDELIVERED, useFactory: () => new UndeliveredList({ queries: new PgUndeliveredQueries(queries, config.LOG_QUERY_ROWS_SCANNED), tenants, cursors, clock }) },
    { provide: INBOUND_LIST, useFactory: () => new InboundList({ queries: new PgInboundCallQueries(queries, config.LOG_QUERY_ROWS_SCANNED), tenants, cursors, clock }) },
    { provide: LOG_TAIL, useFactory: () => new LogTail({ queries: new PgTailQueries(queries, firstOffsets), head, cursors, tenants, clock }) },
    { provide: KEPT_ANSWERS, useValue: new KeptAnswers(pool, 'log_query', clock) },
    ...replayProviders(context, queries, tenants, cursors),
    { provide: INCIDENT_DESK, useFactory: () => new IncidentDesk(new PgIncidentQueries(queries), log, cursors, clock) },
  ];
}

function replayProviders(context: Context, queries: Queries, tenants: TenantBook, cursors: CursorBox): Provider[] {
  const { config, database, log, directory, clock, ids, logger, health, instanceId } = context;
  const pool = database.pool('log-query-replay', REPLAY_CONNECTIONS);
  const book = new PgReplayBook(queries);
  const selections = new PgSelections(pool, queries);
  const producer = new ReplayProducer({ streams: new PgReplayStreams(pool), selections, log, tenants, clock, owner: instanceId });
  const keptMs = Math.max(config.LOG_QUERY_RETENTION_DAYS + 1, LOG_DAYS) * DAY_MS;
  const passes = (error: unknown): boolean => isConnectionFailure(error) || toAppError(error).retryable;
  const replays: Replays = {
    worker: new ReplayWorker({ book, selector: new ReplaySelector(selections, directory, clock), producer, hooks: directory, log, clock, logger, keptMs, passes }),
    opener: new CatchUpOpener({ book, tenants, clock, lineageId: () => directory.lineage(Topics.eventsAccepted)?.lineageId }),
    health: health.worker('replays'),
    logger,
    wake: () => undefined,
  };
  return [
    { provide: REPLAYS, useValue: replays },
    { provide: REPLAY_DESK, useValue: new ReplayDesk({ book, selections, hooks: directory, log, tenants, cursors, clock, ids, wake: () => replays.wake() }) },
  ];
}

/** Read models that are being built anew must not keep publishers waiting: it counts from when they were up to date for the first time. */
function onceCaughtUp(read: () => number): () => number {
  let hasCaughtUp = false;
  return () => {
    const fullness = read();
    hasCaughtUp ||= fullness < 1;
    return hasCaughtUp ? fullness : 0;
  };
}

function readerOf({ config, directory, clock }: Context, queries: Queries, tenants: TenantBook, cursors: CursorBox): LogReader {
  const rowsScanned = config.LOG_QUERY_ROWS_SCANNED;
  return new LogReader({
    events: new PgEventQueries(queries, rowsScanned),
    deliveries: new PgDeliveryQueries(queries, rowsScanned),
    attempts: new PgAttemptQueries(queries, rowsScanned),
    hooks: new PgHookHistory(queries),
    tenants,
    projectNamed: (tenantId, name) => directory.projectNamed(tenantId, name),
    cursors,
    clock,
  });
}

function intakeOf(context: Context, days: PgDayPartitions, head: HeadWatch): Intake {
  const { clock, log, logger, metrics, health } = context;
  const worker = health.worker('log writer');
  worker.ready();
  const catchUp = new CatchUp();
  const readModels = health.worker('read models');
  const moved = (): void => {
    const left = catchUp.recordsToGo();
    if (left === 0) readModels.ready();
    else readModels.notReady(`the read models are being built: ${left} records to go`);
  };
  moved();
  const writer = writerOf(context, {
    flushed({ rows, lastSeq, tookMs, positions }) {
      for (const { topic, partition, next } of positions) catchUp.moved({ topic, partition }, next);
      moved();
      worker.ready();
      head.flushed(lastSeq);
      counted.flushed(rows, tookMs / 1_000);
    },
    failing(reason) {
      worker.notReady(`the log cannot be written: ${reason}`);
      counted.failed();
      logger.warn('flush failed; tried again', { error: reason });
    },
    lost(partitions) {
      for (const partition of partitions) catchUp.revoked(partition);
      moved();
      logger.info('partitions were taken by another instance', { partitions: partitions.map(({ topic, partition }) => `${topic}/${partition}`) });
    },
  });
  const behindSeconds = (): number => Math.max(0, clock.nowMs() - (writer.waiting.oldestLoggedMs ?? Infinity)) / 1_000;
  const counted = logQueryMetrics(metrics, behindSeconds, () => writer.waiting.rows);
  writer.keepFrom(days.keptFromMs);
  return new Intake({ log, writer, catchUp, moved });
}

function writerOf({ config, database, clock }: Context, events: StreamWriterEvents): StreamWriter {
  const settings = { flushAfterMs: config.LOG_QUERY_FLUSH_AFTER_MS, requestHoldMs: config.LOG_QUERY_REQUEST_HOLD_MS, rowsPerFlush: config.LOG_QUERY_ROWS_PER_FLUSH };
  if (config.LOG_QUERY_WRITER === 'thread') return openWriterThread({ database: database.settings, settings }, events);
  return new RecordWriter(database.pool('log-query-streams', WRITER_CONNECTIONS), settings, clock, events);
}
