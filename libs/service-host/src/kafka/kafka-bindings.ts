import { topicSpecs } from '@hooklane/contracts/topics';
import type { EventLogConnection } from '@hooklane/event-log';
import { openKafkaLog } from '@hooklane/event-log-kafka';
import { masterKeyFrom, SecretBox } from '@hooklane/secret-box';
import { isConnectionFailure, migrate, openDatabase, type Database } from '@hooklane/postgres';
import { checkMasterKey, processMigrations } from '../bindings/master-key-check.js';
import { isBehind } from '../bindings/migration-state.js';
import { retrying } from '../bindings/retrying.js';
import { rejectedAppend } from '../consuming/incidents.js';
import type { PeerAddresses } from '../peers/peers.js';
import type { Bindings, BindingsContext, OpenBindings } from '../process/bindings.js';
import type { WorkerHealth } from '../service-module.js';
import { databaseSettings, kafkaSettings } from './connection-settings.js';
import { distributedConfig, type DistributedConfig } from './distributed.config.js';
import { migrateJob } from './migrate-job.js';
import { serviceJob } from './service-job.js';
import { topicsJob } from './topics-job.js';

type Context = BindingsContext<DistributedConfig>;

/** One service of the split stack, on Kafka and Postgres. Both may be away when it starts: it waits for them, alive and not ready. */
export const kafkaBindings: Bindings<DistributedConfig> = {
  mode: 'distributed',
  host: '0.0.0.0',
  config: distributedConfig,
  commands: { migrate: migrateJob, topics: topicsJob },
  runJob: serviceJob,
  open,
};

async function open(context: Context): Promise<OpenBindings> {
  const { config, health, random, logger } = context;
  const key = masterKeyFrom(config.HOOKLANE_MASTER_KEY);
  const databaseWorker = health.worker('database');
  const logWorker = health.worker('log');
  const settings = databaseSettings(config);
  const database = openDatabase(settings, (pool, error) => logger.warn('idle database connection lost', { pool, error: error.message }));
  let log: EventLogConnection | null = null;
  try {
    // Together: whichever is away, the other is connected meanwhile.
    const [openedLog] = await Promise.all([openLog(context, logWorker).then((opened) => (log = opened)), openStores(context, database, databaseWorker, () => checkMasterKey(database, key, 'HOOKLANE_MASTER_KEY'))]);
    return { log: openedLog, database, secretBox: new SecretBox(key, random), targets: { allowLoopback: false }, peers: peerAddresses(config), closeStores: () => database.close() };
  } catch (error) {
    await (log as EventLogConnection | null)?.close(0);
    await database.close();
    throw error;
  }
}

function peerAddresses({ HOOKLANE_DELIVERY_GRPC: delivery, HOOKLANE_LOG_QUERY_GRPC: logQuery }: DistributedConfig): PeerAddresses {
  return { ...(delivery ? { delivery } : {}), ...(logQuery ? { 'log-query': logQuery } : {}) };
}

async function openLog({ config, processName, logger, stopping, clock }: Context, worker: WorkerHealth): Promise<EventLogConnection> {
  const log: EventLogConnection = await openKafkaLog({
    ...kafkaSettings(config, `hooklane-${processName}`, logger),
    topicPrefix: config.KAFKA_TOPIC_PREFIX,
    topics: topicSpecs,
    sessionTimeoutMs: config.KAFKA_SESSION_TIMEOUT_MS,
    onWaiting: (reason) => worker.notReady(reason),
    onRejected: (rejected) => {
      logger.error('the brokers refuse a record', { topic: rejected.topic, partition: rejected.partition, records: rejected.records.length, reason: rejected.reason });
      // Waits for the log like any append; the refused one has been rejected to its caller already.
      log.append([rejectedAppend(processName, rejected, clock.nowMs())]).catch((error: unknown) => logger.error('incident not stored', { error: String(error) }));
    },
    signal: stopping,
    clock,
  });
  showHealth(log, worker);
  return log;
}

/** The schema first (made here, or awaited from the migrate job), then the key that its secrets were sealed with. */
async function openStores(context: Context, database: Database, worker: WorkerHealth, checkKey: () => Promise<void>): Promise<void> {
  const { config, stopping } = context;
  const sets = [processMigrations, ...context.migrations];
  const isWorthWaiting = (error: unknown): boolean => isConnectionFailure(error) || error instanceof SchemaBehind;
  const prepare = async (): Promise<void> => {
    if (config.HOOKLANE_MIGRATE_AT_START) await migrate(database.settings, sets);
    else if (await isBehind(database, sets)) throw new SchemaBehind('The database schema is not up to date: run the migrate job.');
    await checkKey();
  };
  await retrying(prepare, isWorthWaiting, worker, stopping);
  worker.ready();
}

class SchemaBehind extends Error {}

const HEALTH_EVERY_MS = 500;

function showHealth(log: EventLogConnection, worker: WorkerHealth): void {
  const show = (): void => {
    const { ready, reason } = log.health();
    if (ready) worker.ready();
    else worker.notReady(reason);
  };
  show();
  setInterval(show, HEALTH_EVERY_MS).unref();
}
