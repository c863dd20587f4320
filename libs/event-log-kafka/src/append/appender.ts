import type { AppendOptions, AppendRecord, Offset } from '@hooklane/event-log';
import { AppError, type Clock } from '@hooklane/kernel';
import type { RecordMetadata } from 'kafkajs';
import { brokerErrorType, errorSentence, failureKind } from '../cluster/kafka-error.js';
import type { KafkaLogEntry, RejectedAppend } from '../settings.js';
import { AppendCall } from './append-call.js';
import { PartitionQueue } from './partition-queue.js';
import type { ProducerPool } from './producer-pool.js';

/** What one send holds at most, so that its loss costs little; a single call may be larger. */
const SEND_BYTES = 512 * 1024;
/** kafkajs copies a partition's list for each of its messages: 1,000 are half a million copies, 1 ms. */
const BATCH_RECORDS = 1_000;
/** Batches sent alone because a send with them was refused. */
const ALONE_AT_ONCE = 8;
const FIRST_BACK_OFF_MS = 100;
const LONGEST_BACK_OFF_MS = 1_000;
const DEADLINE_STEP_MS = 20;
/** kafkajs heals a moved leader within this; only what lasts longer makes the log unready. */
const UNREADY_AFTER_MS = 1_000;

/** A broker that takes a batch answers within milliseconds; a frozen one would be given up by kafkajs after 40 s only. */
const SILENT_AFTER_MS = 3_000;
/** A leader that moved is found within one or two sends; a producer that leaves a partition out for longer has lost its way. */
const NEW_PRODUCER_AFTER_MS = 3_000;
const SAY_LEFT_OUT_EVERY_MS = 5_000;
const LEFT_OUT = 'the broker did not say that it is written';

export interface AppenderPorts {
  readonly producers: Pick<ProducerPool, 'epoch' | 'send' | 'replace' | 'retire'>;
  readonly leaders: { leaderOf(topic: string, partition: number): number; recover(error: unknown): Promise<void> };
  readonly clock: Clock;
  readonly physicalName: (topic: string) => string;
  readonly rejected: (rejected: RejectedAppend) => void;
  readonly log: (entry: KafkaLogEntry) => void;
}

/**
 * Batches form by themselves: a leader that is free is sent what waits for its partitions at once, and what arrives meanwhile is the next batch.
 * One send is under way for each leader; a partition is in one send at a time (semantics: Producing).
 */
export class Appender {
  private readonly queues = new Map<string, PartitionQueue>();
  /** Queues with something to send. */
  private readonly dirty = new Set<PartitionQueue>();
  private readonly busyLeaders = new Set<number>();
  private aloneInSend = 0;
  private readonly withDeadline = new Set<AppendCall>();
  private deadlineTimer: NodeJS.Timeout | null = null;
  private retryTimer: NodeJS.Timeout | null = null;
  private saidLeftOutAtMonotonicMs = Number.NEGATIVE_INFINITY;
  private pumpScheduled = false;
  private closed = false;
  private drained: (() => void) | null = null;

  constructor(private readonly ports: AppenderPorts) {}

  append(records: readonly AppendRecord[], options: AppendOptions = {}): Promise<readonly Offset[]> {
    if (records.length === 0) return Promise.resolve([]);
    const call = new AppendCall(records, options.deadlineMonotonicMs ?? Number.POSITIVE_INFINITY);
    if (this.closed) {
      call.giveUpUnavailable('the log is closed');
      return call.done;
    }
    for (const part of call.parts) {
      const queue = this.queue(part.topic, part.partition);
      queue.add(part);
      this.dirty.add(queue);
    }
    if (call.deadlineMonotonicMs !== Number.POSITIVE_INFINITY) this.watchDeadline(call);
    this.schedulePump();
    return call.done;
  }

  /** @returns why nothing can be written, or null when all is well. */
  trouble(): string | null {
    const now = this.ports.clock.monotonicMs();
    for (const queue of this.dirty) {
      const { failingSinceMonotonicMs: failing, inSendSinceMonotonicMs: sent } = queue;
      if (failing !== null && now - failing >= UNREADY_AFTER_MS) return `${queue.topic}[${queue.partition}] cannot be written: ${queue.reason}`;
      if (sent !== null && now - sent >= SILENT_AFTER_MS) return `the leader of ${queue.topic}[${queue.partition}] does not answer`;
    }
    return null;
  }

  /** Takes nothing new and waits for what is under way, at most `timeoutMs`; the rest is given up. */
  async close(timeoutMs: number): Promise<void> {
    this.closed = true;
    if (this.dirty.size > 0) {
      await new Promise<void>((done) => {
        const timer = setTimeout(done, timeoutMs);
        this.drained = () => {
          clearTimeout(timer);
          done();
        };
      });
    }
    for (const queue of this.dirty) for (const part of queue.open()) part.call.giveUpUnavailable('the log was closed');
    if (this.deadlineTimer !== null) clearTimeout(this.deadlineTimer);
    if (this.retryTimer !== null) clearTimeout(this.retryTimer);
    this.dirty.clear();
  }

