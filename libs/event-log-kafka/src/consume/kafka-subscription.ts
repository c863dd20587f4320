import type { CommittedPosition, Offset, StartPosition, SubscribeOptions, Subscription, TopicPartition } from '@hooklane/event-log';
import type { Clock } from '@hooklane/kernel';
import type { Kafka } from 'kafkajs';
import { ClusterAccess } from '../cluster/cluster-access.js';
import { errorSentence } from '../cluster/kafka-error.js';
import { pause, within } from '../cluster/pause.js';
import { toLogRecord } from '../record-codec.js';
import type { KafkaLogEntry } from '../settings.js';
import type { TopicNames } from '../topic-names.js';
import { CommitSender } from './commit-sender.js';
import { FetchPace } from './fetch-pace.js';
import { GroupMembership } from './group-membership.js';
import { PartitionFeed } from './partition-feed.js';
import { PartitionFetcher } from './partition-fetcher.js';

export interface SubscriptionPorts {
  readonly names: TopicNames;
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly bufferedBytes: number;
  readonly clock: Clock;
  makeClient(): Kafka;
  log(entry: KafkaLogEntry): void;
}

const ASK_AGAIN_MS = 250;
const FLUSH_WITHIN_MS = 2_000;
/** However many partitions share the memory, a usual fetch fits. */
const LEAST_SHARE_BYTES = 256 * 1024;

/** Partitions come from a group (`share`) or are simply all (`everything`: no group, so nothing to clean up); records come from `PartitionFetcher`. */
export class KafkaSubscription implements Subscription {
  readonly started: Promise<void>;
  private start!: () => void;
  private readonly closed = new AbortController();
  private readonly cluster: ClusterAccess;
  private readonly fetcher: PartitionFetcher;
  private readonly membership: GroupMembership | null;
  private readonly commits: CommitSender;
  private readonly feeds = new Map<string, PartitionFeed>();
  /** Lost partitions whose handler or `revoked` has not ended. */
  private readonly leaving = new Map<string, Promise<unknown>>();
  private closing: Promise<void> | null = null;

  constructor(
    private readonly options: SubscribeOptions,
    private readonly ports: SubscriptionPorts,
  ) {
    const { names } = ports;
    this.started = new Promise((resolve) => (this.start = resolve));
    const topics = options.topics.map((topic) => names.physical(topic));
    this.cluster = new ClusterAccess(() => ports.makeClient(), topics);
    this.fetcher = new PartitionFetcher(
      this.cluster,
      {
        fetched: ({ topic, partition }, messages, _next, endOffset) => {
          const logical = names.logical(topic);
          this.feed({ topic: logical, partition })?.take(messages.map((message) => toLogRecord(logical, partition, message)), endOffset);
        },
        outOfRange: ({ topic, partition }, offset) => void this.onOutOfRange({ topic: names.logical(topic), partition }, offset),
      },
      (error) => this.trouble('fetching failed and goes on', error),
      () => new FetchPace(ports.clock, options.gatherMs),
    );
    this.membership = options.mode === 'share' ? this.makeMembership(topics) : null;
    this.commits = new CommitSender((positions) => this.sendCommit(positions), (position) => this.feed(position) !== undefined, this.closed.signal);
    void this.open();
  }

  async commit(positions: readonly CommittedPosition[]): Promise<void> {
    const owned = positions.filter((position) => this.feed(position) !== undefined);
    if (owned.length > 0 && this.membership !== null) await this.commits.commit(owned);
  }

  seek(position: TopicPartition & { readonly offset: Offset }): void {
    this.feed(position)?.seek(position.offset);
  }

  close(): Promise<void> {
    this.closing ??= (async () => {
      const running = [...this.feeds.values()].map((feed) => {
        feed.drop();
        return feed.running;
      });
      this.fetcher.close();
      // Still a member: nobody else gets the partitions while a handler of ours is at work on them.
      await Promise.all([...running, ...this.leaving.values()]);
      await within(FLUSH_WITHIN_MS, this.commits.flush(), 'storing the last positions').catch(() => undefined);
      this.closed.abort();
      this.feeds.clear();
      await this.membership?.leave();
      await this.cluster.close();
    })();
    return this.closing;
  }

