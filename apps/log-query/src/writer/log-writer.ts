import type { Clock } from '@hooklane/kernel';
import type { TopicPartition } from '@hooklane/event-log';
import type { DayPartitions, ReadModelStore } from '../ports.js';
import type { EventEntry, FlushBuffer, OutcomeEntry, RequestEntry } from './flush-buffer.js';
import { rowsOf, without, type FlushPlan } from './flush-plan.js';
import type { StreamWriterEvents } from './stream-writer.js';

export interface LogWriterSettings {
  /** How long the first record of a flush waits for company. */
  readonly lingerMs: number;
  /** So many waiting rows make a flush at once. */
  readonly rowsPerFlush: number;
  /** Beyond these, consumers wait. */
  readonly rowsBuffered: number;
  readonly bytesBuffered: number;
}

export interface LogWriterEvents extends Omit<StreamWriterEvents, 'failing'> {
  failing(error: unknown): void;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;

/** Writes what the consumers have read: one flush under way, and what arrives meanwhile is the next one. */
export class LogWriter {
  private timer: NodeJS.Timeout | null = null;
  private flushing: Promise<void> | null = null;
  private waiting: (() => void)[] = [];
  private closed = false;

  constructor(
    private readonly buffer: FlushBuffer,
    private readonly store: ReadModelStore,
    private readonly days: DayPartitions,
    private readonly clock: Clock,
    private readonly settings: LogWriterSettings,
    private readonly events: LogWriterEvents,
  ) {}

  /** @returns the next offset to read of each */
  async assign(partitions: readonly TopicPartition[]): Promise<readonly number[]> {
    // A flush under way may still move the positions of partitions that come back to us.
    await this.flushing;
    const [topic] = partitions.map((partition) => partition.topic);
    if (topic === undefined) return [];
    const stored = await this.store.positions(topic, partitions.map(({ partition }) => partition));
    return stored.map((position, index) => {
      this.buffer.assign(topic, partitions[index]?.partition ?? 0, position);
      return position.nextOffset;
    });
  }

  /** What was read and not written is dropped: the next owner reads it again. */
  async revoke(partitions: readonly TopicPartition[]): Promise<void> {
    for (const { topic, partition } of partitions) this.buffer.revoke(topic, partition);
    await this.flushing;
  }

  addEvents(partition: number, entries: readonly EventEntry[]): Promise<void> {
    for (const entry of entries) this.buffer.addEvent(partition, entry);
    return this.room();
  }

  addRequests(partition: number, entries: readonly RequestEntry[]): Promise<void> {
    for (const entry of entries) this.buffer.addRequest(partition, entry);
    return this.room();
  }

  addOutcomes(partition: number, entries: readonly OutcomeEntry[]): Promise<void> {
    for (const entry of entries) this.buffer.addOutcome(partition, entry);
    return this.room();
  }

  /** Writes everything that was read. Rejects when it cannot within `timeoutMs`; nothing is lost by that, it is read again. */
  async close(timeoutMs: number): Promise<void> {
    this.closed = true;
    if (this.timer) clearTimeout(this.timer);
    const deadline = this.clock.monotonicMs() + timeoutMs;
    await this.flushing;
    while (this.buffer.size().rows > 0 && this.clock.monotonicMs() < deadline) await this.write(this.buffer.take(this.clock.monotonicMs(), true), () => this.clock.monotonicMs() > deadline);
    this.release();
  }

  private room(): Promise<void> {
    const { rows, bytes } = this.buffer.size();
    this.schedule(rows >= this.settings.rowsPerFlush ? 0 : this.settings.lingerMs);
    if (this.closed || (rows < this.settings.rowsBuffered && bytes < this.settings.bytesBuffered)) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private schedule(afterMs: number): void {
    if (this.flushing || this.closed) return;
    if (this.timer) {
      if (afterMs > 0) return;
      clearTimeout(this.timer);
    }
    this.timer = setTimeout(() => {
      this.timer = null;
      void this.start(() => this.write(this.buffer.take(this.clock.monotonicMs()), () => this.closed));
    }, afterMs);
  }

  /** One flush at a time: a partition's positions move in order. */
  private start(flush: () => Promise<void>): Promise<void> {
    this.flushing = flush().finally(() => {
      this.flushing = null;
      this.release();
      const { rows } = this.buffer.size();
      if (rows > 0) this.schedule(rows >= this.settings.rowsPerFlush * 2 ? 0 : this.settings.lingerMs);
    });
    return this.flushing;
  }
  private release(): void {
    const { rows, bytes } = this.buffer.size();
    if (!this.closed && (rows >= this.settings.rowsBuffered || bytes >= this.settings.bytesBuffered)) return;
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  /** Tries until it is written, or until `giveUp` says that nobody waits for it. */
  private async write(plan: FlushPlan, giveUp: () => boolean): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    let rest = plan;
    while (rest.positions.length > 0) {
      try {
        rest = await this.tryOnce(rest);
        continue;
      } catch (error) {
        this.days.forget();
        this.events.failing(error);
        if (giveUp()) return;
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }

  /** @returns what is still to be written */
  private async tryOnce(plan: FlushPlan): Promise<FlushPlan> {
    const startedMs = this.clock.monotonicMs();
    const kept = this.kept(plan);
    const nowMs = this.clock.nowMs();
    await this.days.ensure(timesOf(kept, nowMs));
    const result = await this.store.write(kept, nowMs);
    if (result.kind === 'lost') {
      for (const { topic, partition } of result.partitions) this.buffer.revoke(topic, partition);
      this.events.lost(result.partitions);
      return without(plan, result.partitions);
    }
    this.events.flushed({ rows: rowsOf(kept), lastSeq: result.lastSeq, tookMs: this.clock.monotonicMs() - startedMs, positions: kept.positions });
    return without(plan, plan.positions);
  }

  /** Without rows of days that retention has dropped: they would be gone at once. Positions move all the same. */
  private kept(plan: FlushPlan): FlushPlan {
    const { keptFromMs } = this.days;
    const isKept = (row: { readonly acceptedAtMs: number }): boolean => row.acceptedAtMs >= keptFromMs;
    return {
      ...plan,
      events: plan.events.filter(isKept),
      deliveries: plan.deliveries.filter(isKept),
      unmatched: plan.unmatched.filter(isKept),
      attempts: plan.attempts.filter((row) => row.atMs >= keptFromMs),
    };
  }
}

function* timesOf(plan: FlushPlan, nowMs: number): IterableIterator<number> {
  yield nowMs;
  for (const row of plan.events) yield row.acceptedAtMs;
  for (const row of plan.deliveries) yield row.acceptedAtMs;
  for (const row of plan.unmatched) yield row.acceptedAtMs;
  for (const row of plan.attempts) yield row.atMs;
}
