import type { Offset, TopicPartition } from '@hooklane/event-log';
import type { ClusterAccess, Fetched, FetchedMessage } from '../cluster/cluster-access.js';
import { brokerErrorType } from '../cluster/kafka-error.js';
import { pause } from '../cluster/pause.js';
import type { FetchPace } from './fetch-pace.js';

export interface FetchSink {
  /** What follows `from`, in order; `next` is where the next fetch begins. */
  fetched(partition: TopicPartition, messages: readonly FetchedMessage[], next: Offset, endOffset: Offset): void;
  /** The log does not have the offset: it is before its beginning or beyond its end. The partition is not fetched until it is started again. */
  outOfRange(partition: TopicPartition, offset: Offset): void;
}

const LIMITS = { maxBytes: 4 * 1024 * 1024, partitionBytes: 1024 * 1024 };
/** How long a broker holds an answer back while there is nothing: an idle subscription asks four times a second. What is new is answered at once. */
const IDLE_WAIT_MS = 250;
/** A partition that is paused will want to be in the next request soon. */
const PAUSED_WAIT_MS = 50;
const BACK_OFF_MS = 200;
/** A partition that gets nothing although there is something may be behind others in a full answer; then it is asked for alone. */
const EMPTY_BEFORE_ALONE = 3;

interface Slot extends TopicPartition {
  offset: Offset;
  wanted: boolean;
  inFlight: boolean;
  emptyInARow: number;
}

/**
 * Long polls of each broker for the partitions it leads. A partition is in one request at a time; starting it elsewhere makes the answers
 * under way worthless. Works with physical topic names.
 */
export class PartitionFetcher {
  private readonly slots = new Map<string, Slot>();
  private readonly busy = new Set<number>();
  private readonly paces = new Map<number, Pick<FetchPace, 'pauseAfter'>>();
  private readonly closed = new AbortController();
  private scheduled = false;

  constructor(
    private readonly cluster: Pick<ClusterAccess, 'fetch' | 'leaderOf' | 'recover'>,
    private readonly sink: FetchSink,
    private readonly trouble: (error: unknown) => void,
    /** One for each leader. */
    private readonly makePace: () => Pick<FetchPace, 'pauseAfter'>,
  ) {}

  /** Fetches from `offset` on, whatever was fetched before. */
  start({ topic, partition }: TopicPartition, offset: Offset): void {
    this.slots.set(idOf(topic, partition), { topic, partition, offset, wanted: true, inFlight: false, emptyInARow: 0 });
    this.schedule();
  }

  stop({ topic, partition }: TopicPartition): void {
    this.slots.delete(idOf(topic, partition));
  }

  pause({ topic, partition }: TopicPartition): void {
    const slot = this.slots.get(idOf(topic, partition));
    if (slot !== undefined) slot.wanted = false;
  }

  resume({ topic, partition }: TopicPartition): void {
    const slot = this.slots.get(idOf(topic, partition));
    if (slot === undefined || slot.wanted) return;
    slot.wanted = true;
    this.schedule();
  }

  close(): void {
    this.closed.abort();
    this.slots.clear();
  }

