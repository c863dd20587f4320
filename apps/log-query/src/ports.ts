import type { FlushPlan, PositionMove } from './writer/flush-plan.js';

export interface StoredPosition {
  /** 0: nothing was read yet. */
  readonly nextOffset: number;
  /** JSON, as the last flush wrote it. */
  readonly marks: string;
}

export type WriteResult =
  | { readonly kind: 'written'; readonly lastSeq: number }
  /** Nothing was written: these partitions belong to another instance by now. */
  | { readonly kind: 'lost'; readonly partitions: readonly PositionMove[] };

/** Where the read models are kept. Rows and positions change together or not at all. */
export interface ReadModelStore {
  /** One for each partition, in the same order. */
  positions(topic: string, partitions: readonly number[]): Promise<readonly StoredPosition[]>;
  write(plan: FlushPlan): Promise<WriteResult>;
  /** The number of the newest row of any table. */
  lastSeq(): Promise<number>;
}

/** Makes the days that a flush needs, and drops those whose time is up. */
export interface DayPartitions {
  /** The first day still kept, as its first millisecond: older rows are not written. */
  readonly keptFromMs: number;
  /** Makes what is missing for rows of these times. Cheap when nothing is. */
  ensure(timesMs: Iterable<number>): Promise<void>;
  /** Forgets which days it has seen, after a write found one missing. */
  forget(): void;
}

export interface HookVersionRow {
  readonly hookId: string;
  readonly version: number;
  readonly tenantId: string;
  /** When the log took it. */
  readonly atMs: number;
  /** HookChanged without its sealed secrets. */
  readonly record: Buffer;
}

export interface TenantRow {
  readonly tenantId: string;
  readonly version: number;
  /** 0: the platform's default. */
  readonly retentionDays: number;
  readonly deleted: boolean;
}

export interface IncidentRow {
  readonly incidentId: string;
  readonly offset: number;
  readonly tenantId: string;
  readonly raisedAtMs: number;
  readonly state: string;
  /** IncidentChanged as it stands in the log. */
  readonly record: Buffer;
}

/** Where the compacted topics are kept. `next` is the offset behind the rows: it is stored with them. */
export interface TableStore {
  position(topic: string): Promise<number>;
  saveHookVersions(next: number, rows: readonly HookVersionRow[]): Promise<void>;
  saveTenants(next: number, rows: readonly TenantRow[]): Promise<void>;
  saveIncidents(next: number, rows: readonly IncidentRow[]): Promise<void>;
}
