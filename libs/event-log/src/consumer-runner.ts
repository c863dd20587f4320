import type { CommittedPosition, EventLog, PartitionFailure, RecordBatch, StartPosition, Subscription, TopicPartition } from './event-log.js';
import type { CommitWish, DeadLetter, HandedBatch, TopicConsumer } from './topic-consumer.js';
import { CommitQueue } from './commit-queue.js';

export interface ConsumerRunnerOptions {
  readonly log: EventLog;
  /** `<service>.<topic>` */
  readonly group: string;
  readonly topics: readonly string[];
  readonly mode: 'share' | 'everything';
  /** As in `SubscribeOptions`. */
  readonly gatherMs?: number;
  readonly consumer: TopicConsumer;
  /** Records that can never be handled: resolves when each of them is an incident that survives a crash. Rejecting means: the batch again, later. */
  deadLetter(letters: readonly DeadLetter[]): Promise<void>;
  /** Everything out of the ordinary, once each time it happens. `stopped` is worth an incident: nothing goes on by itself. */
  report(problem: ConsumerProblem): void;
  /** False until the first assignment, while a batch is being repeated, and after a partition stopped. */
  health(state: { readonly ready: boolean; readonly reason: string }): void;
  /** At most one commit in this time. Default 100 ms, minimum 0. */
  readonly commitIntervalMs?: number;
}

export type ConsumerProblem =
  | ({ readonly kind: 'retry'; readonly reason: string; readonly attempt: number; readonly afterMs: number } & Range)
  | ({ readonly kind: 'threw'; readonly error: unknown; readonly attempt: number; readonly afterMs: number } & Range)
  | ({ readonly kind: 'dead-lettered'; readonly reasons: readonly string[] } & Range)
  | ({ readonly kind: 'dropped'; readonly reason: string } & Range)
  | { readonly kind: 'stopped'; readonly failure: PartitionFailure }
  | { readonly kind: 'assignment-failed' | 'commit-failed'; readonly error: unknown };

interface Range extends TopicPartition {
  readonly firstOffset: number;
  readonly lastOffset: number;
}

const FIRST_BACK_OFF_MS = 100;
const LONGEST_BACK_OFF_MS = 10_000;
const REVOKE_FLUSH_MS = 1_000;

/** Turns a consumer's decisions into calls of the port. A partition whose batch is being repeated waits; the others go on. */
export class ConsumerRunner {
  /** Resolves with the first assignment. */
  readonly started: Promise<void>;
  private readonly subscription: Subscription;
  private readonly commits: CommitQueue;
  private readonly lost = new Map<string, AbortController>();
  private readonly running = new Set<Promise<void>>();
  private readonly troubles = new Map<string, string>();
  private isStarted = false;
  private closing: { readonly gate: Promise<void>; readonly open: () => void } | null = null;

  constructor(private readonly options: ConsumerRunnerOptions) {
    const { log, group, topics, mode, gatherMs } = options;
    options.health({ ready: false, reason: `${group} is waiting for its partitions` });
    this.commits = new CommitQueue(
      (positions) => this.subscription.commit(positions),
      options.commitIntervalMs ?? 100,
      (error) => options.report({ kind: 'commit-failed', error }),
    );
    this.subscription = log.subscribe({
      group,
      topics,
      mode,
      ...(gatherMs === undefined ? {} : { gatherMs }),
      assigned: (partitions, committed) => this.assigned(partitions, committed),
      revoked: (partitions) => this.revoked(partitions),
      handle: (batch) => this.handle(batch),
      failed: (failure) => this.failed(failure),
    });
    this.started = this.subscription.started.then(() => {
      this.isStarted = true;
      this.showHealth();
    });
  }

  /** Waits for the batch under way in each partition (one that is being repeated is given up), commits, and leaves the group. */
  async close(): Promise<void> {
    if (this.closing) return this.closing.gate;
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    this.closing = { gate, open };
    for (const partition of this.lost.values()) partition.abort();
    await Promise.all(this.running);
    await this.commits.flush();
    this.commits.stop();
    const closed = this.subscription.close();
    // Only now may handlers that came while closing return: the subscription hands out nothing more.
    open();
    await closed;
  }

  /** Reads the partition again from `offset`, also one that was stopped. */
  seek(position: TopicPartition & { readonly offset: number }): void {
    this.troubles.delete(idOf(position));
    this.subscription.seek(position);
    this.showHealth();
  }

