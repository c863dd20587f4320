import { AppError, type Clock } from '@hooklane/kernel';
import type { AppendOptions, AppendRecord, EventLogConnection, LogRecord, Offset, SubscribeOptions, Subscription, TopicPartition } from '@hooklane/event-log';
import type { Database } from '@hooklane/postgres';
import { AppendQueue } from './append-queue.js';
import { formBatch, type Batch } from './batch.js';
import { BatchWriter } from './batch-writer.js';
import { ChunkStore } from './chunk-store.js';
import { Group } from './group.js';
import { GroupPositions } from './group-positions.js';
import { loadEnds } from './load-ends.js';
import { Member, type MemberContext } from './member.js';
import { registerTopics } from './register-topics.js';
import type { Report } from './report.js';
import { Retention } from './retention.js';
import { Segments } from './segments.js';
import { TailBudget } from './tail-budget.js';
import { Topics, type EmbeddedTopic } from './topics.js';

export interface EmbeddedLogOptions {
  /** `migrate(settings, [eventLogMigrations])` has been run on it. */
  readonly database: Database;
  readonly clock: Clock;
  readonly report: Report;
  readonly topics: readonly EmbeddedTopic[];
  /** How many bytes of newest records are kept in memory for those who follow them. Default 64 MiB. */
  readonly tailBytes?: number;
}

/** The log of this process. */
export interface EmbeddedLogConnection extends EventLogConnection {
  /** One round of retention and compaction. It runs by itself when the log is opened and every minute. */
  maintain(): Promise<void>;
}

const DEFAULT_TAIL_BYTES = 64 * 1024 * 1024;
/** The record, its two views of memory and their place in the tail, as counted in a heap snapshot. */
const RECORD_OVERHEAD_BYTES = 450;
const MAINTENANCE_MS = 60_000;
const READERS = 6;
const READ_BATCH_RECORDS = 1_000;
const READ_BATCH_BYTES = 1_048_576;

/**
 * Opens the log of a database. The process is its only writer until it closes it.
 * @throws AppError `log-unavailable` when another process writes it.
 */
export async function openEmbeddedLog({ database, clock, report, topics: settings, tailBytes = DEFAULT_TAIL_BYTES }: EmbeddedLogOptions): Promise<EmbeddedLogConnection> {
  const pool = database.pool('event-log', READERS);
  const positions = new GroupPositions(pool, report);
  let log: EmbeddedLog | null = null;
  let topics = new Topics(new Map());
  let segments = new Segments(topics);
  const writer = new BatchWriter({
    pool: database.pool('event-log-writer', 1),
    report,
    committed: (batch) => log?.committed(batch),
    idle: () => log?.pump(),
  });
  await writer.open(async (client) => {
    topics = await registerTopics(client, settings, report);
    segments = new Segments(topics);
    await segments.load(client);
    if (segments.isEmpty) await segments.roll(client, clock.nowMs());
    await loadEnds(client, topics, segments);
    await positions.load(client);
    return segments;
  });
  log = new EmbeddedLog({
    clock,
    report,
    topics,
    writer,
    positions,
    store: new ChunkStore(pool, segments, topics),
    retention: new Retention({ pool, writer, segments, topics, settings, clock, report }),
    tailBytes,
  });
  return log;
}

interface Parts {
  readonly clock: Clock;
  readonly report: Report;
  readonly topics: Topics;
  readonly writer: BatchWriter;
  readonly store: ChunkStore;
  readonly positions: GroupPositions;
  readonly retention: Retention;
  readonly tailBytes: number;
}

class EmbeddedLog implements EmbeddedLogConnection {
  readonly soleWriter = true;
  private readonly queue: AppendQueue;
  private readonly tails: TailBudget;
  private readonly groups = new Map<string, Group>();
  private readonly maintenance: NodeJS.Timeout;
  private maintaining: Promise<void> = Promise.resolve();
  private isClosed = false;
  private whenDrained: (() => void) | null = null;

  constructor(private readonly parts: Parts) {
    this.queue = new AppendQueue(parts.clock);
    this.tails = new TailBudget(parts.tailBytes);
    this.maintenance = setInterval(() => void this.maintain(), MAINTENANCE_MS);
    this.maintenance.unref();
    void this.maintain();
  }

