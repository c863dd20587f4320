import type { Offset } from '@hooklane/event-log';
import type { Cluster, Kafka, KafkaMessage } from 'kafkajs';
import { within } from './pause.js';

/** One partition's part of a fetch. */
export interface Fetched {
  readonly topic: string;
  readonly partition: number;
  readonly logStart: Offset;
  /** The offset after the newest record that consumers may see. */
  readonly endOffset: Offset;
  readonly messages: readonly FetchedMessage[];
}

export type FetchedMessage = KafkaMessage & {
  readonly isControlRecord?: boolean;
  /** The batch it came in: after compaction the batch may reach further than its last record. */
  readonly batchContext?: { readonly firstOffset: string; readonly lastOffsetDelta: number };
};

export interface FetchRequest {
  readonly topic: string;
  readonly partition: number;
  readonly offset: Offset;
}

export interface FetchLimits {
  readonly maxWaitMs: number;
  readonly maxBytes: number;
  readonly partitionBytes: number;
}

interface FetchResponse {
  readonly responses: readonly {
    readonly topicName: string;
    readonly partitions: readonly { readonly partition: number; readonly highWatermark: string; readonly lastStartOffset?: string; readonly messages: FetchedMessage[] }[];
  }[];
}

const READ_UNCOMMITTED = 0;
/** Above what kafkajs's own timeouts and retries add up to: everything that recovers waits for this question, so it must end. */
const SILENT_AFTER_MS = 60_000;
/** After so many failures in a row the client is thrown away: it may have lost its way in its own state. */
const FAILURES_BEFORE_NEW_CLIENT = 10;

/**
 * Requests to brokers without a consumer group: leaders, offsets, fetches. kafkajs gives its cluster, which makes them,
 * to partition assigners (a documented part of its types), so a consumer that never runs is the way to it.
 * See docs/adr/0002-own-fetch-loop.md.
 */
export class ClusterAccess {
  private cluster: Cluster;
  private connected: Promise<void> | null = null;
  private refreshing: Promise<void> | null = null;
  private leaders = new Map<string, ReadonlyMap<number, number>>();
  private failures = 0;
  private closed = false;

  constructor(
    private readonly makeClient: () => Kafka,
    private readonly topics: readonly string[],
  ) {
    this.cluster = clusterOf(makeClient());
  }

  /** Makes sure of a connection and of the topics' metadata. @throws when no broker answers or a topic is missing. */
  async connect(): Promise<void> {
    this.connected ??= (async () => {
      await this.cluster.connect();
      await this.cluster.addMultipleTargetTopics([...this.topics]);
      this.noteLeaders();
    })();
    try {
      await this.connected;
    } catch (error) {
      this.connected = null;
      throw error;
    }
  }

  /** Partition ids that exist, ascending; empty when the topic is not known. */
  partitionsOf(topic: string): readonly number[] {
    return [...(this.leaders.get(topic)?.keys() ?? [])].sort((a, b) => a - b);
  }

  /** The broker that leads a partition, as last heard; -1 when none does. */
  leaderOf(topic: string, partition: number): number {
    return this.leaders.get(topic)?.get(partition) ?? -1;
  }

  /** Asks for the leaders again; calls meanwhile share the answer. */
  refresh(): Promise<void> {
    this.refreshing ??= within(SILENT_AFTER_MS, this.askForLeaders(), 'asking for the leaders').finally(() => (this.refreshing = null));
    return this.refreshing;
  }

  /** One fetch from one broker. @throws kafkajs's error; `KafkaJSOffsetOutOfRange` names the partition. */
  async fetch(node: number, requests: readonly FetchRequest[], limits: FetchLimits): Promise<readonly Fetched[]> {
    await this.connect();
    const broker = await this.cluster.findBroker({ nodeId: String(node) });
    const { responses } = (await broker.fetch({
      isolationLevel: READ_UNCOMMITTED,
      maxWaitTime: limits.maxWaitMs,
      minBytes: 1,
      maxBytes: limits.maxBytes,
      topics: groupByTopic(requests, ({ partition, offset }) => ({ partition, fetchOffset: String(offset), maxBytes: limits.partitionBytes })),
    })) as FetchResponse;
    this.failures = 0;
    return responses.flatMap(({ topicName, partitions }) =>
      partitions.map(({ partition, highWatermark, lastStartOffset, messages }) => ({
        topic: topicName,
        partition,
        logStart: Number(lastStartOffset ?? 0),
        endOffset: Number(highWatermark),
        messages,
      })),
    );
  }

