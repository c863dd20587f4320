import type { DomainEvent, Projection, RecordedEvent } from '@hooklane/event-sourcing';
import { AppError } from '@hooklane/kernel';
import { sqlStateOf } from '@hooklane/postgres';
import { In, type EntityManager } from 'typeorm';
import { aggregates } from '../aggregates.js';
import type { AggregateKind, AggregateState } from '../ports.js';
import { parseStreamId } from '../stream-id.js';
import { rowMappings } from './aggregate-rows.js';
import type { AggregateRow } from './entities.js';

const UNIQUE_VIOLATION = '23505';

/** Keeps every aggregate's newest state, in the transaction of the append. */
export const aggregateProjection: Projection<EntityManager> = { apply, clear };

async function apply(manager: EntityManager, events: readonly RecordedEvent[]): Promise<void> {
  for (const [kind, ofKind] of groupByKind(events)) await applyKind(manager, kind, ofKind);
}

function groupByKind(events: readonly RecordedEvent[]): Map<AggregateKind, RecordedEvent[]> {
  const groups = new Map<AggregateKind, RecordedEvent[]>();
  for (const event of events) {
    const { kind } = parseStreamId(event.streamId);
    const group = groups.get(kind);
    if (group) group.push(event);
    else groups.set(kind, [event]);
  }
  return groups;
}

async function applyKind(manager: EntityManager, kind: AggregateKind, events: readonly RecordedEvent[]): Promise<void> {
  const aggregate = aggregates.get(kind);
  if (!aggregate) return;
  const { entity, columns } = rowMappings[kind];
  const ids = [...new Set(events.map(({ streamId }) => streamId))].map(parseStreamId);
  const rows = await manager.find(entity, { where: { tenantId: In([...new Set(ids.map(({ tenantId }) => tenantId))]), id: In(ids.map(({ id }) => id)) } });
  const states = new Map<string, { state: AggregateState; version: number }>(rows.map((row) => [rowKey(row.tenantId, row.id), { state: row.state as AggregateState, version: row.version }]));
  for (const { streamId, version, event } of events) {
    const { tenantId, id } = parseStreamId(streamId);
    const before = states.get(rowKey(tenantId, id))?.state ?? aggregate.initial();
    states.set(rowKey(tenantId, id), { state: aggregate.evolve(before, event as DomainEvent), version });
  }
  const changed = ids.map(({ tenantId, id }) => {
    const { state, version } = states.get(rowKey(tenantId, id))!;
    return { tenantId, id, version, status: state.status, state, ...columns(state) } as AggregateRow;
  });
  try {
    await manager.upsert(entity, changed, { conflictPaths: ['tenantId', 'id'], skipUpdateIfNoValuesChanged: false });
  } catch (error) {
    if (sqlStateOf(error) !== UNIQUE_VIOLATION) throw error;
    throw new AppError('already-exists', `Another ${kind} has this key.`, { publicMessage: 'Another one has this key.', cause: error });
  }
}

async function clear(manager: EntityManager): Promise<void> {
  for (const { entity } of Object.values(rowMappings)) await manager.createQueryBuilder().delete().from(entity).execute();
}

const rowKey = (tenantId: string, id: string): string => `${tenantId}/${id}`;
