import { toAppError, type AppError } from '@hooklane/kernel';
import type { ClaimRow, ClaimRowState, ClaimStore } from '../ports.js';
import { MicroBatcher } from './micro-batcher.js';

export interface ClaimRequest {
  readonly tenantId: string;
  /** One or two: the publisher's id, the idempotency key. */
  readonly keys: readonly string[];
  readonly hash: Uint8Array;
  /** What the event is called and when it was accepted if this request is the first. */
  readonly eventId: string;
  readonly acceptedAtMs: number;
}

export interface FirstAnswer {
  readonly eventId: string;
  readonly acceptedAtMs: number;
}

/** Append the event under this id and time, then call one of both. */
export interface GrantedClaim extends FirstAnswer {
  readonly kind: 'granted';
  readonly settle: () => void;
  /** @param why told to those who wait for this claim */
  readonly release: (why: AppError) => void;
}

/** What became of a claim, to those who wait for it; `elsewhere`: ask again. */
export type ClaimEnd = FirstAnswer | 'elsewhere' | AppError;

export type ClaimAnswer =
  | GrantedClaim
  | ({ readonly kind: 'repeat' } & FirstAnswer)
  /** The id or key belongs to another request. */
  | { readonly kind: 'reused' }
  /** This process is appending it just now. */
  | { readonly kind: 'under-way'; readonly done: Promise<ClaimEnd> }
  /** Another process is appending it just now. */
  | { readonly kind: 'elsewhere' };

interface Held {
  readonly rows: readonly ClaimRow[];
  readonly done: Promise<ClaimEnd>;
  readonly finish: (answer: ClaimEnd) => void;
}

/** What the store must still be told. The claim stays held until it was. */
interface Report {
  readonly held: Held;
  readonly settled: readonly ClaimRow[];
  readonly released: readonly ClaimRow[];
}

const BATCH_ROWS = 500;

/**
 * The claims of this process. Two requests with the same id meet here first, those of different processes in the store.
 * What is settled or released goes to the store behind the answer: until then the lease, which is renewed, keeps others off.
 */
export class ClaimBook {
  private readonly held = new Map<string, Held>();
  private readonly claims: MicroBatcher<ClaimRow, ClaimRowState>;
  private reports: Report[] = [];
  private isFlushing = false;

  constructor(
    private readonly store: ClaimStore,
    /** Told when the store could not take what was settled; it is tried again with the next renewal. */
    private readonly failed: (error: unknown) => void,
  ) {
    this.claims = new MicroBatcher((rows) => store.claim(rows), BATCH_ROWS);
  }

  /** @throws AppError `database-unavailable` */
  async claim(request: ClaimRequest): Promise<ClaimAnswer> {
    for (const key of request.keys) {
      const held = this.held.get(fullKey(request.tenantId, key));
      if (held) return sameHash(held.rows, request.hash) ? { kind: 'under-way', done: held.done } : { kind: 'reused' };
    }
    const held = this.hold(request);
    try {
      return this.answer(held, await Promise.all(held.rows.map((row) => this.claims.submit(row))));
    } catch (error) {
      held.finish(toAppError(error));
      this.forget(held);
      throw error;
    }
  }

  /** To be called several times within a lease. */
  async renew(): Promise<void> {
    const rows = [...new Set(this.held.values())].flatMap((held) => held.rows);
    if (rows.length > 0) await this.store.renew(rows);
    await this.flush();
  }

  /** Tells the store what was settled and released since. Never rejects. */
  async flush(): Promise<void> {
    if (this.isFlushing) return;
    this.isFlushing = true;
    try {
      while (this.reports.length > 0) await this.flushOnce();
    } catch (error) {
      this.failed(error);
    } finally {
      this.isFlushing = false;
    }
  }

  private hold({ tenantId, keys, hash, eventId, acceptedAtMs }: ClaimRequest): Held {
    let finish: Held['finish'] = () => undefined;
    const done = new Promise<ClaimEnd>((resolve) => (finish = resolve));
    const held = { rows: keys.map((key) => ({ tenantId, key, hash, eventId, acceptedAtMs })), done, finish };
    for (const key of keys) this.held.set(fullKey(tenantId, key), held);
    return held;
  }

  private answer(held: Held, states: readonly ClaimRowState[]): ClaimAnswer {
    const granted = held.rows.filter((_, index) => states[index]?.state === 'granted');
    if (states.some((state) => state.state !== 'granted' && !state.sameRequest)) {
      // Who waits here gave one of the keys only, and asks for it again.
      this.end(held, 'elsewhere', { released: granted });
      return { kind: 'reused' };
    }
    const settled = states.find((state) => state.state === 'settled');
    if (settled) {
      // The same request once with, once without the second key: both now lead to the first answer.
      const first = { eventId: settled.eventId, acceptedAtMs: settled.acceptedAtMs };
      this.end(held, first, { settled: granted.map((row) => ({ ...row, ...first })) });
      return { kind: 'repeat', ...first };
    }
    const [own] = states;
    if (granted.length === states.length && own?.state === 'granted') return this.granted(held, own);
    // Who waits for this claim here waits for the other process like it; what a release ends is refused to all.
    this.end(held, 'elsewhere', { released: granted });
    return { kind: 'elsewhere' };
  }

  private granted(held: Held, { eventId, acceptedAtMs }: FirstAnswer): GrantedClaim {
    const rows = held.rows.map((row) => ({ ...row, eventId, acceptedAtMs }));
    return {
      kind: 'granted',
      eventId,
      acceptedAtMs,
      settle: () => this.end(held, { eventId, acceptedAtMs }, { settled: rows }),
      release: (why) => this.end(held, why, { released: rows }),
    };
  }

  private end(held: Held, end: ClaimEnd, { settled = [], released = [] }: Partial<Pick<Report, 'settled' | 'released'>>): void {
    held.finish(end);
    if (settled.length + released.length === 0) return this.forget(held);
    this.reports.push({ held, settled, released });
    void this.flush();
  }

  private async flushOnce(): Promise<void> {
    const reports = this.reports.splice(0, BATCH_ROWS);
    try {
      const [settled, released] = [reports.flatMap((report) => report.settled), reports.flatMap((report) => report.released)];
      if (settled.length > 0) await this.store.settle(settled);
      if (released.length > 0) await this.store.release(released);
    } catch (error) {
      this.reports.unshift(...reports);
      throw error;
    }
    for (const { held } of reports) this.forget(held);
  }

  private forget(held: Held): void {
    for (const { tenantId, key } of held.rows) {
      const full = fullKey(tenantId, key);
      if (this.held.get(full) === held) this.held.delete(full);
    }
  }
}

function fullKey(tenantId: string, key: string): string {
  return `${tenantId}\0${key}`;
}

function sameHash(rows: readonly ClaimRow[], hash: Uint8Array): boolean {
  const own = rows[0]?.hash;
  return own !== undefined && own.length === hash.length && own.every((byte, index) => byte === hash[index]);
}
