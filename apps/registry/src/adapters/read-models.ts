import { isAppError, AppError } from '@hooklane/kernel';
import type { EventStore, RecordedEvent, DomainEvent } from '@hooklane/event-sourcing';
import { isConnectionFailure } from '@hooklane/postgres';
import type { DataSource } from 'typeorm';
import type { AggregateKind, AggregateState, KindOf, PageRequest, ReadModels, Stored } from '../ports.js';
import { streamIdOf } from '../stream-id.js';
import { rowMappings } from './aggregate-rows.js';

/** Reads what the projections wrote. */
export class PostgresReadModels implements ReadModels {
  constructor(
    private readonly source: DataSource,
    private readonly store: EventStore,
  ) {}

  async find<State extends AggregateState>({ kind }: KindOf<State>, tenantId: string, id: string): Promise<Stored<State> | null> {
    const row = await reachable(() => this.source.manager.findOne(rowMappings[kind].entity, { where: { tenantId, id, status: 'live' } }));
    return row ? storedOf<State>(row) : null;
  }

  async page<State extends AggregateState>({ kind }: KindOf<State>, tenantId: string, { after, limit, prefix = '' }: PageRequest): Promise<readonly Stored<State>[]> {
    const query = this.source.manager.createQueryBuilder(rowMappings[kind].entity, 'row').where(`row.status = 'live'`).orderBy('row.id').take(limit);
    // Tenants are rows of their own; an empty tenant there means every one of them.
    if (kind !== 'tenant' || tenantId !== '') query.andWhere('row.tenantId = :tenantId', { tenantId });
    if (after !== null) query.andWhere('row.id > :after', { after });
    if (prefix !== '') query.andWhere('starts_with(row.id, :prefix)', { prefix });
    return (await reachable(() => query.getMany())).map(storedOf<State>);
  }

  history<Event extends DomainEvent>(kind: AggregateKind, tenantId: string, id: string): Promise<readonly RecordedEvent<Event>[]> {
    return this.store.readStream<Event>(streamIdOf({ kind, tenantId, id }));
  }
}

function storedOf<State extends AggregateState>(row: { id: string; version: number; state: object }): Stored<State> {
  const state = row.state as State;
  return { id: row.id, state, version: row.version + state.raisedBy };
}

/** @throws AppError `database-unavailable` where the server cannot be reached */
export async function reachable<Result>(query: () => Promise<Result>): Promise<Result> {
  try {
    return await query();
  } catch (error) {
    if (isAppError(error) || !isConnectionFailure(error)) throw error;
    throw new AppError('database-unavailable', (error as Error).message, { publicMessage: 'The database cannot be reached.', retryable: true, retryAfterMs: 1_000, cause: error });
  }
}