  private async assigned(partitions: readonly TopicPartition[], committed: readonly (CommittedPosition | null)[]): Promise<readonly StartPosition[]> {
    try {
      const positions = this.options.consumer.assigned ? await this.options.consumer.assigned(partitions, committed) : partitions.map((): StartPosition => 'committed');
      for (const partition of partitions) this.lost.set(idOf(partition), new AbortController());
      return positions;
    } catch (error) {
      this.options.report({ kind: 'assignment-failed', error });
      throw error;
    }
  }

  private async revoked(partitions: readonly TopicPartition[]): Promise<void> {
    for (const partition of partitions) {
      this.lost.get(idOf(partition))?.abort();
      this.lost.delete(idOf(partition));
      this.troubles.delete(idOf(partition));
    }
    this.showHealth();
    await this.options.consumer.revoked?.(partitions);
    // The next owner begins where we committed; waiting longer than this would hold up its start for what it can repeat.
    const enough = new AbortController();
    await Promise.race([this.commits.flush(), pause(REVOKE_FLUSH_MS, enough.signal)]);
    enough.abort();
  }

  private handle(batch: RecordBatch): Promise<void> {
    if (this.closing) return this.closing.gate;
    const done = this.handleUntilDone(batch).finally(() => this.running.delete(done));
    this.running.add(done);
    return done;
  }

  private async handleUntilDone(batch: RecordBatch): Promise<void> {
    const id = idOf(batch);
    const signal = this.lost.get(id)?.signal ?? NEVER;
    for (let attempt = 1; ; attempt += 1) {
      const afterMs = await this.tryOnce(batch, attempt);
      if (afterMs === null) break;
      await pause(afterMs, signal);
      if (signal.aborted || this.closing) return;
    }
    if (this.troubles.delete(id)) this.showHealth();
  }

  /** @returns the pause before the next try, or null when the batch is done. */
  private async tryOnce(batch: HandedBatch, attempt: number): Promise<number | null> {
    const range = rangeOf(batch);
    try {
      const result = await this.options.consumer.handle(batch);
      if (result.kind === 'retry') {
        this.options.report({ kind: 'retry', ...range, reason: result.reason, attempt, afterMs: result.afterMs });
        this.trouble(batch, result.reason);
        return result.afterMs;
      }
      if (result.kind === 'dead-letter') {
        if (batch.deadLettered) throw new Error('What was dead-lettered was dead-lettered again.');
        await this.options.deadLetter(result.records);
        this.options.report({ kind: 'dead-lettered', ...range, reasons: result.records.map((letter) => letter.reason) });
        return await this.tryOnce({ ...batch, deadLettered: true }, attempt);
      }
      if (result.kind === 'drop') this.options.report({ kind: 'dropped', ...range, reason: result.reason });
      this.commitUpTo(batch, result.commit);
      return null;
    } catch (error) {
      const afterMs = Math.min(FIRST_BACK_OFF_MS * 2 ** (attempt - 1), LONGEST_BACK_OFF_MS);
      this.options.report({ kind: 'threw', ...range, error, attempt, afterMs });
      this.trouble(batch, error instanceof Error ? error.message : String(error));
      return afterMs;
    }
  }

  private commitUpTo(batch: RecordBatch, wish: CommitWish | undefined): void {
    if (!wish || !this.lost.has(idOf(batch))) return;
    this.commits.add({ topic: batch.topic, partition: batch.partition, offset: rangeOf(batch).lastOffset + 1, metadata: wish.metadata });
  }

  private failed(failure: PartitionFailure): void {
    this.options.report({ kind: 'stopped', failure });
    this.trouble(failure, `stopped (${failure.kind}) at offsets ${failure.firstOffset} to ${failure.lastOffset}`);
  }

  private trouble(partition: TopicPartition, reason: string): void {
    this.troubles.set(idOf(partition), `${partition.topic}[${partition.partition}]: ${reason}`);
    this.showHealth();
  }

  private showHealth(): void {
    if (!this.isStarted) return;
    const [reason] = this.troubles.values();
    this.options.health(reason === undefined ? { ready: true, reason: '' } : { ready: false, reason });
  }
}

const NEVER = new AbortController().signal;

function idOf({ topic, partition }: TopicPartition): string {
  return `${partition}\0${topic}`;
}

function rangeOf(batch: RecordBatch): Range {
  const [first] = batch.records;
  const last = batch.records[batch.records.length - 1];
  if (!first || !last) throw new Error('a batch holds at least one record');
  return { topic: batch.topic, partition: batch.partition, firstOffset: first.offset, lastOffset: last.offset };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
