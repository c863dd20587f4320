import { setTimeout as sleep } from 'node:timers/promises';
import { Topics, type IncidentChanged } from '@hooklane/contracts/topics';
import type { AppendRecord, EventLog, RecordBatch, Subscription } from '@hooklane/event-log';
import type { EventStore } from '@hooklane/event-sourcing';
import type { Clock } from '@hooklane/kernel';
import { incidentRecord } from '@hooklane/service-host';
import type { Logger } from '@hooklane/telemetry';
import type { DataSource } from 'typeorm';
import { aggregates } from '../aggregates.js';
import type { Changes } from '../ports.js';
import { parseStreamId, streamIdOf } from '../stream-id.js';
import { TableBook, tableEntryOf } from '../tables/table-book.js';
import { catchUpRecords } from './lane-command-records.js';
import { tableRecords } from './table-records.js';
import { publishedStreams, tableVersions } from './table-versions.pg.js';

export interface TableWatchOptions {
  readonly log: EventLog;
  readonly source: DataSource;
  readonly store: EventStore;
  readonly changes: Pick<Changes, 'record'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly instanceId: string;
}

const RETRY_MS = 1_000;
const ASK_AGAIN_MS = 50;
const PAGE = 500;

/**
 * Reads the two tables back and keeps them true to the event store. A record behind what came before it (a relay that was frozen while another went on) and one
 * that is missing (a log that was made anew) are answered with the present state; a table ahead of the database (a backup was restored) raises the database's
 * version above it, because readers would ignore everything below, and is an incident.
 */
export class TableWatch {
  private readonly book = new TableBook();
  /** The offset after the newest record compared, by topic. */
  private readonly reached = new Map<string, number>();
  private readonly stopping = new AbortController();
  private subscription: Subscription | undefined;
  private repairing: Promise<void> = Promise.resolve();

  constructor(private readonly options: TableWatchOptions) {}

  start(): void {
    const { log, instanceId, logger } = this.options;
    this.subscription = log.subscribe({
      group: `registry.tables.${instanceId}`,
      topics: [Topics.hooksChanged, Topics.catalogChanged],
      mode: 'everything',
      assigned: async (partitions) => partitions.map(() => 'beginning' as const),
      revoked: async () => undefined,
      handle: (batch) => this.untilDone('tables not compared', () => this.compare(batch)),
      failed: (failure) => logger.error('tables not read back', { topic: failure.topic, kind: failure.kind }),
    });
    this.repairing = this.untilDone('missing table records not appended', () => this.repairMissing());
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.repairing;
    await this.subscription?.close();
  }

  private async compare({ topic, records }: RecordBatch): Promise<void> {
    const versions = new Map<string, number>();
    const behind = new Set<string>();
    for (const record of records) {
      const entry = tableEntryOf(record);
      if (!entry) continue;
      const streamId = streamIdOf(entry.stream);
      versions.set(streamId, Math.max(entry.version, versions.get(streamId) ?? 0));
      if (this.book.note(streamId, entry.version)) behind.add(streamId);
      else behind.delete(streamId);
    }
    const known = await tableVersions(this.options.source, [...versions.keys()]);
    for (const [streamId, version] of versions) {
      const mine = known.get(streamId) ?? 0;
      if (version > mine) await this.raise(streamId, version, mine);
    }
    if (behind.size > 0) await this.append([...behind], 'a table went back');
    this.reached.set(topic, records.at(-1)!.offset + 1);
  }

  private async raise(streamId: string, tableVersion: number, databaseVersion: number): Promise<void> {
    const { kind, tenantId, id } = parseStreamId(streamId);
    const { changes, clock, logger, log } = this.options;
    const atMs = clock.nowMs();
    logger.error('a table is ahead of the database', { streamId, tableVersion, databaseVersion });
    await log.append([incidentOf(streamId, tenantId, tableVersion, databaseVersion, atMs)]);
    const aggregate = aggregates.get(kind);
    // What the database never heard of cannot be raised; a person decides what it is.
    if (!aggregate || databaseVersion === 0) return;
    await changes.record({
      aggregate,
      id,
      request: { tenantId, idempotencyKey: null, fingerprint: '', ifMatch: null, meta: { actor: 'system:registry', atMs, reason: `The table was at version ${tableVersion}.`, requestId: '' } },
      // An event raises the version by one itself. Somebody else may have raised it meanwhile.
      command: (_, version): { kind: 'raise-version'; by: number; atMs: number } => ({ kind: 'raise-version', by: Math.max(0, tableVersion - version), atMs }),
      answer: ({ version }) => ({ status: 200, version, body: null }),
    });
  }

  /** Once, when what the tables held at the start has been read: appends what the relay is sure to have appended and the log does not have. */
  private async repairMissing(): Promise<void> {
    const { log, source } = this.options;
    for (const topic of [Topics.hooksChanged, Topics.catalogChanged]) {
      const [bound] = await log.bounds(topic);
      while ((this.reached.get(topic) ?? 0) < (bound?.next ?? 0)) {
        if (this.stopping.signal.aborted) return;
        await sleep(ASK_AGAIN_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      }
    }
    for (let after = ''; ; ) {
      const streamIds = await publishedStreams(source, after, PAGE);
      const missing = streamIds.filter((streamId) => this.book.newestVersion(streamId) === 0);
      if (missing.length > 0) await this.append(missing, 'a table lacked records');
      const last = streamIds.at(-1);
      if (last === undefined || this.stopping.signal.aborted) return;
      after = last;
    }
  }

  /** Where the table was lost, the commands may be too; a lane that knows them already ignores them. */
  private async append(streamIds: readonly string[], why: string): Promise<void> {
    const { log, store, logger } = this.options;
    logger.warn('table records appended again', { why, count: streamIds.length });
    const records = await tableRecords(store, streamIds);
    if (records.length > 0) await log.append(records);
    const commands = await catchUpRecords(log, store, streamIds);
    if (commands.length > 0) await log.append(commands);
  }

  private async untilDone(trouble: string, work: () => Promise<void>): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        return await work();
      } catch (error) {
        this.options.logger.warn(trouble, { error: (error as Error).message });
        await sleep(RETRY_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      }
    }
  }
}

function incidentOf(streamId: string, tenantId: string, tableVersion: number, databaseVersion: number, raisedAtMs: number): AppendRecord {
  const incident: Partial<IncidentChanged> = {
    tenantId,
    kind: 'table-ahead',
    service: 'registry',
    topic: streamId.startsWith('hook/') ? Topics.hooksChanged : Topics.catalogChanged,
    reason: `The table shows ${streamId} at version ${tableVersion}, the database at ${databaseVersion}: was a backup restored?`,
    recordKey: streamId,
  };
  return incidentRecord(['table-ahead', streamId, tableVersion], incident, raisedAtMs);
}
