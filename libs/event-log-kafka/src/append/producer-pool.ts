import type { Kafka, Message, Producer, RecordMetadata, TopicMessages } from 'kafkajs';
import { within } from '../cluster/pause.js';
import { encodeProduceRequestsOnce } from './produce-encoder.js';

encodeProduceRequestsOnce();

/** Below the request timeout, so that it has passed when a broker that froze is given up. */
const METADATA_MAX_AGE_MS = 9_000;
/** kafkajs gives a send up after 40 s at most: three retries of 10 s each. What it does not give up by then it has lost. */
const SILENT_AFTER_MS = 60_000;

/**
 * The idempotent producers of a process: one, unless the broker refused a batch for good. Then a new one takes over, and the old one stays
 * until what was first sent with it is acknowledged: only it can tell the repeats of those batches.
 */
export class ProducerPool {
  private readonly producers = new Map<number, Promise<Producer>>();
  private newest = 0;

  constructor(private readonly makeClient: () => Kafka) {}

  /** The epoch of the producer for batches that were never sent. */
  get epoch(): number {
    return this.newest;
  }

  /**
   * Sends with the producer of that epoch, which is made and connected when there is none. One that has said nothing for a minute never will: the next
   * send makes another in its place, and if the silent one did write after all, readers drop the repeat. @throws kafkajs's error
   */
  async send(epoch: number, batches: readonly { readonly topic: string; readonly messages: readonly Message[] }[]): Promise<readonly (RecordMetadata | null)[]> {
    const opened = this.producer(epoch);
    const sent = (await opened).sendBatch({ acks: -1, timeout: 10_000, topicMessages: groupByTopic(batches) });
    let isSilent = true;
    const ended = (): void => void (isSilent = false);
    sent.then(ended, ended);
    try {
      return await within(SILENT_AFTER_MS, sent, 'a send');
    } finally {
      if (isSilent && this.producers.get(epoch) === opened) void this.disconnect(epoch);
    }
  }

  /** Connects the newest. @throws when no broker answers. */
  async connect(): Promise<void> {
    await this.producer(this.newest);
  }

  /** Never-sent batches go out by a new producer from now on, unless that has happened already since `epoch`. */
  replace(epoch: number): void {
    if (epoch === this.newest) this.newest += 1;
  }

  /** Closes the producers that nothing depends on any more. */
  retire(inUse: ReadonlySet<number>): void {
    for (const epoch of this.producers.keys()) {
      if (epoch !== this.newest && !inUse.has(epoch)) void this.disconnect(epoch);
    }
  }

  /** A disconnecting producer may hang on a broker that is away; nothing of ours waits for it. */
  async close(): Promise<void> {
    await Promise.all([...this.producers.keys()].map((epoch) => this.disconnect(epoch)));
  }

  private producer(epoch: number): Promise<Producer> {
    let producer = this.producers.get(epoch);
    if (producer === undefined) {
      producer = this.open();
      this.producers.set(epoch, producer);
      producer.catch(() => this.producers.delete(epoch));
    }
    return producer;
  }

  private async open(): Promise<Producer> {
    const producer = this.makeClient().producer({
      idempotent: true,
      // After a request that timed out kafkajs asks the same broker again; only the age of what it knows makes it look for another leader.
      metadataMaxAge: METADATA_MAX_AGE_MS,
      allowAutoTopicCreation: false,
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition ?? 0,
      // Our own loop sends again; these few heal a moved leader or a lost connection without it.
      retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1000 },
    });
    try {
      await producer.connect();
      return producer;
    } catch (error) {
      void producer.disconnect().catch(() => undefined);
      throw error;
    }
  }

  private async disconnect(epoch: number): Promise<void> {
    const producer = this.producers.get(epoch);
    this.producers.delete(epoch);
    if (producer === undefined) return;
    await within(2_000, producer.then((open) => open.disconnect()), 'closing a producer').catch(() => undefined);
  }
}

function groupByTopic(batches: readonly { readonly topic: string; readonly messages: readonly Message[] }[]): TopicMessages[] {
  const topics = new Map<string, Message[]>();
  for (const { topic, messages } of batches) {
    const together = topics.get(topic);
    if (together === undefined) topics.set(topic, [...messages]);
    else together.push(...messages);
  }
  return [...topics].map(([topic, messages]) => ({ topic, messages }));
}
