import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * An aggregate as its events left it. `state` is the decider's state; the columns beside it are what is searched for.
 * Deleted ones stay: their version must never be used again.
 */
export abstract class AggregateRow {
  /** The platform's own things have an empty tenant. */
  @PrimaryColumn({ name: 'tenant_id', type: 'text' })
  tenantId!: string;

  @PrimaryColumn({ type: 'text' })
  id!: string;

  /** Of the stream; what readers see is this plus `state.raisedBy`. */
  @Column({ type: 'integer' })
  version!: number;

  @Column({ type: 'text' })
  status!: string;

  @Column({ type: 'jsonb' })
  state!: object;
}

@Entity({ schema: 'registry', name: 'tenants' })
export class TenantRow extends AggregateRow {}

@Entity({ schema: 'registry', name: 'api_keys' })
export class ApiKeyRow extends AggregateRow {}

@Entity({ schema: 'registry', name: 'hooks' })
export class HookRow extends AggregateRow {}

@Entity({ schema: 'registry', name: 'event_types' })
export class EventTypeRow extends AggregateRow {}

@Entity({ schema: 'registry', name: 'projects' })
export class ProjectRow extends AggregateRow {
  /** Unique among the tenant's live projects; null for deleted ones. */
  @Column({ type: 'text', nullable: true })
  key!: string | null;
}

@Entity({ schema: 'registry', name: 'users' })
export class UserRow extends AggregateRow {
  /** In lower case; unique among the tenant's live users; null for deleted ones and those without one. */
  @Column({ name: 'user_name', type: 'text', nullable: true })
  userName!: string | null;
}

@Entity({ schema: 'registry', name: 'memberships' })
export class MembershipRow extends AggregateRow {}

@Entity({ schema: 'registry', name: 'sources' })
export class SourceRow extends AggregateRow {}