  private async open(): Promise<void> {
    while (!this.closed.signal.aborted) {
      try {
        await this.cluster.connect();
        break;
      } catch (error) {
        this.trouble('no connection to the log yet', error);
        await pause(ASK_AGAIN_MS, this.closed.signal);
      }
    }
    if (this.closing !== null) return;
    if (this.membership !== null) return this.membership.start();
    this.onJoined(this.options.topics.flatMap((topic) => this.cluster.partitionsOf(this.ports.names.physical(topic)).map((partition) => ({ topic, partition }))), true);
  }

  private makeMembership(topics: readonly string[]): GroupMembership {
    const { names, sessionTimeoutMs, heartbeatIntervalMs } = this.ports;
    return new GroupMembership({
      groupId: names.group(this.options.group),
      topics,
      sessionTimeoutMs,
      heartbeatIntervalMs,
      makeClient: () => this.ports.makeClient(),
      owned: () => [...this.feeds.values()].map(({ at: { topic, partition } }) => ({ topic: names.physical(topic), partition })),
      joined: (partitions, continuous) => this.onJoined(partitions.map(({ topic, partition }) => ({ topic: names.logical(topic), partition })), continuous),
      trouble: (error) => this.trouble('the group was left and is joined again', error),
    });
  }

  /** Partitions that stay are untouched: not even their fetches notice. */
  private onJoined(assigned: readonly TopicPartition[], continuous: boolean): void {
    if (this.closing !== null) return;
    const now = new Set(assigned.map(idOf));
    const lost = [...this.feeds.values()].filter((feed) => !continuous || !now.has(idOf(feed.at)));
    this.lose(lost);
    const gained = assigned.filter((partition) => !this.feeds.has(idOf(partition)));
    const feeds = gained.map((partition) => this.makeFeed(partition));
    for (const feed of feeds) this.feeds.set(idOf(feed.at), feed);
    void this.assign(feeds);
  }

  private lose(lost: readonly PartitionFeed[]): void {
    if (lost.length === 0) return;
    for (const feed of lost) {
      feed.drop();
      this.feeds.delete(idOf(feed.at));
    }
    const told = this.tellRevoked(lost.map((feed) => feed.at));
    for (const feed of lost) {
      const id = idOf(feed.at);
      const left = Promise.all([told, feed.running, this.leaving.get(id)]).then(() => {
        if (this.leaving.get(id) === left) this.leaving.delete(id);
      });
      this.leaving.set(id, left);
    }
  }

  private async tellRevoked(partitions: readonly TopicPartition[]): Promise<void> {
    try {
      await this.options.revoked(partitions);
    } catch (error) {
      this.trouble('a consumer could not give its partitions up', error);
    }
  }

  /** Asks where to begin, as often as it takes, and begins. Partitions that are lost meanwhile are left out. */
  private async assign(gained: readonly PartitionFeed[]): Promise<void> {
    // The same partition may come back while its last handler still runs here.
    await Promise.all(gained.map((feed) => this.leaving.get(idOf(feed.at))));
    for (;;) {
      const feeds = gained.filter((feed) => !feed.isGone);
      if (this.closing !== null || (feeds.length === 0 && gained.length > 0)) return;
      try {
        const offsets = await this.askWhereToBegin(feeds);
        feeds.forEach((feed, index) => feed.begin(offsets[index] ?? 0));
        return this.start();
      } catch (error) {
        this.trouble('an assignment is tried again', error);
        await pause(ASK_AGAIN_MS, this.closed.signal);
      }
    }
  }

