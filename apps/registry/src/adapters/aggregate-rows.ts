import type { FactsState } from '../facts-aggregate.js';
import type { AggregateKind, AggregateState } from '../ports.js';
import type { ProjectFacts } from '../project/projects.js';
import type { UserFacts } from '../user/users.js';
import { ApiKeyRow, EventTypeRow, HookRow, MembershipRow, ProjectRow, SourceRow, TenantRow, UserRow, type AggregateRow } from './entities.js';

export interface RowMapping {
  readonly entity: new () => AggregateRow;
  /** Columns beside those that every aggregate has. */
  columns(state: AggregateState): object;
}

const plain = (entity: new () => AggregateRow): RowMapping => ({ entity, columns: () => ({}) });

/** Where each kind of aggregate is kept. */
export const rowMappings: Readonly<Record<AggregateKind, RowMapping>> = {
  tenant: plain(TenantRow),
  'api-key': plain(ApiKeyRow),
  hook: plain(HookRow),
  'event-type': plain(EventTypeRow),
  project: { entity: ProjectRow, columns: (state) => ({ key: state.status === 'live' ? (state as FactsState<ProjectFacts>).facts.key : null }) },
  user: { entity: UserRow, columns: (state) => ({ userName: (state.status === 'live' && (state as FactsState<UserFacts>).facts.userName?.toLowerCase()) || null }) },
  membership: plain(MembershipRow),
  source: plain(SourceRow),
};

export const entities = Object.values(rowMappings).map(({ entity }) => entity);
