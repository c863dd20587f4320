import pg from 'pg';
import { contractTopics, type EventLogHarness } from '@hooklane/event-log/testing';
import { type Clock, systemClock } from '@hooklane/kernel';
import { migrate, openDatabase, type Database } from '@hooklane/postgres';
import { testDatabase } from '@hooklane/testkit';
import { eventLogMigrations } from '../src/event-log-migrations.js';
import { openEmbeddedLog, type EmbeddedLogConnection } from '../src/embedded-log.js';
import type { EmbeddedTopic } from '../src/topics.js';

const DAY_MS = 86_400_000;
const CLOSE_MS = 5_000;

export interface EmbeddedHarness extends EventLogHarness {
  readonly log: EmbeddedLogConnection;
  readonly url: string;
  /** Lets every append wait in the server until the returned function is called. */
  holdAppends(): Promise<() => Promise<void>>;
  /** Ends the writer's session on the server, whatever it is doing. @returns false when there was none */
  killWriter(): Promise<boolean>;
  sql(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
}

export interface HarnessOptions {
  readonly topics?: readonly EmbeddedTopic[];
  readonly tailBytes?: number;
  readonly clock?: Clock;
  /** Address to use instead of the database's own, such as a proxy in front of it. */
  readonly via?: (url: string) => string;
}

export async function embeddedHarness(options: HarnessOptions = {}): Promise<EmbeddedHarness> {
  const topics = options.topics ?? contractTopics.map((topic) => ({ ...topic, retentionMs: topic.compacted ? null : DAY_MS }));
  const test = await testDatabase();
  const direct = { url: test.url, tls: 'disable' as const };
  await migrate(direct, [eventLogMigrations]);
  const admin = openDatabase(direct);
  const maintenance = openDatabase({ ...direct, url: withDatabase(test.url, 'postgres') });
  let database: Database;
  const open = (): Promise<EmbeddedLogConnection> => {
    database = openDatabase({ ...direct, url: options.via?.(test.url) ?? test.url });
    return openEmbeddedLog({ database, clock: options.clock ?? systemClock, report: () => undefined, topics, ...(options.tailBytes === undefined ? {} : { tailBytes: options.tailBytes }) });
  };
  let log = await open();
  const close = async (): Promise<void> => {
    await log.close(CLOSE_MS);
    await database.close();
  };
  const sql = async (text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> => (await admin.pool('test', 1).query(text, values)).rows as Record<string, unknown>[];
  const cutConnections = (): Promise<pg.QueryResult> => maintenance.pool('test', 1).query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND application_name LIKE 'hooklane-event-log%'`, [test.name]);
  const reopen = async (): Promise<EmbeddedLogConnection> => {
    await close();
    log = await open();
    return log;
  };
  return {
    get log() {
      return log;
    },
    url: test.url,
    sql,
    async holdAppends() {
      const client = await admin.pool('hold', 1).connect();
      await client.query('BEGIN; LOCK TABLE event_log.records_1');
      return async () => {
        await client.query('ROLLBACK');
        client.release();
      };
    },
    async killWriter() {
      const killed = await sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'hooklane-event-log-writer'`);
      return killed.length > 0;
    },
    reopen,
    async interrupt() {
      await maintenance.pool('test', 1).query(`ALTER DATABASE ${test.name} ALLOW_CONNECTIONS false`);
      await cutConnections();
      return { restore: async () => void (await maintenance.pool('test', 1).query(`ALTER DATABASE ${test.name} ALLOW_CONNECTIONS true`)) };
    },
    async truncate(topic, partition, offset) {
      await sql('UPDATE event_log.partitions SET first = $3 WHERE topic = $1 AND partition = $2', [topic, partition, offset]);
      await reopen();
    },
    async dispose() {
      await close();
      await admin.close();
      await maintenance.close();
      await test.drop();
    },
  };
}

function withDatabase(url: string, name: string): string {
  const other = new URL(url);
  other.pathname = `/${name}`;
  return other.href;
}
