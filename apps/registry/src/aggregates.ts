import type { CatalogChanged, HookChanged } from '@hooklane/contracts/topics';
import type { DomainEvent } from '@hooklane/event-sourcing';
import { apiKeyAggregate, type ApiKeyState } from './api-key/api-key.decider.js';
import { apiKeyRecord } from './api-key/api-key-view.js';
import { eventTypeAggregate, type EventTypeState } from './event-type/event-type.decider.js';
import { eventTypeRecord } from './event-type/event-type-view.js';
import type { FactsState } from './facts-aggregate.js';
import { hookAggregate } from './hook/hook.decider.js';
import { hookChangedOf } from './hook/hook-record.js';
import type { HookState } from './hook/hook-state.js';
import { membershipAggregate } from './membership/memberships.js';
import type { Aggregate, AggregateKind, AggregateState } from './ports.js';
import { projectAggregate, projectRecord, type ProjectFacts } from './project/projects.js';
import { sourceAggregate, type SourceState } from './source/source.decider.js';
import { sourceRecord } from './source/source-view.js';
import { tenantAggregate, type TenantState } from './tenant/tenant.decider.js';
import { tenantRecord } from './tenant/tenant-view.js';
import { userAggregate } from './user/users.js';

export type AnyAggregate = Aggregate<AggregateState, { readonly kind: 'raise-version'; readonly by: number; readonly atMs: number }, DomainEvent>;

/** Every kind of aggregate the registry keeps. */
export const aggregates: ReadonlyMap<AggregateKind, AnyAggregate> = new Map(
  ([tenantAggregate, apiKeyAggregate, hookAggregate, eventTypeAggregate, projectAggregate, userAggregate, membershipAggregate, sourceAggregate] as unknown as AnyAggregate[]).map((aggregate) => [aggregate.kind, aggregate]),
);

/** What a change of an aggregate means to the other services: a record of one of the two tables. */
export type TableRecord = { readonly table: 'hooks'; readonly key: string; readonly value: HookChanged } | { readonly table: 'catalog'; readonly key: string; readonly value: CatalogChanged };

/** @returns null for kinds that only the registry itself needs. */
export function tableRecordOf(kind: AggregateKind, id: string, state: AggregateState, version: number): TableRecord | null {
  switch (kind) {
    case 'hook':
      return { table: 'hooks', key: id, value: hookChangedOf(state as HookState, version) };
    case 'tenant':
      return { table: 'catalog', key: `tenant/${id}`, value: tenantRecord(state as TenantState, version) };
    case 'api-key':
      return { table: 'catalog', key: `api-key/${id}`, value: apiKeyRecord(state as ApiKeyState, version) };
    case 'event-type':
      return { table: 'catalog', key: `event-type/${(state as EventTypeState).tenantId}/${id}`, value: eventTypeRecord(state as EventTypeState, version) };
    case 'project':
      return { table: 'catalog', key: `project/${(state as FactsState<ProjectFacts>).tenantId}/${id}`, value: projectRecord(state as FactsState<ProjectFacts>, version) };
    case 'source':
      return { table: 'catalog', key: `source/${(state as SourceState).tenantId}/${id}`, value: sourceRecord(state as SourceState, version) };
    case 'user':
    case 'membership':
      return null;
    default:
      return kind satisfies never;
  }
}