  private async askWhereToBegin(feeds: readonly PartitionFeed[]): Promise<readonly Offset[]> {
    if (feeds.length === 0) return [];
    const partitions = feeds.map((feed) => feed.at);
    const committed = await this.committed(partitions);
    const positions = await this.options.assigned(partitions, committed);
    if (positions.length !== partitions.length) throw new Error(`assigned gave ${positions.length} positions for ${partitions.length} partitions`);
    const bounds = new Map<string, Promise<readonly { readonly first: Offset; readonly next: Offset }[]>>();
    return Promise.all(
      positions.map(async (position, index) => {
        const known = offsetOf(position, committed[index] ?? null);
        if (typeof known === 'number') return known;
        const { topic = '', partition = 0 } = partitions[index] ?? {};
        if (!bounds.has(topic)) bounds.set(topic, this.cluster.bounds(this.ports.names.physical(topic)));
        const { first, next } = (await bounds.get(topic))?.[partition] ?? { first: 0, next: 0 };
        return known === 'beginning' ? first : next;
      }),
    );
  }

  private async committed(partitions: readonly TopicPartition[]): Promise<readonly (CommittedPosition | null)[]> {
    if (this.membership === null) return partitions.map(() => null);
    const { names } = this.ports;
    const found = await this.cluster.committed(
      names.group(this.options.group),
      partitions.map(({ topic, partition }) => ({ topic: names.physical(topic), partition })),
    );
    return partitions.map(({ topic, partition }, index) => {
      const position = found[index];
      return position === null || position === undefined ? null : { topic, partition, ...position };
    });
  }

  /** The expected offset is not in the log: its records are lost, or the log itself lost its end. Either is for a person. */
  private async onOutOfRange(at: TopicPartition, offset: Offset): Promise<void> {
    const feed = this.feed(at);
    while (feed !== undefined && !feed.isGone && this.closing === null) {
      try {
        const { first, next } = (await this.cluster.bounds(this.ports.names.physical(at.topic)))[at.partition] ?? { first: 0, next: 0 };
        if (offset < first) return feed.fail({ kind: 'gap', firstOffset: offset, lastOffset: first - 1 });
        if (offset > next) return feed.fail({ kind: 'beyond-end', firstOffset: next, lastOffset: offset - 1 });
        // A broker that had just become the leader and did not know its end yet.
        return feed.begin(offset);
      } catch (error) {
        await this.cluster.recover(error);
        await pause(ASK_AGAIN_MS, this.closed.signal);
      }
    }
  }

  private makeFeed(at: TopicPartition): PartitionFeed {
    const physical = { topic: this.ports.names.physical(at.topic), partition: at.partition };
    return new PartitionFeed(
      { topic: at.topic, partition: at.partition },
      {
        handle: (batch) => this.options.handle(batch),
        failed: (failure) => this.options.failed(failure),
        start: (offset) => this.fetcher.start(physical, offset),
        stop: () => this.fetcher.stop(physical),
        pause: () => this.fetcher.pause(physical),
        resume: () => this.fetcher.resume(physical),
        shareBytes: () => Math.max(LEAST_SHARE_BYTES, this.ports.bufferedBytes / Math.max(1, this.feeds.size)),
      },
    );
  }

  private async sendCommit(positions: readonly CommittedPosition[]): Promise<void> {
    await this.membership?.commit(positions.map((position) => ({ ...position, topic: this.ports.names.physical(position.topic) })));
  }

  private feed(at: TopicPartition): PartitionFeed | undefined {
    return this.feeds.get(idOf(at));
  }

  private trouble(message: string, error: unknown): void {
    this.ports.log({ level: 'warn', message, fields: { group: this.options.group, topics: this.options.topics, reason: errorSentence(error) } });
  }
}

function offsetOf(position: StartPosition, committed: CommittedPosition | null): Offset | 'beginning' | 'end' {
  if (typeof position === 'object') return position.offset;
  return position === 'committed' ? (committed?.offset ?? 'beginning') : position;
}

function idOf({ topic, partition }: TopicPartition): string {
  return `${partition}/${topic}`;
}
