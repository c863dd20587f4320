import { topicSpecs } from '@hooklane/contracts/topics';
import { endEmbeddedPostgresAtOnce, startEmbeddedPostgres } from '@hooklane/embedded-postgres';
import type { EventLogConnection } from '@hooklane/event-log';
import { eventLogMigrations, openEmbeddedLog, type EmbeddedTopic } from '@hooklane/event-log-embedded';
import { AppError } from '@hooklane/kernel';
import { isConnectionFailure, migrate, openDatabase, type Database, type DatabaseSettings } from '@hooklane/postgres';
import { SecretBox } from '@hooklane/secret-box';
import type { Logger } from '@hooklane/telemetry';
import { checkMasterKey, masterKeyIdOf, processMigrations } from '../bindings/master-key-check.js';
import { retrying } from '../bindings/retrying.js';
import { nameLineage } from '../bindings/topic-lineage.js';
import type { Bindings, BindingsContext, OpenBindings } from '../process/bindings.js';
import type { WorkerHealth } from '../service-module.js';
import { masterKeyPath, postgresDirectory, prepareDataDirectory } from './data-directory.js';
import { lockDataDirectory } from './data-lock.js';
import { embeddedConfig, type EmbeddedConfig } from './embedded.config.js';
import { masterKeyOf } from './master-key-file.js';

type Context = BindingsContext<EmbeddedConfig>;
/** How to close what was opened, in that order. */
type Opened = (() => Promise<void> | void)[];

/** One process on its own Postgres, which also holds the log: what `npm start` runs. Hooks may point at this machine, so the API listens on it alone. */
export const embeddedBindings: Bindings<EmbeddedConfig> = {
  mode: 'embedded',
  host: '127.0.0.1',
  config: embeddedConfig,
  open: (context) => openOrUndo(context),
};

async function openOrUndo(context: Context): Promise<OpenBindings> {
  const opened: Opened = [];
  const closing = { begun: false };
  const undo = async (): Promise<void> => {
    closing.begun = true;
    for (const close of opened.splice(0).reverse()) await close();
  };
  try {
    return await open(context, opened, undo, closing);
  } catch (error) {
    await undo();
    throw error;
  }
}

async function open(context: Context, opened: Opened, undo: () => Promise<void>, closing: { readonly begun: boolean }): Promise<OpenBindings> {
  const { config, health, stopping, random, logger } = context;
  const databaseWorker = health.worker('database');
  const dataDir = prepareDataDirectory(config.HOOKLANE_DATA_DIR);
  opened.push(lockDataDirectory(dataDir));

  const settings = await databaseSettings(config, dataDir, databaseWorker, logger, opened);
  await retrying(() => migrate(settings, [processMigrations, eventLogMigrations, ...context.migrations]), isConnectionFailure, databaseWorker, stopping);
  const database = openDatabase(settings, (pool, error) => {
    // Our own Postgres is stopped by us in the end.
    if (!closing.begun) logger.warn('idle database connection lost', { pool, error: error.message });
  });
  opened.push(() => database.close());
  databaseWorker.ready();

  const key = masterKeyOf(masterKeyPath(dataDir), await masterKeyIdOf(database), random);
  await checkMasterKey(database, key, masterKeyPath(dataDir));

  const log = await openLog(context, database, opened);
  await nameLineage(log, context.ids, context.clock.nowMs());
  return { log, database, secretBox: new SecretBox(key, random), targets: { allowLoopback: true }, peers: 'here', closeStores: undo };
}

async function databaseSettings(config: EmbeddedConfig, dataDir: string, worker: WorkerHealth, logger: Logger, opened: Opened): Promise<DatabaseSettings> {
  if (config.DATABASE_URL) return { url: config.DATABASE_URL, tls: config.HOOKLANE_DATABASE_TLS };
  const directory = postgresDirectory(dataDir);
  // A process that does not come to its orderly stop (a second Ctrl-C) takes the server along all the same.
  const endAtOnce = (): void => endEmbeddedPostgresAtOnce(directory);
  process.once('exit', endAtOnce);
  opened.push(() => void process.off('exit', endAtOnce));
  const postgres = await startEmbeddedPostgres({
    dataDir: directory,
    onTrouble: (sentence) => {
      logger.warn(sentence);
      if (/is back/.test(sentence)) worker.ready();
      else worker.notReady(sentence);
    },
  });
  opened.push(() => postgres.stop());
  return { url: postgres.socketUrl, tls: 'disable' };
}

/** A predecessor that was killed a moment ago may still hold its session: Postgres notices, but not always at once. */
async function openLog(context: Context, database: Database, opened: Opened): Promise<EventLogConnection> {
  const { health, stopping, logger, clock, config } = context;
  const worker = health.worker('log');
  const giveUpAt = clock.monotonicMs() + WAIT_FOR_PREDECESSOR_MS;
  const topics = topicSpecs.map((spec): EmbeddedTopic => ({ name: spec.name, partitions: spec.shape === 'table' ? 1 : config.HOOKLANE_PARTITIONS, compacted: spec.shape === 'table', retentionMs: spec.retentionMs }));
  const log = await retrying(
    () => openEmbeddedLog({ database, clock, topics, tailBytes: config.HOOKLANE_LOG_TAIL_BYTES, report: (level, message, fields) => logger[level](message, fields) }),
    (error) => isConnectionFailure(error) || (error instanceof AppError && error.code === 'log-unavailable' && clock.monotonicMs() < giveUpAt),
    worker,
    stopping,
  );
  opened.push(showHealth(log, worker));
  return log;
}

const WAIT_FOR_PREDECESSOR_MS = 10_000;
const HEALTH_EVERY_MS = 500;

function showHealth(log: EventLogConnection, worker: WorkerHealth): () => void {
  const show = (): void => {
    const { ready, reason } = log.health();
    if (ready) worker.ready();
    else worker.notReady(reason);
  };
  show();
  const timer = setInterval(show, HEALTH_EVERY_MS);
  return () => clearInterval(timer);
}
