import { AppError } from '@hooklane/kernel';
import type { EventLog, LogRecord, PartitionFailure, RecordBatch, Subscription } from '@hooklane/event-log';

export interface TableFollowerOptions {
  readonly log: EventLog;
  /** Own to this process. */
  readonly group: string;
  readonly topics: readonly string[];
  apply(record: LogRecord): void;
  /** A record that cannot be read, or a partition that stands still. */
  report(problem: TableProblem): void;
}

export type TableProblem = { readonly kind: 'unreadable'; readonly record: LogRecord; readonly error: unknown } | { readonly kind: 'stopped'; readonly failure: PartitionFailure };

const ASK_AGAIN_MS = 500;
const AT_END = Promise.resolve();

interface Waiter {
  readonly ends: ReadonlyMap<string, number>;
  readonly resolve: () => void;
}

/** Reads compacted topics of one partition each from their beginning and follows them; knows when it has seen all there was at a moment. */
export class TableFollower {
  readonly ready: Promise<void>;
  private readonly subscription: Subscription;
  /** The offset after the newest record applied, by topic. */
  private readonly positions = new Map<string, number>();
  private waiters: Waiter[] = [];
  private underWay: Promise<void> | null = null;
  private next: Promise<void> | null = null;
  private closed = false;

  constructor(private readonly options: TableFollowerOptions) {
    this.subscription = options.log.subscribe({
      group: options.group,
      topics: options.topics,
      mode: 'everything',
      assigned: async (partitions) => partitions.map(() => 'beginning' as const),
      revoked: async () => undefined,
      handle: async (batch) => this.handle(batch),
      failed: (failure) => options.report({ kind: 'stopped', failure }),
    });
    this.ready = this.reachFirstEnd();
    // Those who wait for it see its rejection; a process that is stopped before anybody did must not die of it.
    this.ready.catch(() => undefined);
  }

  /**
   * Resolves when everything that was in the topics at the time of this call has been applied. Calls share the next question: one that was asked
   * earlier may miss what the caller has just been told. Where a question costs, it waits for the calls of this turn of the event loop.
   * @throws AppError `log-unavailable`
   */
  caughtUp(): Promise<void> {
    if (this.isKnownToBeAtEnd()) return AT_END;
    this.next ??= this.beforeNext().then(() => {
      this.next = null;
      const asked = this.reachEnd().finally(() => (this.underWay = null));
      this.underWay = asked;
      return asked;
    });
    return this.next;
  }

  private beforeNext(): Promise<void> {
    if (this.underWay) return this.underWay.then(ignore, ignore);
    return this.options.log.ends ? new Promise((resolve) => setImmediate(resolve)) : Promise.resolve();
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.subscription.close();
  }

  private async handle(batch: RecordBatch): Promise<void> {
    for (const record of batch.records) {
      try {
        this.options.apply(record);
      } catch (error) {
        this.options.report({ kind: 'unreadable', record, error });
      }
    }
    const last = batch.records[batch.records.length - 1];
    if (last) this.positions.set(batch.topic, last.offset + 1);
    if (this.waiters.length > 0) this.release();
  }

  private async reachFirstEnd(): Promise<void> {
    for (;;) {
      try {
        return await this.reachEnd();
      } catch (error) {
        if (this.closed) throw error;
        await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
      }
    }
  }

  /** The ordinary case in one process, where every request asks: without a promise of its own. */
  private isKnownToBeAtEnd(): boolean {
    const { log, topics } = this.options;
    if (!log.knownEnd || this.closed) return false;
    for (const topic of topics) if ((this.positions.get(topic) ?? 0) < log.knownEnd(topic, 0)) return false;
    return true;
  }

  private async reachEnd(): Promise<void> {
    const { log, topics } = this.options;
    // Nearly always nothing has changed since, and the ends alone, asked for at once, say so.
    const quick = await log.ends?.(topics);
    if (quick && !this.closed && this.hasReached(new Map(topics.map((topic, index) => [topic, quick[index]?.[0] ?? 0])))) return;
    const bounds = await Promise.all(topics.map((topic) => log.bounds(topic)));
    const ends = new Map<string, number>();
    topics.forEach((topic, index) => {
      const [bound] = bounds[index] ?? [];
      // An end without records before it is reached already.
      if (bound && bound.next > bound.first) ends.set(topic, bound.next);
    });
    if (this.closed) throw new AppError('log-unavailable', 'The tables are closed.', { retryable: true });
    if (this.hasReached(ends)) return;
    await new Promise<void>((resolve) => this.waiters.push({ ends, resolve }));
  }

  private hasReached(ends: ReadonlyMap<string, number>): boolean {
    for (const [topic, end] of ends) if ((this.positions.get(topic) ?? 0) < end) return false;
    return true;
  }

  private release(): void {
    this.waiters = this.waiters.filter((waiter) => {
      if (!this.hasReached(waiter.ends)) return true;
      waiter.resolve();
      return false;
    });
  }
}

function ignore(): void {
  // Whoever asked the earlier question hears of its failure.
}
