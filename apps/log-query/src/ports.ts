import type { LogPlace } from '@hooklane/routing';
import type { FlushPlan, PositionMove } from './writer/flush-plan.js';
import type { AttemptFilter, DeliveryFilter, EventFilter, InboundCallFilter, UndeliveredFilter } from './query/filters.js';
import type { AttemptRecord, Page, PageWish, PlaceKey, StoredAttempt, StoredDelivery, StoredEvent, StoredInboundCall, StoredUnmatched } from './query/stored.js';

export interface StoredPosition {
  /** 0: nothing was read yet. */
  readonly nextOffset: number;
  /** JSON, as the last flush wrote it. */
  readonly marks: string;
  /** Records below this offset have their numbers; it stays when the read models are emptied. */
  readonly numbered: number;
}

export type WriteResult =
  | { readonly kind: 'written'; readonly lastSeq: number }
  /** Nothing was written: these partitions belong to another instance by now. */
  | { readonly kind: 'lost'; readonly partitions: readonly PositionMove[] };

/** Where the read models are kept. Rows and positions change together or not at all. */
export interface ReadModelStore {
  /** One for each partition, in the same order. */
  positions(topic: string, partitions: readonly number[]): Promise<readonly StoredPosition[]>;
  /** @param nowMs names the day under which the numbers are kept */
  write(plan: FlushPlan, nowMs: number): Promise<WriteResult>;
  /** The number of the newest event or outcome. */
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

export interface InboundCallRow {
  readonly atMs: number;
  readonly logOffset: number;
  readonly logPartition: number;
  readonly tenantId: string;
  readonly callId: string;
  readonly endpoint: string;
  readonly sourceId: string;
  readonly outcome: string;
  /** InboundCalled as it stands in the log. */
  readonly record: Buffer;
}

/** Where the calls from outside are kept; rows read again change nothing. */
export interface InboundCallStore {
  /** The next offset to read of each partition. */
  positions(partitions: readonly number[]): Promise<readonly number[]>;
  /** @param next the offset behind the rows, which is stored with them */
  save(partition: number, next: number, rows: readonly InboundCallRow[]): Promise<void>;
}

/** Every question names its tenant; nothing of another one is ever found. */
export interface EventQueries {
  find(tenantId: string, eventId: string): Promise<StoredEvent | null>;
  page(tenantId: string, filter: EventFilter, wish: PageWish): Promise<Page<StoredEvent>>;
  /** When fan-out found no hook for it; null when it did not say so. */
  decidedAsUnmatched(tenantId: string, eventId: string): Promise<number | null>;
}

export interface DeliveryQueries {
  find(tenantId: string, requestPartition: number, requestOffset: number, hookId: string): Promise<StoredDelivery | null>;
  ofEvent(tenantId: string, eventId: string, acceptedAtMs: number, limit: number): Promise<readonly StoredDelivery[]>;
  ofEventAndHook(tenantId: string, eventId: string, acceptedAtMs: number, hookId: string): Promise<readonly StoredDelivery[]>;
  page(tenantId: string, filter: DeliveryFilter, wish: PageWish): Promise<Page<StoredDelivery>>;
  /** The highest request offset that retention has dropped of a partition; -1: none. */
  droppedUpTo(requestPartition: number): Promise<number>;
}

/** What did not arrive, or not yet. */
export interface UndeliveredQueries {
  /** Of each event and hook the newest delivery, where it is not delivered. */
  deliveries(tenantId: string, filter: UndeliveredFilter, wish: PageWish): Promise<Page<StoredDelivery>>;
  /** Events that matched nothing. */
  unmatched(tenantId: string, filter: UndeliveredFilter, wish: PageWish): Promise<Page<StoredUnmatched>>;
}

/** Which attempts of the log with everything in it. */
export interface LoggedWish {
  readonly hooks: readonly string[];
  /** Empty: of any. */
  readonly project: string;
  /** Behind this one. */
  readonly after: PlaceKey | null;
  readonly fromMs: number;
  readonly limit: number;
}

/** Attempts of all triggers, decisions not among them. */
export interface LoggedAttempts {
  /** Newest first. */
  newest(tenantId: string, wish: LoggedWish): Promise<readonly AttemptRecord[]>;
  /** By the place of its outcome. */
  at(tenantId: string, place: LogPlace): Promise<AttemptRecord | null>;
  /** @returns for hooks that have any, counted up to `atMost` */
  counts(tenantId: string, hooks: readonly string[], fromMs: number, atMost: number): Promise<ReadonlyMap<string, number>>;
}

export interface AttemptQueries {
  find(tenantId: string, attemptId: string): Promise<AttemptRecord | null>;
  /** Attempts and decisions, oldest first. */
  ofDelivery(tenantId: string, requestPartition: number, requestOffset: number, hookId: string): Promise<readonly AttemptRecord[]>;
  /** @param event the one that the filter names, where it names one */
  page(tenantId: string, filter: AttemptFilter, event: { readonly acceptedAtMs: number } | null, wish: PageWish): Promise<Page<StoredAttempt>>;
}

export interface InboundCallQueries {
  find(tenantId: string, callId: string): Promise<StoredInboundCall | null>;
  page(tenantId: string, filter: InboundCallFilter, wish: PageWish): Promise<Page<StoredInboundCall>>;
}

export interface HookHistory {
  /** Versions of the hook up to a moment, newest first, a few at most. */
  versions(tenantId: string, hookId: string, upToMs: number): Promise<readonly { readonly atMs: number; readonly record: Buffer }[]>;
  /** Whether the tenant has, or had, this hook. */
  exists(tenantId: string, hookId: string): Promise<boolean>;
}

export interface Tenants {
  /** The tenant's own retention, or the platform's. */
  retentionDays(tenantId: string): number;
}

/** Cursors are sealed: nobody else's, and no other list's, opens. */
export interface Cursors {
  seal(scope: string, key: PlaceKey): string;
  /** @throws AppError `invalid-cursor` */
  open(scope: string, cursor: string): PlaceKey;
}

export interface TailLook {
  /** How far the look went; `after`: nowhere, what comes next is being written again (a rebuild). */
  readonly upTo: number;
  readonly events: readonly { readonly seq: number; readonly event: StoredEvent }[];
  readonly outcomes: readonly { readonly seq: number; readonly outcome: AttemptRecord }[];
}

export interface TailQueries {
  /**
   * What is numbered above `after`, a few thousand numbers at most.
   * @param newest a number that has been committed, and above `after`
   */
  look(tenantId: string, after: number, newest: number): Promise<TailLook>;
}

/** The newest number that has been committed. */
export interface Head {
  now(): Promise<number>;
  /** Waits until the head is above `seq`. Null: not within `timeoutMs`, or aborted. */
  beyond(seq: number, timeoutMs: number, signal: AbortSignal): Promise<number | null>;
}

export interface IncidentFilter {
  readonly state?: string | undefined;
}

/** Records are IncidentChanged. A null tenant is the platform, which sees all. */
export interface IncidentQueries {
  find(tenantId: string | null, incidentId: string): Promise<Buffer | null>;
  page(tenantId: string | null, filter: IncidentFilter, limit: number, after: PlaceKey | null): Promise<{ readonly records: readonly Buffer[]; readonly next: PlaceKey | null }>;
  /** @returns false when it is not open, or somebody else is answering it */
  claim(incidentId: string, by: string, nowMs: number): Promise<boolean>;
  release(incidentId: string): Promise<void>;
  /** Shows the answer at once; the topic brings it again. */
  settled(incidentId: string, state: string, record: Buffer): Promise<void>;
}