  partitionsOf(topic: string): number {
    return this.parts.topics.of(topic).length;
  }

  async append(records: readonly AppendRecord[], options?: AppendOptions): Promise<readonly Offset[]> {
    if (this.isClosed) throw new AppError('log-unavailable', 'The event log is closed.', { retryable: true, details: { mayBeWritten: false } });
    if (records.length === 0) return [];
    const { topics } = this.parts;
    const partitions = records.map((record) => topics.get(record.topic, record.partition));
    const appended = this.queue.add(records, partitions, options);
    this.pump();
    return appended;
  }

  subscribe(options: SubscribeOptions): Subscription {
    const { topics, store, positions, report } = this.parts;
    let group: Group | null = null;
    const context: MemberContext = { topics, store, positions, report, left: async (member) => group?.leave(member) };
    const member = new Member(options, context);
    if (options.mode === 'everything') {
      void member.assign(options.topics.flatMap((topic) => topics.of(topic)));
      return member;
    }
    group = this.groups.get(options.group) ?? new Group(topics);
    this.groups.set(options.group, group);
    group.join(member);
    return member;
  }

  async *read({ topic, partition, from, to }: TopicPartition & { readonly from: Offset; readonly to: Offset }): AsyncGenerator<readonly LogRecord[]> {
    const log = this.parts.topics.get(topic, partition);
    for (let position = Math.max(from, log.first); position < Math.min(to, log.next); ) {
      const found = position >= log.tailStart ? log.sliceTail(position, READ_BATCH_RECORDS, READ_BATCH_BYTES) : await this.parts.store.read(log, position);
      const last = found[found.length - 1];
      if (!last) {
        if (position < log.first) position = log.first;
        else throw new AppError('internal', `The event log has lost ${topic}[${partition}] at offset ${position}.`);
        continue;
      }
      position = last.offset + 1;
      const records = last.offset < to ? found : found.filter((record) => record.offset < to);
      if (records.length > 0) yield records;
    }
  }

  async bounds(topic: string): Promise<readonly { readonly first: Offset; readonly next: Offset }[]> {
    return this.parts.topics.of(topic).map(({ first, next }) => ({ first, next }));
  }

  knownEnd(topic: string, partition: number): Offset {
    return this.parts.topics.get(topic, partition).next;
  }

  lag(group: string): number {
    return this.groups.get(group)?.lag ?? 0;
  }

  health(): { readonly ready: boolean; readonly reason: string } {
    return this.parts.writer.health();
  }

  async close(timeoutMs: number): Promise<void> {
    this.isClosed = true;
    clearInterval(this.maintenance);
    await within(timeoutMs, Promise.all([this.drained(), this.parts.positions.flush(), this.maintaining]));
    this.queue.refuseAll('The event log was closed before this was written.');
    this.parts.positions.stop();
    this.parts.writer.close();
  }

  maintain(): Promise<void> {
    this.maintaining = this.maintaining.then(() => (this.isClosed ? undefined : this.parts.retention.run()));
    return this.maintaining;
  }

  /** Sends the next batch if nothing is under way: at once when it is quiet, and what arrives meanwhile is the next one. */
  pump(): void {
    const { writer, clock } = this.parts;
    if (this.queue.isEmpty || !writer.isFree) return;
    const calls = this.queue.take();
    if (calls.length > 0) writer.send(formBatch(calls, this.parts.topics, clock.nowMs()));
  }

  committed(batch: Batch): void {
    for (const partition of batch.touched) {
      const { bytes, pinnedBytes, records } = partition.batch;
      const count = records.length;
      partition.take();
      this.tails.add(partition, count, bytes + pinnedBytes + count * RECORD_OVERHEAD_BYTES);
    }
    this.queue.answered(batch.calls);
    // Postgres works on the next batch while we hand this one over.
    this.pump();
    for (const partition of batch.touched) for (const follower of partition.followers) follower.wake();
    if (this.whenDrained && this.queue.isEmpty && !this.parts.writer.underWay) this.whenDrained();
  }

  private drained(): Promise<void> {
    if (this.queue.isEmpty && !this.parts.writer.underWay) return Promise.resolve();
    return new Promise((resolve) => (this.whenDrained = resolve));
  }
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([work, new Promise((resolve) => (timer = setTimeout(resolve, ms)))]);
  clearTimeout(timer);
}