  /** First kept and next offset of every partition. Both requests are made after the call, so what was acknowledged before it is counted. */
  async bounds(topic: string): Promise<readonly { readonly first: Offset; readonly next: Offset }[]> {
    await this.connect();
    const partitions = this.partitionsOf(topic).map((partition) => ({ partition }));
    const ask = async (fromBeginning: boolean): Promise<Map<number, Offset>> => {
      const [answer] = await this.cluster.fetchTopicsOffset([{ topic, partitions, fromBeginning }]);
      return new Map(answer?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
    };
    const [firsts, nexts] = await Promise.all([ask(true), ask(false)]);
    this.failures = 0;
    return partitions.map(({ partition }) => {
      const first = firsts.get(partition);
      const next = nexts.get(partition);
      if (first === undefined || next === undefined) throw new Error(`No broker said where ${topic}[${partition}] begins and ends`);
      return { first, next };
    });
  }

  /** The next offset of every partition of these topics: one request to each broker that leads some of them, made after the call. */
  async ends(topics: readonly string[]): Promise<readonly (readonly Offset[])[]> {
    await this.connect();
    const asked = topics.map((topic) => ({ topic, partitions: this.partitionsOf(topic).map((partition) => ({ partition })), fromBeginning: false }));
    const answers = await this.cluster.fetchTopicsOffset(asked);
    this.failures = 0;
    return asked.map(({ topic, partitions }) => {
      const found = answers.find((answer) => answer.topic === topic)?.partitions ?? [];
      return partitions.map(({ partition }) => {
        const end = found.find((answer) => answer.partition === partition);
        if (end === undefined) throw new Error(`No broker said where ${topic}[${partition}] ends`);
        return Number(end.offset);
      });
    });
  }

  /** What a group committed; null where it has not. */
  async committed(groupId: string, partitions: readonly { readonly topic: string; readonly partition: number }[]): Promise<readonly ({ readonly offset: Offset; readonly metadata: string } | null)[]> {
    await this.connect();
    const coordinator = await this.cluster.findGroupCoordinator({ groupId });
    const topics = groupByTopic(partitions, ({ partition }) => ({ partition, offset: '-1' }));
    const { responses } = await coordinator.offsetFetch({ groupId, topics });
    const found = new Map<string, { offset: Offset; metadata: string }>();
    for (const { topic, partitions: answers } of responses) {
      for (const answer of answers as readonly { partition: number; offset: string; metadata?: string | null }[]) {
        if (Number(answer.offset) >= 0) found.set(`${topic}/${answer.partition}`, { offset: Number(answer.offset), metadata: answer.metadata ?? '' });
      }
    }
    return partitions.map(({ topic, partition }) => found.get(`${topic}/${partition}`) ?? null);
  }

  /** To be called after a failed request: forgets the broken connection and looks for the leaders again. Never rejects. */
  async recover(error: unknown): Promise<void> {
    if (this.closed) return;
    const { name, host, port } = (error ?? {}) as { name?: string; host?: string; port?: number };
    if (name === 'KafkaJSConnectionClosedError' && host !== undefined && port !== undefined) this.cluster.removeBroker({ host, port });
    this.failures += 1;
    if (this.failures % FAILURES_BEFORE_NEW_CLIENT === 0) {
      void this.cluster.disconnect().catch(() => undefined);
      this.cluster = clusterOf(this.makeClient());
      this.connected = null;
    }
    await this.refresh().catch(() => undefined);
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.cluster.disconnect().catch(() => undefined);
  }

  private async askForLeaders(): Promise<void> {
    await this.connect();
    await this.cluster.refreshMetadata();
    this.noteLeaders();
  }

  private noteLeaders(): void {
    const leaders = new Map<string, ReadonlyMap<number, number>>();
    for (const topic of this.topics) {
      leaders.set(topic, new Map(this.cluster.findTopicPartitionMetadata(topic).map(({ partitionId, leader }) => [partitionId, leader])));
    }
    this.leaders = leaders;
  }
}

function clusterOf(client: Kafka): Cluster {
  let captured: Cluster | undefined;
  client.consumer({
    groupId: 'never-joined',
    readUncommitted: true,
    allowAutoTopicCreation: false,
    partitionAssigners: [
      ({ cluster }) => {
        captured = cluster;
        return { name: 'none', version: 0, assign: () => Promise.resolve([]), protocol: () => ({ name: 'none', metadata: Buffer.alloc(0) }) };
      },
    ],
  });
  if (captured === undefined) throw new Error('kafkajs did not hand its cluster to the partition assigner');
  return captured;
}

function groupByTopic<T extends { readonly topic: string }, R>(items: readonly T[], each: (item: T) => R): { topic: string; partitions: R[] }[] {
  const topics = new Map<string, R[]>();
  for (const item of items) {
    const partitions = topics.get(item.topic);
    if (partitions === undefined) topics.set(item.topic, [each(item)]);
    else partitions.push(each(item));
  }
  return [...topics].map(([topic, partitions]) => ({ topic, partitions }));
}
