import type { HookChanged, TenantState } from '@hooklane/contracts/topics';
import type { AppendRecord, LogRecord, Offset, TopicPartition } from '@hooklane/event-log';
import type { TargetPolicy } from '@hooklane/routing';
import type { SendResult } from './attempt/classify.js';
import type { LeaseRow } from './lanes/lease.js';
import type { ProgressSnapshot } from './lanes/progress.js';

/** What delivery needs of the tables; `Directory` fits. */
export interface HookTable {
  hook(hookId: string): HookChanged | undefined;
  /** Also of a deleted hook; 0: never seen. */
  hookVersion(hookId: string): number;
  tenant(tenantId: string): TenantState | undefined;
  onHookChanged(listener: (hook: HookChanged) => void): () => void;
  /** Resolves when the table has everything that was in its topic at the time of the call. */
  caughtUp(): Promise<void>;
}

/** What delivery needs of the log; `EventLog` fits. */
export interface OutcomeLog {
  append(records: readonly AppendRecord[]): Promise<readonly Offset[]>;
  read(range: TopicPartition & { readonly from: Offset; readonly to: Offset }): AsyncIterable<readonly LogRecord[]>;
  bounds(topic: string): Promise<readonly { readonly first: Offset; readonly next: Offset }[]>;
  partitionsOf(topic: string): number;
  readonly soleWriter?: boolean;
}

/** How far a delivery is, as the partition's owner has written it down last. */
export interface DeliveryStates {
  /** What is below the watermark and not parked has its fate; that of others stands in the outcomes from `outcomesFrom` on. */
  find(partition: number, offset: number, hookId: string): Promise<{ readonly isParked: boolean; readonly watermark: number; readonly outcomesFrom: number }>;
}

export interface TlsProfile {
  readonly verify: boolean;
  readonly caPem: string;
  readonly clientCertificatePem: string;
  readonly clientKeyPem: string;
}

/** One HTTP request on its way. The sender calls `completed` exactly once. */
export interface OutboundRequest {
  readonly origin: string;
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: string[];
  readonly body: Buffer;
  /** Total, over connect, headers and body. */
  readonly timeoutMs: number;
  /** Part of it, in which the connection must stand; 0: no limit of its own. */
  readonly connectTimeoutMs: number;
  readonly tls: TlsProfile;
  /** The same object for the same rules: sockets are shared by it. */
  readonly targets: TargetPolicy;
  /** Asked again right before the first byte is written. */
  mayStart(): boolean;
  completed(result: SendResult, timings: SendTimings): void;
}

export interface SendTimings {
  /** 0 on a reused connection. */
  readonly connectUs: number;
  readonly firstByteUs: number;
  readonly totalUs: number;
}

export interface HttpSender {
  send(request: OutboundRequest): InFlight;
  close(): Promise<void>;
}

export interface InFlight {
  /** `completed` follows with `interrupted`, unless it was called before. */
  interrupt(): void;
}

export interface PartitionLease {
  readonly partition: number;
  readonly epoch: number;
}

export interface LeaseStore {
  /** Makes rows that are not there. */
  read(partitions: readonly number[]): Promise<readonly LeaseRow[]>;
  /** Only if the row is still as it was read. @returns null when somebody else was faster */
  take(row: LeaseRow, owner: string, minEpoch: number): Promise<TakenLease | null>;
  /** Writes progress and renews, in one statement. @returns the partitions that are still ours */
  renew(owner: string, partitions: readonly (PartitionLease & ProgressSnapshot)[]): Promise<RenewedLeases>;
  /** Writes progress and the rows of lanes whose requests are still in flight, and lets go, all or nothing for each partition. */
  release(owner: string, partitions: readonly ReleasedPartition[], busy: readonly LaneRow[]): Promise<void>;
}

export interface ReleasedPartition extends PartitionLease, ProgressSnapshot {
  /** See OwnedPartition; 0: none. */
  readonly suspectBelow: number;
}

export interface TakenLease extends PartitionLease {
  /** What an owner that let go in order had not yet cleared up after one that had not. */
  readonly suspectBelow: number;
  /** Null: nobody has ever owned it. */
  readonly progress: ProgressSnapshot | null;
  readonly nowMs: number;
}

export interface RenewedLeases {
  readonly partitions: ReadonlySet<number>;
  readonly nowMs: number;
}

export interface ParkedRow {
  readonly partition: number;
  readonly offset: number;
  readonly hookId: string;
  readonly hookVersion: number;
  readonly acceptedAtMs: number;
  readonly tenantId: string;
  readonly eventId: string;
  readonly trigger: string;
  readonly replayId: string;
  readonly orderingKey: string;
  /** EventAccepted as it stands in the log, but for the traceparent, which is the request's; stored once for all hooks of an offset. */
  readonly event: Buffer;
}

export interface ParkedKey {
  readonly partition: number;
  readonly offset: number;
  readonly hookId: string;
}

/** Which of a hook's parked rows: those beyond `after`, lowest first. */
export interface ParkedPage {
  readonly partition: number;
  readonly hookId: string;
  readonly after: number;
  /** At most so many, and about so many bytes, but at least one. */
  readonly records: number;
  readonly bytes: number;
  /** Not beyond it. */
  readonly upTo?: number;
  readonly orderingKey?: string;
  /** Of those beyond this offset only what belongs to a catch-up: the others wait for its end. */
  readonly border?: number;
}

export interface ParkedStats {
  readonly hookId: string;
  readonly tenantId: string;
  readonly count: number;
  readonly lowest: number;
  readonly highest: number;
  readonly oldestAcceptedAtMs: number;
  /** Of them, those of a catch-up. */
  readonly catchUps: number;
}

export interface ParkingStore {
  /** @returns the partitions that are still ours; nothing was stored for the others */
  park(owner: string, leases: readonly PartitionLease[], rows: readonly ParkedRow[]): Promise<ReadonlySet<number>>;
  remove(keys: readonly ParkedKey[]): Promise<void>;
  page(query: ParkedPage): Promise<readonly ParkedRow[]>;
  stats(partition: number, hookId?: string): Promise<readonly ParkedStats[]>;
  /** The same of one hook while it catches up: what goes out, and what waits for the end of that. Null: nothing. */
  catchUpStats(partition: number, hookId: string, border: number): Promise<{ readonly line: ParkedStats | null; readonly waiting: ParkedStats | null }>;
  keysFrom(partition: number, offset: number): Promise<readonly ParkedKey[]>;
}

export interface LaneRow {
  readonly partition: number;
  readonly hookId: string;
  readonly tenantId: string;
  /** LaneHealth as JSON, with the number of the last outcome it knows of. */
  readonly state: string;
  /** A failure's outcome that was perhaps not published; null: it was. */
  readonly unpublished: Buffer | null;
  /** What changed of failed deliveries that wait, by offset: KeyedHealth as JSON; empty: it goes. */
  readonly heads?: ReadonlyMap<number, string> | null;
}

export interface HeadRow {
  readonly hookId: string;
  readonly tenantId: string;
  readonly offset: number;
  readonly state: string;
  readonly isParked: boolean;
}

export interface LaneRowStore {
  /** A row with an empty state is removed. @returns the partitions that are still ours */
  write(owner: string, leases: readonly PartitionLease[], rows: readonly LaneRow[]): Promise<ReadonlySet<number>>;
  read(partition: number, hookId?: string): Promise<readonly LaneRow[]>;
  heads(partition: number, hookId?: string): Promise<readonly HeadRow[]>;
}