  private schedule(): void {
    if (this.scheduled || this.closed.signal.aborted) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      if (!this.closed.signal.aborted) this.pump();
    });
  }

  private pump(): void {
    const requests = new Map<number, Slot[]>();
    let maxWaitMs = IDLE_WAIT_MS;
    for (const slot of this.slots.values()) {
      if (!slot.wanted) maxWaitMs = PAUSED_WAIT_MS;
      if (!slot.wanted || slot.inFlight) continue;
      const leader = this.cluster.leaderOf(slot.topic, slot.partition);
      if (this.busy.has(leader)) continue;
      const together = requests.get(leader);
      if (together === undefined) requests.set(leader, [slot]);
      else together.push(slot);
    }
    for (const [leader, slots] of requests) void this.poll(leader, aloneIfStarved(slots), maxWaitMs);
  }

  private async poll(leader: number, slots: readonly Slot[], maxWaitMs: number): Promise<void> {
    this.busy.add(leader);
    for (const slot of slots) slot.inFlight = true;
    let pauseMs = 0;
    try {
      if (leader < 0) throw new Error('the partition has no leader');
      const answer = await this.cluster.fetch(leader, slots, { ...LIMITS, maxWaitMs });
      for (const fetched of answer) this.deliver(slots, fetched);
      pauseMs = this.pauseAfter(leader, answer);
    } catch (error) {
      await this.recover(error);
    } finally {
      for (const slot of slots) slot.inFlight = false;
      if (pauseMs > 0) setTimeout(() => this.free(leader), pauseMs).unref();
      else this.free(leader);
    }
  }

  private free(leader: number): void {
    this.busy.delete(leader);
    this.schedule();
  }

  /** None where the answer did not hold all there was: what is left is company enough. */
  private pauseAfter(leader: number, answer: readonly Fetched[]): number {
    let records = 0;
    for (const { endOffset, messages } of answer) {
      const last = messages[messages.length - 1];
      if (last === undefined) continue;
      records += messages.length;
      if (Number(last.offset) + 1 < endOffset) return 0;
    }
    let pace = this.paces.get(leader);
    if (pace === undefined) this.paces.set(leader, (pace = this.makePace()));
    return pace.pauseAfter(records);
  }

  private deliver(asked: readonly Slot[], { topic, partition, logStart, endOffset, messages }: Fetched): void {
    const slot = this.slots.get(idOf(topic, partition));
    // Started anew or stopped meanwhile, or paused: what is not taken now is fetched again.
    if (slot === undefined || !slot.wanted || !asked.includes(slot) || this.closed.signal.aborted) return;
    if (logStart > slot.offset) return this.lose(slot);
    const wanted = messages.filter((message) => Number(message.offset) >= slot.offset);
    const next = nextOffset(slot.offset, messages);
    if (next === slot.offset && endOffset > slot.offset) return this.starved(slot, asked.length);
    slot.emptyInARow = 0;
    if (next === slot.offset) return;
    slot.offset = next;
    const records = wanted.filter((message) => message.isControlRecord !== true);
    if (records.length > 0) this.sink.fetched(slot, records, next, Math.max(endOffset, next));
  }

  /** Alone in a request and still nothing, though the log goes on: compaction left an empty batch, which kafkajs does not show. Step over it. */
  private starved(slot: Slot, asked: number): void {
    if (asked === 1 && slot.emptyInARow >= EMPTY_BEFORE_ALONE) slot.offset += 1;
    else slot.emptyInARow += 1;
  }

  private lose(slot: Slot): void {
    this.slots.delete(idOf(slot.topic, slot.partition));
    this.sink.outOfRange(slot, slot.offset);
  }

  private async recover(error: unknown): Promise<void> {
    if (this.closed.signal.aborted) return;
    if (brokerErrorType(error) === 'OFFSET_OUT_OF_RANGE') {
      const { topic, partition } = error as { topic?: string; partition?: number };
      const slot = this.slots.get(idOf(topic ?? '', partition ?? -1));
      if (slot?.inFlight) this.lose(slot);
      return;
    }
    this.trouble(error);
    await this.cluster.recover(error);
    await pause(BACK_OFF_MS, this.closed.signal);
  }
}

/** Where the log goes on after what was fetched: behind the last whole batch, which may reach further than its last record. */
function nextOffset(offset: Offset, messages: readonly FetchedMessage[]): Offset {
  const last = messages[messages.length - 1];
  if (last === undefined) return offset;
  const batchEnd = last.batchContext === undefined ? 0 : Number(last.batchContext.firstOffset) + last.batchContext.lastOffsetDelta + 1;
  return Math.max(offset, Number(last.offset) + 1, batchEnd);
}

function aloneIfStarved(slots: readonly Slot[]): readonly Slot[] {
  const starved = slots.find((slot) => slot.emptyInARow >= EMPTY_BEFORE_ALONE);
  return starved === undefined ? slots : [starved];
}

function idOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