  private queue(topic: string, partition: number): PartitionQueue {
    const id = `${topic}/${partition}`;
    let queue = this.queues.get(id);
    if (queue === undefined) this.queues.set(id, (queue = new PartitionQueue(topic, partition)));
    return queue;
  }

  /** After the calls of this turn of the event loop, so that they share a batch: one answer to a fetch is handed to the handlers of several partitions, which append one after the other. */
  private schedulePump(): void {
    if (this.pumpScheduled) return;
    this.pumpScheduled = true;
    setImmediate(() => {
      this.pumpScheduled = false;
      this.pump();
    });
  }

  private pump(): void {
    const now = this.ports.clock.monotonicMs();
    const sends = new Map<string, { leader: number; queues: PartitionQueue[]; bytes: number }>();
    let nextRetry = Number.POSITIVE_INFINITY;
    for (const queue of this.dirty) {
      if (queue.inSend) continue;
      if (queue.retryAtMonotonicMs > now) {
        nextRetry = Math.min(nextRetry, queue.retryAtMonotonicMs);
        continue;
      }
      if (queue.alone) {
        if (this.aloneInSend < ALONE_AT_ONCE) void this.sendAlone(queue);
        continue;
      }
      const leader = this.ports.leaders.leaderOf(this.ports.physicalName(queue.topic), queue.partition);
      if (this.busyLeaders.has(leader)) continue;
      const epoch = queue.frozen !== null && queue.producerEpoch >= 0 ? queue.producerEpoch : this.ports.producers.epoch;
      const id = `${leader}/${epoch}`;
      let send = sends.get(id);
      if (send === undefined) sends.set(id, (send = { leader, queues: [], bytes: 0 }));
      if (queue.frozen === null) {
        if (send.bytes >= SEND_BYTES) continue;
        queue.freeze(SEND_BYTES - send.bytes, BATCH_RECORDS);
      }
      if (queue.frozen === null) continue;
      queue.producerEpoch = epoch;
      send.bytes += queue.frozen.bytes;
      send.queues.push(queue);
    }
    for (const { leader, queues } of sends.values()) {
      // Two producers have something for this leader only after a refusal: the second waits for its turn, its batch stays frozen.
      if (queues.length > 0 && !this.busyLeaders.has(leader)) void this.sendTogether(leader, queues);
    }
    this.retryAt(nextRetry, now);
  }

  private async sendTogether(leader: number, queues: readonly PartitionQueue[]): Promise<void> {
    this.busyLeaders.add(leader);
    const error = await this.send(queues);
    if (error !== null && queues.length > 1 && brokerErrorType(error) !== null) {
      // A request fails as a whole for one partition in it: only alone will the others go on.
      for (const queue of queues) if (queue.frozen !== null) queue.alone = true;
    }
    this.busyLeaders.delete(leader);
    this.pump();
  }

  private async sendAlone(queue: PartitionQueue): Promise<void> {
    this.aloneInSend += 1;
    if (queue.producerEpoch < 0) queue.producerEpoch = this.ports.producers.epoch;
    await this.send([queue]);
    this.aloneInSend -= 1;
    this.pump();
  }

  /** Sends the frozen batches of `queues`, which share a producer, and settles each by what the result says of it. @returns the error, if there was one. */
  private async send(queues: readonly PartitionQueue[]): Promise<unknown> {
    const epoch = queues[0]?.producerEpoch ?? 0;
    const now = this.ports.clock.monotonicMs();
    for (const queue of queues) {
      queue.inSendSinceMonotonicMs = now;
      // To the end of the line: those that did not fit go first next time.
      this.dirty.delete(queue);
      this.dirty.add(queue);
    }
    try {
      const results = await this.ports.producers.send(
        epoch,
        queues.map((queue) => ({ topic: this.ports.physicalName(queue.topic), messages: queue.frozen?.messages ?? [] })),
      );
      this.settle(queues, results);
      return null;
    } catch (error) {
      await this.fail(queues, error, epoch);
      return error;
    }
  }

  /** A send can resolve although a partition whose leader moved was never written: only what the result names is acknowledged. */
  private settle(queues: readonly PartitionQueue[], results: readonly (RecordMetadata | null)[]): void {
    const offsets = new Map<string, Offset>();
    for (const result of results) {
      if (result === null || result.errorCode !== 0 || result.baseOffset === undefined || Number(result.baseOffset) < 0) continue;
      offsets.set(`${result.topicName}/${result.partition}`, Number(result.baseOffset));
    }
    const leftOut: PartitionQueue[] = [];
    for (const queue of queues) {
      const offset = offsets.get(`${this.ports.physicalName(queue.topic)}/${queue.partition}`);
      if (offset === undefined) leftOut.push(queue);
      else queue.acknowledge(offset);
      if (queue.isIdle) this.dirty.delete(queue);
    }
    if (leftOut.length > 0) this.sendLeftOutAgain(leftOut);
    if (this.dirty.size === 0) this.drained?.();
  }

