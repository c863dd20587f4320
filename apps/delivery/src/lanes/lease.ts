/** How long a partition belongs to whoever took or renewed it, by Postgres time. */
export const LEASE_TTL_MS = 10_000;
/** No request starts when the last renewal is older. */
export const START_LIMIT_MS = 5_000;
/** Requests in flight are aborted then: two seconds before somebody else may begin. */
export const ABORT_LIMIT_MS = 8_000;

/** When the statement that renewed the lease was *sent*: what came back says only that it was good at some moment after that. */
export interface Renewal {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/** The larger of monotonic and wall time since the renewal: a suspended machine stops the first, a clock step moves the second. */
export function leaseAgeMs(renewed: Renewal, now: Renewal): number {
  return Math.max(now.monotonicMs - renewed.monotonicMs, now.wallMs - renewed.wallMs);
}

/** A lease as its row says. */
export interface LeaseRow {
  readonly partition: number;
  readonly owner: string | null;
  readonly epoch: number;
  /** By Postgres' clock at the moment it was read. */
  readonly expired: boolean;
  /** Changes with every renewal. */
  readonly renewals: number;
}

/** What a would-be taker remembers of a row that belongs to another. */
export interface LeaseWatch {
  readonly owner: string | null;
  readonly epoch: number;
  readonly renewals: number;
  readonly sinceMonotonicMs: number;
}

export type TakeDecision = { readonly kind: 'take'; readonly clean: boolean } | { readonly kind: 'wait'; readonly watch: LeaseWatch };

/**
 * Whether a partition may be taken now. A released one at once. An expired one only after it was seen unchanged for one TTL on our own clock: Postgres' clock may have
 * jumped, and then its "expired" alone would give a partition two owners. Who is alone by construction (`sole`) need not watch.
 */
export function decideTake(row: LeaseRow, watch: LeaseWatch | null, instanceId: string, sole: boolean, monotonicMs: number): TakeDecision {
  if (row.owner === null) return { kind: 'take', clean: true };
  if (sole || row.owner === instanceId) return { kind: 'take', clean: false };
  const isSame = watch !== null && watch.owner === row.owner && watch.epoch === row.epoch && watch.renewals === row.renewals;
  if (isSame && row.expired && monotonicMs - watch.sinceMonotonicMs >= LEASE_TTL_MS) return { kind: 'take', clean: false };
  return { kind: 'wait', watch: isSame ? watch : { owner: row.owner, epoch: row.epoch, renewals: row.renewals, sinceMonotonicMs: monotonicMs } };
}
