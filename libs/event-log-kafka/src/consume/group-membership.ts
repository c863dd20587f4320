import type { CommittedPosition, TopicPartition } from '@hooklane/event-log';
import type { Consumer, ConsumerCrashEvent, ConsumerGroupJoinEvent, Kafka } from 'kafkajs';
import { pause, within } from '../cluster/pause.js';
import { stickyAssigner } from './sticky-assigner.js';

export interface MembershipOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  makeClient(): Kafka;
  owned(): readonly TopicPartition[];
  /**
   * The group was joined. `continuous` is false when another member may have had our partitions in between: after a lost session, or when
   * a generation passed without us. What we knew of them is then worth nothing. Called before the next heartbeat; must not throw.
   */
  joined(partitions: readonly TopicPartition[], continuous: boolean): void;
  trouble(error: unknown): void;
}

/** Between heartbeats kafkajs does nothing for us, so this is how soon it sees that it shall stop. */
const LOOP_MS = 100;
const REBUILD_PAUSE_MS = 1_000;
const LEAVE_WITHIN_MS = 5_000;

/**
 * A member of a consumer group, for its partitions, heartbeats and commits only: everything is paused for kafkajs, records are fetched by
 * `PartitionFetcher` (docs/adr/0002-own-fetch-loop.md). Joins again by itself, for as long as it takes.
 */
export class GroupMembership {
  private readonly closed = new AbortController();
  private consumer: Consumer | null = null;
  private memberId: string | null = null;
  private joinsAsked = 0;

  constructor(private readonly options: MembershipOptions) {}

  start(): void {
    void this.run();
  }

  /** Stores positions with this member's generation. @throws when the coordinator refuses or is away for half a minute. */
  async commit(positions: readonly CommittedPosition[]): Promise<void> {
    if (this.consumer === null) throw new Error('not a member of the group');
    await this.consumer.commitOffsets(positions.map(({ topic, partition, offset, metadata }) => ({ topic, partition, offset: String(offset), metadata })));
  }

  async leave(): Promise<void> {
    this.closed.abort();
    const { consumer } = this;
    this.consumer = null;
    // Seen to hang when the broker is away.
    if (consumer !== null) await within(LEAVE_WITHIN_MS, consumer.disconnect(), 'leaving the group').catch(() => undefined);
  }

  private async run(): Promise<void> {
    while (!this.closed.signal.aborted) {
      const consumer = this.makeConsumer();
      this.consumer = consumer;
      const crashed = new Promise<void>((done) => {
        consumer.on(consumer.events.CRASH, ({ payload }: ConsumerCrashEvent) => {
          this.options.trouble(payload.error);
          if (!payload.restart) done();
        });
      });
      consumer.on(consumer.events.GROUP_JOIN, (event: ConsumerGroupJoinEvent) => this.onJoin(consumer, event));
      try {
        await consumer.connect();
        await consumer.subscribe({ topics: [...this.options.topics], fromBeginning: true });
        await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: () => Promise.resolve() });
        await crashed;
      } catch (error) {
        this.options.trouble(error);
      }
      if (this.closed.signal.aborted) return;
      void consumer.disconnect().catch(() => undefined);
      await pause(REBUILD_PAUSE_MS, this.closed.signal);
    }
  }

  private makeConsumer(): Consumer {
    const { groupId, sessionTimeoutMs, heartbeatIntervalMs } = this.options;
    return this.options.makeClient().consumer({
      groupId,
      allowAutoTopicCreation: false,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: heartbeatIntervalMs,
      rebalanceTimeout: Math.max(sessionTimeoutMs, 30_000),
      maxWaitTimeInMs: LOOP_MS,
      partitionAssigners: [stickyAssigner(this.options.owned, () => (this.joinsAsked += 1))],
      // Raised, so that an outage does not end in a crash and a new member; bounded, so that closing without a broker ends.
      retry: { retries: 40, initialRetryTime: 100, maxRetryTime: 1000, restartOnFailure: () => Promise.resolve(!this.closed.signal.aborted) },
    });
  }

  /** Runs within kafkajs's join, before anything is fetched: nothing may be, by kafkajs. */
  private onJoin(consumer: Consumer, { payload }: ConsumerGroupJoinEvent): void {
    if (this.closed.signal.aborted || consumer !== this.consumer) return;
    const partitions = Object.entries(payload.memberAssignment).flatMap(([topic, numbers]) => numbers.map((partition) => ({ topic, partition })));
    const topics = Object.entries(payload.memberAssignment).map(([topic, numbers]) => ({ topic, partitions: [...numbers] }));
    if (topics.length > 0) consumer.pause(topics);
    const continuous = this.memberId === payload.memberId && this.joinsAsked === 1;
    this.memberId = payload.memberId;
    this.joinsAsked = 0;
    this.options.joined(partitions, continuous);
  }
}
