import type { Clock } from '@hooklane/kernel';
import type { QuotaLimit, QuotaStore, QuotaWish } from '../ports.js';

interface Waiter {
  readonly count: number;
  readonly resolve: (granted: number) => void;
}

interface Bucket {
  /** Leased and not yet used. */
  tokens: number;
  leasedAtMs: number;
  /** The shared bucket was found empty; not asked again before. */
  emptyUntilMs: number;
  readonly waiters: Waiter[];
  limit: QuotaLimit;
  /** The bucket of this process alone, for while the store is away. */
  readonly own: { tokens: number; atMs: number };
}

/** What is leased at a time: enough for a quarter of a second, so that a busy tenant costs four round trips a second and process. */
const LEASE_SECONDS = 0.25;
/** Tokens that were not used by then are lost, or idle processes would save up a burst of their own. */
const LEASE_LIFE_MS = 1_000;
/** An empty bucket is asked again when it must have a token, but not more often than this, and at least this often. */
const ASK_AGAIN_MIN_MS = 20;
const ASK_AGAIN_MAX_MS = 250;
const STORE_AWAY_MS = 1_000;

/**
 * The tenants' event quotas, held over all processes by leasing tokens from buckets in the store: no round trip an event.
 * While the store is away each process holds the limit on its own, so that publishing goes on (only claims need the store).
 */
export class QuotaKeeper {
  private readonly buckets = new Map<string, Bucket>();
  private storeAwayUntilMs = 0;
  private isRunning = false;

  constructor(
    private readonly store: QuotaStore,
    private readonly clock: Clock,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** @returns how many of `count` events may go, at once where tokens are at hand */
  take(tenantId: string, count: number, limit: QuotaLimit): number | Promise<number> {
    const bucket = this.bucketOf(tenantId, limit);
    const nowMs = this.clock.monotonicMs();
    if (nowMs - bucket.leasedAtMs > LEASE_LIFE_MS) bucket.tokens = 0;
    if (bucket.waiters.length === 0 && (bucket.tokens >= count || nowMs < bucket.emptyUntilMs)) return draw(bucket, count);
    return new Promise((resolve) => {
      bucket.waiters.push({ count, resolve });
      if (this.isRunning) return;
      this.isRunning = true;
      queueMicrotask(() => void this.serve());
    });
  }

  /** Asks for all tenants with waiters at once; who comes meanwhile is in the next question. */
  private async serve(): Promise<void> {
    for (let asking = this.asking(); asking.length > 0; asking = this.asking()) {
      const wishes = asking.map(([tenantId, bucket]) => wishOf(tenantId, bucket));
      const granted = await this.lease(wishes);
      for (const [index, [, bucket]] of asking.entries()) this.fill(bucket, granted[index] ?? 0, wishes[index]?.tokens ?? 0);
    }
    this.isRunning = false;
  }

  private asking(): [string, Bucket][] {
    return [...this.buckets].filter(([, bucket]) => bucket.waiters.length > 0);
  }

  private fill(bucket: Bucket, granted: number, wished: number): void {
    const nowMs = this.clock.monotonicMs();
    bucket.tokens += granted;
    bucket.leasedAtMs = nowMs;
    // All who waited are answered now: what is not there now is refused, not queued.
    for (const waiter of bucket.waiters.splice(0)) waiter.resolve(draw(bucket, waiter.count));
    // A wish that was granted whole says nothing about what else the shared bucket holds.
    if (granted < wished && bucket.tokens < 1) bucket.emptyUntilMs = nowMs + Math.min(ASK_AGAIN_MAX_MS, Math.max(ASK_AGAIN_MIN_MS, 1_000 / bucket.limit.eventsPerSecond));
  }

  private async lease(wishes: readonly QuotaWish[]): Promise<readonly number[]> {
    if (this.clock.monotonicMs() >= this.storeAwayUntilMs) {
      try {
        return await this.store.lease(wishes);
      } catch (error) {
        this.storeAwayUntilMs = this.clock.monotonicMs() + STORE_AWAY_MS;
        this.failed(error);
      }
    }
    return wishes.map((wish) => this.leaseOwn(wish));
  }

  private leaseOwn({ tenantId, tokens, eventsPerSecond, burst }: QuotaWish): number {
    const own = this.buckets.get(tenantId)?.own;
    if (!own) return 0;
    const nowMs = this.clock.monotonicMs();
    const available = Math.min(burst, own.tokens + ((nowMs - own.atMs) / 1_000) * eventsPerSecond);
    const granted = Math.min(tokens, Math.floor(available));
    own.tokens = available - granted;
    own.atMs = nowMs;
    return granted;
  }

  private bucketOf(tenantId: string, limit: QuotaLimit): Bucket {
    const known = this.buckets.get(tenantId);
    if (known) {
      known.limit = limit;
      return known;
    }
    const nowMs = this.clock.monotonicMs();
    const made: Bucket = { tokens: 0, leasedAtMs: nowMs, emptyUntilMs: 0, waiters: [], limit, own: { tokens: limit.eventsPerSecond, atMs: nowMs } };
    this.buckets.set(tenantId, made);
    return made;
  }
}

function wishOf(tenantId: string, { waiters, tokens, limit }: Bucket): QuotaWish {
  const needed = waiters.reduce((sum, waiter) => sum + waiter.count, 0) - tokens;
  return { tenantId, ...limit, tokens: Math.max(1, Math.ceil(needed), Math.floor(limit.eventsPerSecond * LEASE_SECONDS)) };
}

function draw(bucket: Bucket, count: number): number {
  const granted = Math.min(count, Math.floor(bucket.tokens));
  bucket.tokens -= granted;
  return granted;
}