  /**
   * The same batches again; and when that has gone on for some seconds by another producer, which has found the brokers anew. If the old one
   * had them written after all, readers drop the repeat.
   */
  private sendLeftOutAgain(queues: readonly PartitionQueue[]): void {
    const now = this.ports.clock.monotonicMs();
    const lost: PartitionQueue[] = [];
    for (const queue of queues) {
      this.retryLater(queue, LEFT_OUT);
      queue.leftOutSinceMonotonicMs ??= now;
      if (now - queue.leftOutSinceMonotonicMs >= NEW_PRODUCER_AFTER_MS) lost.push(queue);
    }
    if (lost.length > 0) {
      this.ports.log({ level: 'warn', message: 'a producer that leaves partitions out is replaced', fields: { reason: LEFT_OUT, partitions: namesOf(lost), forMs: NEW_PRODUCER_AFTER_MS } });
      for (const queue of lost) {
        this.ports.producers.replace(queue.producerEpoch);
        queue.producerEpoch = -1;
        queue.leftOutSinceMonotonicMs = null;
      }
      this.retireProducers();
    } else if (now - this.saidLeftOutAtMonotonicMs >= SAY_LEFT_OUT_EVERY_MS) {
      this.saidLeftOutAtMonotonicMs = now;
      this.ports.log({ level: 'warn', message: 'a send left partitions out and their batches will be sent again', fields: { reason: LEFT_OUT, partitions: namesOf(queues) } });
    }
    void this.ports.leaders.recover(null);
  }

  private async fail(queues: readonly PartitionQueue[], error: unknown, epoch: number): Promise<void> {
    const kind = failureKind(error);
    const reason = errorSentence(error);
    this.ports.log({ level: 'warn', message: 'a batch was not written and will be sent again', fields: { kind, reason, partitions: namesOf(queues) } });
    for (const queue of queues) {
      this.retryLater(queue, reason);
      // Another trouble: what a producer left out in an outage says nothing of what it does after it.
      queue.leftOutSinceMonotonicMs = null;
    }
    if (kind === 'retry') return this.ports.leaders.recover(error);
    const [only] = queues;
    // With several, nobody knows which it is: they go alone, with the same producer, so that what was written is known as a repeat.
    if (queues.length > 1 || only === undefined) return;
    this.ports.producers.replace(epoch);
    only.producerEpoch = -1;
    if (kind === 'record') this.refuse(only, reason);
    this.retireProducers();
  }

  /** Those that no frozen batch was sent with. */
  private retireProducers(): void {
    this.ports.producers.retire(new Set([...this.dirty].filter((queue) => queue.frozen !== null).map((queue) => queue.producerEpoch)));
  }

  private refuse(queue: PartitionQueue, reason: string): void {
    const culprit = queue.refuse();
    if (culprit !== null) {
      const { call, topic, partition, records } = culprit;
      call.giveUp(new AppError('too-large', `${topic}[${partition}] refuses the record: ${reason}`, { publicMessage: 'The event log does not take a record like this one.', details: { mayBeWritten: false } }));
      this.ports.rejected({ topic, partition, records, reason });
    }
    if (queue.isIdle) this.dirty.delete(queue);
    if (this.dirty.size === 0) this.drained?.();
  }

  private retryLater(queue: PartitionQueue, reason: string): void {
    const now = this.ports.clock.monotonicMs();
    queue.failed(reason, now, now + Math.min(FIRST_BACK_OFF_MS * 2 ** queue.failures, LONGEST_BACK_OFF_MS));
  }

  private retryAt(monotonicMs: number, nowMs: number): void {
    if (this.retryTimer !== null) clearTimeout(this.retryTimer);
    this.retryTimer = monotonicMs === Number.POSITIVE_INFINITY ? null : setTimeout(() => this.pump(), Math.max(1, monotonicMs - nowMs));
  }

  private watchDeadline(call: AppendCall): void {
    this.withDeadline.add(call);
    const forget = (): void => void this.withDeadline.delete(call);
    call.done.then(forget, forget);
    this.deadlineTimer ??= setTimeout(() => this.expire(), DEADLINE_STEP_MS);
  }

  private expire(): void {
    this.deadlineTimer = null;
    const now = this.ports.clock.monotonicMs();
    for (const call of this.withDeadline) {
      if (call.deadlineMonotonicMs > now) continue;
      for (const part of call.parts) {
        const queue = this.queue(part.topic, part.partition);
        queue.remove(part);
        if (queue.isIdle) this.dirty.delete(queue);
      }
      call.giveUpUnavailable('the deadline of the append passed');
      this.withDeadline.delete(call);
    }
    if (this.dirty.size === 0) this.drained?.();
    if (this.withDeadline.size > 0 && !this.closed) this.deadlineTimer = setTimeout(() => this.expire(), DEADLINE_STEP_MS);
  }
}

function namesOf(queues: readonly PartitionQueue[]): string[] {
  return queues.map((queue) => `${queue.topic}[${queue.partition}]`);
}
