import type { OutcomeHealth } from '@hooklane/contracts/topics';
import { initialHealth, isUrgent, withOutcome, type HealthState } from './health-fold.js';

/** Where healths and the positions they were read up to are kept, together. */
export interface HealthStore {
  load(hookIds: readonly string[]): Promise<ReadonlyMap<string, HealthState>>;
  /** All or nothing. Neither a health nor a position ever goes back. */
  write(healths: readonly HealthState[], positions: ReadonlyMap<number, number>): Promise<void>;
}

/** Clean entries beyond this are forgotten; they are read again when they are needed. */
const KEPT_HEALTHS = 50_000;

/**
 * Healths of the hooks of the partitions this process reads, folded in memory: 5,000 outcomes a second of 50 hooks are one row a second and hook.
 * What was folded and not yet written is folded again after a crash, from the position written with the rest.
 */
export class HealthBook {
  private readonly entries = new Map<string, { health: HealthState; readonly partition: number }>();
  private readonly dirty = new Set<string>();
  private readonly positions = new Map<number, number>();
  private writing: Promise<void> = Promise.resolve();

  constructor(private readonly store: HealthStore) {}

  /** @returns whether something should be written soon rather than with the next round */
  async fold(partition: number, outcomes: readonly OutcomeHealth[], nextOffset: number): Promise<boolean> {
    await this.load(partition, outcomes);
    let urgent = false;
    for (const outcome of outcomes) {
      const entry = this.entries.get(outcome.hookId)!;
      const after = withOutcome(entry.health, outcome);
      if (after === entry.health) continue;
      urgent ||= isUrgent(entry.health, after);
      entry.health = after;
      this.dirty.add(outcome.hookId);
    }
    this.positions.set(partition, nextOffset);
    return urgent;
  }

  get hasUnwritten(): boolean {
    return this.dirty.size > 0 || this.positions.size > 0;
  }

  /** Writes what has changed since; one write at a time. What fails to be written stays to be written. */
  flush(): Promise<void> {
    const run = this.writing.then(() => this.write());
    this.writing = run.catch(() => undefined);
    return run;
  }

  /** Another process goes on with these partitions: what this one remembers of their hooks is not safe to use again. */
  forget(partitions: readonly number[]): void {
    const gone = new Set(partitions);
    for (const partition of gone) this.positions.delete(partition);
    for (const [hookId, { partition }] of this.entries) {
      if (!gone.has(partition)) continue;
      this.entries.delete(hookId);
      this.dirty.delete(hookId);
    }
  }

  /** Until all of them are there: `forget` may come while the store is asked. */
  private async load(partition: number, outcomes: readonly OutcomeHealth[]): Promise<void> {
    for (;;) {
      const missing = [...new Set(outcomes.map(({ hookId }) => hookId))].filter((hookId) => !this.entries.has(hookId));
      if (missing.length === 0) return;
      const known = await this.store.load(missing);
      for (const hookId of missing) this.entries.set(hookId, { health: known.get(hookId) ?? initialHealth(hookId), partition });
    }
  }

  private async write(): Promise<void> {
    if (!this.hasUnwritten) return;
    const hookIds = [...this.dirty];
    const positions = new Map(this.positions);
    this.dirty.clear();
    this.positions.clear();
    try {
      await this.store.write(hookIds.flatMap((hookId) => this.entries.get(hookId)?.health ?? []), positions);
    } catch (error) {
      for (const hookId of hookIds) if (this.entries.has(hookId)) this.dirty.add(hookId);
      for (const [partition, position] of positions) this.positions.set(partition, Math.max(position, this.positions.get(partition) ?? 0));
      throw error;
    }
    this.trim();
  }

  private trim(): void {
    for (const hookId of this.entries.keys()) {
      if (this.entries.size <= KEPT_HEALTHS) return;
      if (!this.dirty.has(hookId)) this.entries.delete(hookId);
    }
  }
}
