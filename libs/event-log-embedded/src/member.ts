import type { CommittedPosition, StartPosition, SubscribeOptions, Subscription, TopicPartition } from '@hooklane/event-log';
import type { ChunkStore } from './chunk-store.js';
import type { GroupPositions } from './group-positions.js';
import type { PartitionLog } from './partition-log.js';
import { PartitionReader } from './partition-reader.js';
import type { Report } from './report.js';
import type { Topics } from './topics.js';

export interface MemberContext {
  readonly topics: Topics;
  readonly store: ChunkStore;
  readonly positions: GroupPositions;
  readonly report: Report;
  /** The member has closed its readers: its partitions are free. */
  left(member: Member): Promise<void>;
}

const FIRST_BACK_OFF_MS = 100;
const LONGEST_BACK_OFF_MS = 5_000;

/** One subscription, as a member of its group. Which partitions it has is the group's decision (`assign`, `revoke`). */
export class Member implements Subscription {
  readonly started: Promise<void>;
  private readonly owned = new Map<PartitionLog, PartitionReader | null>();
  private closing: Promise<void> | null = null;
  private markStarted = (): void => undefined;

  constructor(
    readonly options: SubscribeOptions,
    private readonly context: MemberContext,
  ) {
    this.started = new Promise((resolve) => (this.markStarted = resolve));
  }

  get isClosing(): boolean {
    return this.closing !== null;
  }

  get lag(): number {
    let lag = 0;
    for (const reader of this.owned.values()) lag += reader?.lag ?? 0;
    return lag;
  }

  /** Resolves when the first try is over; a rejected assignment is asked for again until it is given or taken away. */
  async assign(partitions: readonly PartitionLog[]): Promise<void> {
    for (const partition of partitions) this.owned.set(partition, null);
    for (let tries = 0; !this.closing; tries += 1) {
      const wanted = partitions.filter((partition) => this.owned.get(partition) === null);
      if (wanted.length === 0) break;
      try {
        this.begin(wanted, await this.options.assigned(wanted.map(named), wanted.map((partition) => this.committed(partition))));
        break;
      } catch (error) {
        this.context.report('warn', 'a consumer could not take its partitions; asking again', { group: this.options.group, reason: (error as Error).message });
        await new Promise((resolve) => setTimeout(resolve, Math.min(FIRST_BACK_OFF_MS * 2 ** tries, LONGEST_BACK_OFF_MS)));
      }
    }
    this.markStarted();
  }

  /** Resolves when no handler of these partitions runs any more and the consumer has heard of it. */
  async revoke(partitions: readonly PartitionLog[]): Promise<void> {
    const readers = partitions.map((partition) => this.owned.get(partition));
    const told = this.options.revoked(partitions.map(named)).catch((error: unknown) => {
      this.context.report('warn', 'a consumer failed to give its partitions back', { group: this.options.group, reason: (error as Error).message });
    });
    await Promise.all([told, ...readers.map((reader) => reader?.close())]);
    for (const partition of partitions) this.owned.delete(partition);
  }

  commit(positions: readonly CommittedPosition[]): Promise<void> {
    const ours: { partitionId: number; offset: number; metadata: string }[] = [];
    for (const { topic, partition, offset, metadata } of positions) {
      const log = this.context.topics.find(topic, partition);
      if (log && this.owned.has(log)) ours.push({ partitionId: log.id, offset, metadata });
    }
    return this.context.positions.commit(this.options.group, ours);
  }

  seek({ topic, partition, offset }: TopicPartition & { readonly offset: number }): void {
    this.owned.get(this.context.topics.get(topic, partition))?.seek(offset);
  }

  close(): Promise<void> {
    this.closing ??= this.leave();
    return this.closing;
  }

  private async leave(): Promise<void> {
    await Promise.all([...this.owned.values()].map((reader) => reader?.close()));
    this.owned.clear();
    this.markStarted();
    await this.context.left(this);
  }

  private begin(partitions: readonly PartitionLog[], starts: readonly StartPosition[]): void {
    const { store, report } = this.context;
    for (const [index, partition] of partitions.entries()) {
      // It may have been taken away, or the subscription closed, while the consumer thought about it.
      if (this.closing || this.owned.get(partition) !== null) continue;
      const position = this.positionOf(partition, starts[index] ?? 'committed');
      const reader = new PartitionReader(partition, position, store, (batch) => this.options.handle(batch), (failure) => this.options.failed(failure), report, this.options.gatherMs ?? 0);
      this.owned.set(partition, reader);
    }
    for (const partition of partitions) this.owned.get(partition)?.wake();
  }

  private positionOf(partition: PartitionLog, start: StartPosition): number {
    if (typeof start === 'object') return start.offset;
    if (start === 'end') return partition.next;
    return start === 'beginning' ? partition.first : (this.committed(partition)?.offset ?? partition.first);
  }

  private committed(partition: PartitionLog): CommittedPosition | null {
    const position = this.context.positions.of(this.options.group, partition.id);
    return position ? { ...named(partition), ...position } : null;
  }
}

function named({ topic, partition }: PartitionLog): TopicPartition {
  return { topic, partition };
}
