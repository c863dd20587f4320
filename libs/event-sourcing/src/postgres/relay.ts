import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { EventStore, RecordedEvent } from '../event-store.js';
import { RelayLease } from './relay-lease.js';

export interface RelayOptions {
  readonly schema: string;
  /** Names the row with the lease and the position. */
  readonly name: string;
  /** This process among its like. */
  readonly holder: string;
  /** Hands events on, in order; resolves when they are durable at the other side. Repeats what an earlier call already handed on, after a crash. */
  publish(events: readonly RecordedEvent[]): Promise<void>;
  /** Null: all is well. */
  onState(problem: string | null): void;
  readonly leaseMs?: number;
  readonly pollMs?: number;
}

const LEASE_MS = 5_000;
const POLL_MS = 200;
/** How often a process without the lease looks at the position while one of its requests waits for it. */
const WAITING_POLL_MS = 20;
const RETRY_MS = 500;
const BATCH = 500;

interface Waiter {
  readonly id: number;
  resolve(isPublished: boolean): void;
}

/**
 * Follows the ids of the event store and hands every event on. One process is active, under a lease in the database; the others wait for it to end.
 * The events table is the outbox: nothing is written twice.
 */
export class Relay {
  private readonly lease: RelayLease;
  private readonly waiters = new Set<Waiter>();
  private readonly stopping = new AbortController();
  private position = 0;
  private nudge = new AbortController();
  private running: Promise<void> | undefined;

  constructor(
    source: DataSource,
    private readonly store: EventStore,
    private readonly options: RelayOptions,
  ) {
    this.lease = new RelayLease(source, options.schema, options.name, options.holder, options.leaseMs ?? LEASE_MS);
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Events were committed by this process, or somebody waits for some: look now. */
  wake(): void {
    this.nudge.abort();
  }

  /** The id up to which events are known to be handed on. */
  get publishedId(): number {
    return this.position;
  }

  /** @returns whether the event with this id was handed on within `timeoutMs`. */
  published(id: number, timeoutMs: number): Promise<boolean> {
    if (id <= this.position) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => waiter.resolve(false), timeoutMs);
      const waiter: Waiter = {
        id,
        resolve: (isPublished) => {
          clearTimeout(timer);
          this.waiters.delete(waiter);
          resolve(isPublished);
        },
      };
      this.waiters.add(waiter);
      this.wake();
    });
  }

  /** Lets the batch under way end, at most `timeoutMs`, and gives the lease back, so that another process goes on at once. */
  async stop(timeoutMs = 5_000): Promise<void> {
    this.stopping.abort();
    this.wake();
    await Promise.race([this.running ?? Promise.resolve(), sleep(timeoutMs, undefined, { ref: false })]);
    for (const waiter of this.waiters) waiter.resolve(false);
    await this.lease.release().catch(() => undefined);
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      // Made anew before looking: a wake-up while we look must not be lost.
      this.nudge = new AbortController();
      try {
        const pauseMs = await this.step();
        this.options.onState(null);
        if (pauseMs > 0) await this.pause(pauseMs);
      } catch (error) {
        this.options.onState((error as Error).message);
        await sleep(RETRY_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      }
    }
  }

  /** @returns how long to pause before the next step; 0 when there may be more. */
  private async step(): Promise<number> {
    const position = await this.lease.hold();
    if (position === null) {
      this.reach(await this.lease.readPosition());
      return this.waiters.size > 0 ? WAITING_POLL_MS : (this.options.pollMs ?? POLL_MS);
    }
    this.reach(position);
    const events = await this.store.readAll(position, BATCH);
    const last = events.at(-1);
    if (!last) return this.options.pollMs ?? POLL_MS;
    await this.lease.whileHeld(() => this.options.publish(events));
    await this.lease.moveTo(last.id);
    this.reach(last.id);
    return 0;
  }

  private reach(position: number): void {
    if (position > this.position) this.position = position;
    for (const waiter of this.waiters) if (waiter.id <= this.position) waiter.resolve(true);
  }

  private async pause(ms: number): Promise<void> {
    if (this.nudge.signal.aborted) return;
    await sleep(ms, undefined, { signal: this.nudge.signal }).catch(() => undefined);
  }
}
