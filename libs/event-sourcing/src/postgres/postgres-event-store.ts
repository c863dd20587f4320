import { AppError } from '@hooklane/kernel';
import { isConnectionFailure, sqlStateOf } from '@hooklane/postgres';
import type { DataSource, EntityManager } from 'typeorm';
import type { DomainEvent } from '../decider.js';
import type { Append, EventStore, Projection, RecordedEvent } from '../event-store.js';
import { checkedSchema, lockEvents } from './event-tables.js';
import { recordedEventOf, type EventRow } from './event-row.js';

export interface PostgresEventStoreOptions {
  /** The service's Postgres schema, made with `eventTablesUp`. */
  readonly schema: string;
  readonly projections: readonly Projection<EntityManager>[];
  /** Called after the commit of an append that wrote events: wakes this process's relay. */
  onCommitted?(): void;
}

const UNIQUE_VIOLATION = '23505';
const COLUMNS = 'id, stream_id, version, type, data, meta';

/**
 * The event store in a service's schema. An append takes one advisory transaction lock, so ids are assigned in the order of the commits:
 * without it a relay that follows the ids would pass over one that commits late. Registry changes are rare enough to queue for it.
 */
export class PostgresEventStore implements EventStore<EntityManager> {
  private readonly table: string;

  constructor(
    private readonly source: DataSource,
    private readonly options: PostgresEventStoreOptions,
  ) {
    this.table = `${checkedSchema(options.schema)}.events`;
  }

  async readStream<Event extends DomainEvent>(streamId: string): Promise<readonly RecordedEvent<Event>[]> {
    return (await this.readStreams<Event>([streamId])).get(streamId) ?? [];
  }

  async readStreams<Event extends DomainEvent>(streamIds: readonly string[]): Promise<ReadonlyMap<string, readonly RecordedEvent<Event>[]>> {
    const rows = await this.query(`SELECT ${COLUMNS} FROM ${this.table} WHERE stream_id = ANY($1) ORDER BY stream_id, version`, [streamIds]);
    const streams = new Map<string, RecordedEvent<Event>[]>();
    for (const event of rows.map(recordedEventOf<Event>)) {
      const stream = streams.get(event.streamId);
      if (stream) stream.push(event);
      else streams.set(event.streamId, [event]);
    }
    return streams;
  }

  async readAll(afterId: number, limit: number): Promise<readonly RecordedEvent[]> {
    return (await this.query(`SELECT ${COLUMNS} FROM ${this.table} WHERE id > $1 ORDER BY id LIMIT $2`, [afterId, limit])).map(recordedEventOf);
  }

  async append<Event extends DomainEvent>(append: Append<Event, EntityManager>): Promise<readonly RecordedEvent<Event>[]> {
    try {
      const recorded = await this.source.transaction(async (manager) => this.appendIn(manager, append));
      if (recorded.length > 0) this.options.onCommitted?.();
      return recorded;
    } catch (error) {
      throw databaseError(error);
    }
  }

  private async appendIn<Event extends DomainEvent>(manager: EntityManager, { streamId, expectedVersion, events, meta, within }: Append<Event, EntityManager>): Promise<readonly RecordedEvent<Event>[]> {
    let recorded: readonly RecordedEvent<Event>[] = [];
    if (events.length > 0) {
      await lockEvents(manager, this.options.schema);
      const [current] = await manager.query(`SELECT coalesce(max(version), 0) AS version FROM ${this.table} WHERE stream_id = $1`, [streamId]);
      if (current.version !== expectedVersion) throw conflict(streamId, expectedVersion);
      const rows: EventRow[] = await manager.query(
        `INSERT INTO ${this.table} (stream_id, version, type, data, meta)
         SELECT $1, $2 + e.n, e.event ->> 'type', e.event -> 'data', $4::jsonb FROM jsonb_array_elements($3::jsonb) WITH ORDINALITY AS e(event, n) ORDER BY e.n
         RETURNING ${COLUMNS}`,
        [streamId, expectedVersion, JSON.stringify(events), JSON.stringify(meta)],
      );
      recorded = rows.map(recordedEventOf<Event>);
      for (const projection of this.options.projections) await projection.apply(manager, recorded);
    }
    await within?.(manager, recorded);
    return recorded;
  }

  private async query(sql: string, parameters: unknown[]): Promise<EventRow[]> {
    try {
      return await this.source.query(sql, parameters);
    } catch (error) {
      throw databaseError(error);
    }
  }
}

function conflict(streamId: string, expectedVersion: number, cause?: unknown): AppError {
  return new AppError('conflicting-change', `Stream ${streamId} is not at version ${expectedVersion} any more.`, { publicMessage: 'Somebody else changed it at the same time.', retryable: true, cause });
}

function databaseError(error: unknown): unknown {
  if (isConnectionFailure(error)) return new AppError('database-unavailable', (error as Error).message, { publicMessage: 'The database cannot be reached.', retryable: true, retryAfterMs: 1_000, cause: error });
  // The lock makes this impossible for appends of ours; a restored copy of the database may still meet it.
  const isVersionTaken = sqlStateOf(error) === UNIQUE_VIOLATION && (error as { constraint?: string }).constraint === 'events_stream_id_version_key';
  return isVersionTaken ? conflict('', 0, error) : error;
}
