import type { AppendOptions, AppendRecord, EventLogConnection, LogRecord, Offset, SubscribeOptions, Subscription, TopicPartition } from '@hooklane/event-log';
import { AppError, systemClock } from '@hooklane/kernel';
import { Appender } from './append/appender.js';
import { ProducerPool } from './append/producer-pool.js';
import type { ClusterAccess } from './cluster/cluster-access.js';
import { kafkaClient } from './cluster/kafka-client.js';
import { brokerErrorType, errorSentence } from './cluster/kafka-error.js';
import { pause } from './cluster/pause.js';
import { coalesce } from './coalesce.js';
import { KafkaSubscription } from './consume/kafka-subscription.js';
import { toLogRecord } from './record-codec.js';
import type { KafkaLogSettings } from './settings.js';
import type { TopicNames } from './topic-names.js';

const BOUNDS_TRIES = 8;
const BOUNDS_PAUSE_MS = 250;
const PROBE_EVERY_MS = 2_000;
const READ = { maxWaitMs: 0, maxBytes: 2 * 1024 * 1024, partitionBytes: 2 * 1024 * 1024 };

type Bounds = readonly { readonly first: Offset; readonly next: Offset }[];

/** The log port on Kafka. */
export class KafkaLog implements EventLogConnection {
  private readonly appender: Appender;
  private readonly subscriptions = new Set<Subscription>();
  private readonly boundsOf = new Map<string, () => Promise<Bounds>>();
  private readonly endsOf = new Map<string, () => Promise<readonly (readonly Offset[])[]>>();
  /** Fixed for a topic's life, so as they were when the log was opened. */
  private readonly counts: ReadonlyMap<string, number>;
  private readonly closed = new AbortController();
  private unreachable: string | null = null;

  /** @param cluster connected, with all topics known */
  constructor(
    private readonly settings: KafkaLogSettings,
    private readonly names: TopicNames,
    private readonly cluster: ClusterAccess,
    private readonly producers: ProducerPool,
  ) {
    this.counts = new Map(settings.topics.map(({ name }) => [name, cluster.partitionsOf(names.physical(name)).length]));
    this.appender = new Appender({
      producers,
      leaders: cluster,
      clock: settings.clock ?? systemClock,
      physicalName: (topic) => names.physical(topic),
      rejected: (rejected) => settings.onRejected?.(rejected),
      log: (entry) => settings.onLog?.(entry),
    });
    void this.probe();
  }

  partitionsOf(topic: string): number {
    const count = this.counts.get(topic);
    if (count === undefined) throw new AppError('internal', `the topic ${topic} was not named when the log was opened`);
    return count;
  }

  async append(records: readonly AppendRecord[], options?: AppendOptions): Promise<readonly Offset[]> {
    for (const { topic, partition } of records) {
      // An unknown partition would wait for ever.
      if (!(partition >= 0 && partition < this.partitionsOf(topic))) throw new AppError('internal', `${topic} has no partition ${partition}`);
    }
    return this.appender.append(records, options);
  }

  subscribe(options: SubscribeOptions): Subscription {
    const { settings } = this;
    const subscription = new KafkaSubscription(options, {
      names: this.names,
      sessionTimeoutMs: settings.sessionTimeoutMs ?? 30_000,
      heartbeatIntervalMs: settings.heartbeatIntervalMs ?? 1_000,
      bufferedBytes: settings.bufferedBytes ?? 32 * 1024 * 1024,
      clock: settings.clock ?? systemClock,
      makeClient: () => kafkaClient(settings),
      log: (entry) => settings.onLog?.(entry),
    });
    this.subscriptions.add(subscription);
    return subscription;
  }

