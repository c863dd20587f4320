import type { EventTypeState, ProjectState, TenantState } from '@hooklane/contracts/topics';
import type { AppendOptions, AppendRecord, Offset } from '@hooklane/event-log';

/** The catalog, as ingest needs it. */
export interface Catalog {
  /** Resolves when every change that an API confirmed before this call is known (promise 10). */
  caughtUp(): Promise<void>;
  tenant(tenantId: string): TenantState | undefined;
  eventType(tenantId: string, name: string): EventTypeState | undefined;
  /** By its id or its key. */
  projectNamed(tenantId: string, name: string): ProjectState | undefined;
}

export interface EventLogWriter {
  partitionsOf(topic: string): number;
  append(records: readonly AppendRecord[], options?: AppendOptions): Promise<readonly Offset[]>;
}

/** One claimed id or idempotency key of a tenant. */
export interface ClaimRow {
  readonly tenantId: string;
  /** `id:<event id>` or `key:<idempotency key>` */
  readonly key: string;
  /** SHA-256 over all fields of the request. */
  readonly hash: Uint8Array;
  readonly eventId: string;
  readonly acceptedAtMs: number;
}

export type ClaimRowState =
  /** Ours, with the event id and time that the first claim fixed. */
  | { readonly state: 'granted'; readonly eventId: string; readonly acceptedAtMs: number }
  | { readonly state: 'settled'; readonly sameRequest: boolean; readonly eventId: string; readonly acceptedAtMs: number }
  /** Another process holds it, or did until it died. */
  | { readonly state: 'pending'; readonly sameRequest: boolean };

/** Claims over all ingest processes. Every method takes a batch and costs one or two round trips. Rejects with `database-unavailable`. */
export interface ClaimStore {
  /** Answers in the order of `rows`, whose (tenant, key) are distinct. */
  claim(rows: readonly ClaimRow[]): Promise<readonly ClaimRowState[]>;
  /** The event is in the log. */
  settle(rows: readonly ClaimRow[]): Promise<void>;
  /** Nothing was written and nothing will be. */
  release(rows: readonly ClaimRow[]): Promise<void>;
  /** What is not renewed within the lease may be taken by another process. */
  renew(rows: readonly ClaimRow[]): Promise<void>;
  removeExpired(): Promise<number>;
}

export interface QuotaLimit {
  readonly eventsPerSecond: number;
  readonly burst: number;
}

export interface QuotaWish extends QuotaLimit {
  readonly tenantId: string;
  readonly tokens: number;
}

/** Token buckets over all ingest processes. */
export interface QuotaStore {
  /** Takes up to `tokens` of each tenant's bucket; at most one wish a tenant. @returns what was there, in the order of `wishes` */
  lease(wishes: readonly QuotaWish[]): Promise<readonly number[]>;
}