  async *read({ topic, partition, from, to }: TopicPartition & { readonly from: Offset; readonly to: Offset }): AsyncGenerator<readonly LogRecord[]> {
    const physical = this.names.physical(topic);
    let offset = from;
    let failures = 0;
    while (offset < to) {
      try {
        const [fetched] = await this.cluster.fetch(this.cluster.leaderOf(physical, partition), [{ topic: physical, partition, offset }], READ);
        failures = 0;
        const last = fetched?.messages[fetched.messages.length - 1];
        if (fetched === undefined || (last === undefined && offset >= fetched.endOffset)) return;
        const records = fetched.messages.filter((message) => message.isControlRecord !== true && Number(message.offset) >= offset && Number(message.offset) < to);
        // Nothing where there is something: an empty batch that compaction left.
        offset = last === undefined ? offset + 1 : Math.max(Number(last.offset) + 1, offset + 1);
        if (records.length > 0) yield records.map((message) => toLogRecord(topic, partition, message));
      } catch (error) {
        if (brokerErrorType(error) === 'OFFSET_OUT_OF_RANGE') {
          const bounds = (await this.bounds(topic))[partition] ?? { first: 0, next: 0 };
          if (offset >= bounds.first) return;
          offset = bounds.first;
          continue;
        }
        failures += 1;
        await this.retryLater(error, failures, `${topic}[${partition}] cannot be read`);
      }
    }
  }

  bounds(topic: string): Promise<Bounds> {
    let ask = this.boundsOf.get(topic);
    if (ask === undefined) {
      ask = coalesce(() => this.asked(topic, () => this.cluster.bounds(this.names.physical(topic))));
      this.boundsOf.set(topic, ask);
    }
    return ask();
  }

  ends(topics: readonly string[]): Promise<readonly (readonly Offset[])[]> {
    const key = topics.join(' ');
    let ask = this.endsOf.get(key);
    if (ask === undefined) {
      ask = coalesce(() => this.asked(key, () => this.cluster.ends(topics.map((topic) => this.names.physical(topic)))));
      this.endsOf.set(key, ask);
    }
    return ask();
  }

  health(): { readonly ready: boolean; readonly reason: string } {
    const reason = this.closed.signal.aborted ? 'the log is closed' : (this.appender.trouble() ?? this.unreachable);
    return { ready: reason === null, reason: reason ?? '' };
  }

  async close(timeoutMs: number): Promise<void> {
    await this.appender.close(timeoutMs);
    this.closed.abort();
    await Promise.all([...this.subscriptions].map((subscription) => subscription.close()));
    await Promise.all([this.producers.close(), this.cluster.close()]);
  }

  private async asked<Answer>(topics: string, question: () => Promise<Answer>): Promise<Answer> {
    for (let failures = 1; ; failures++) {
      try {
        return await question();
      } catch (error) {
        await this.retryLater(error, failures, `where ${topics} ends is not known`);
      }
    }
  }

  /** @throws AppError log-unavailable after some seconds of failures. */
  private async retryLater(error: unknown, failures: number, what: string): Promise<void> {
    if (this.closed.signal.aborted || failures >= BOUNDS_TRIES) {
      throw new AppError('log-unavailable', `${what}: ${errorSentence(error)}`, { publicMessage: 'The event log cannot be read at the moment.', retryable: true, retryAfterMs: 1000, cause: error });
    }
    await this.cluster.recover(error);
    await pause(BOUNDS_PAUSE_MS, this.closed.signal);
  }

  /** While nothing is appended nobody would notice that the brokers are away; also hears of leaders that moved. */
  private async probe(): Promise<void> {
    while (!this.closed.signal.aborted) {
      await pause(PROBE_EVERY_MS, this.closed.signal);
      if (this.closed.signal.aborted) return;
      this.unreachable = await this.cluster.refresh().then(
        () => null,
        (error: unknown) => this.probeAnother(error),
      );
    }
  }

  /** One broker of several that does not answer is no outage. */
  private async probeAnother(error: unknown): Promise<string | null> {
    await this.cluster.recover(error);
    return this.cluster.refresh().then(
      () => null,
      (second: unknown) => `no broker answers: ${errorSentence(second)}`,
    );
  }
}
