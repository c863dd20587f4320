import type { Offset } from '@hooklane/event-log';
import type { Message } from 'kafkajs';
import type { AppendPart } from './append-call.js';

/** What was sent, or will be, as one batch of one partition. It never changes until it is acknowledged or refused for good. */
export interface FrozenBatch {
  readonly parts: readonly AppendPart[];
  readonly messages: readonly Message[];
  readonly bytes: number;
}

/**
 * The appends of one partition, in order. At most one batch is frozen, and only a frozen batch is sent: the same one again until the
 * broker has taken it, whichever broker leads by then. The producer's sequence numbers rely on it: another batch under the number
 * of one that was lost on the way would be taken for a repeat, acknowledged, and never written.
 */
export class PartitionQueue {
  frozen: FrozenBatch | null = null;
  /** Since when the frozen batch is being sent; null when it is not. */
  inSendSinceMonotonicMs: number | null = null;
  /** The last send it was in was refused because of some partition, so it goes alone. */
  alone = false;
  /** Sends of the frozen batch that failed. */
  failures = 0;
  /** Not sent before this. */
  retryAtMonotonicMs = 0;
  /** Since when it has been failing; null when it is not. */
  failingSinceMonotonicMs: number | null = null;
  /** Since when this producer's sends have succeeded without a word about the frozen batch; null when the last one did not. */
  leftOutSinceMonotonicMs: number | null = null;
  reason = '';
  /** The epoch of the producer that the frozen batch was first sent with; another producer would not see its repeats. */
  producerEpoch = -1;
  private pending: AppendPart[] = [];
  private mostParts = Number.POSITIVE_INFINITY;

  constructor(
    readonly topic: string,
    readonly partition: number,
  ) {}

  get inSend(): boolean {
    return this.inSendSinceMonotonicMs !== null;
  }

  get isIdle(): boolean {
    return this.frozen === null && this.pending.length === 0;
  }

  get hasPending(): boolean {
    return this.pending.length > 0;
  }

  add(part: AppendPart): void {
    this.pending.push(part);
  }

  /** Makes the next batch of what waits: at least one part, further ones while they fit. @returns its bytes; 0 when nothing waits. */
  freeze(maxBytes: number, maxRecords: number): number {
    let count = 0;
    let bytes = 0;
    let records = 0;
    for (const part of this.pending) {
      if (count > 0 && (count >= this.mostParts || bytes + part.bytes > maxBytes || records + part.messages.length > maxRecords)) break;
      count += 1;
      bytes += part.bytes;
      records += part.messages.length;
    }
    if (count === 0) return 0;
    this.setFrozen(this.pending.splice(0, count), bytes);
    return bytes;
  }

  acknowledge(baseOffset: Offset): void {
    const batch = this.thaw();
    let offset = baseOffset;
    for (const part of batch.parts) {
      part.call.acknowledge(part, offset);
      offset += part.messages.length;
    }
    this.mostParts *= 2;
  }

  /** The broker refuses the batch for good. @returns the part to blame when it is alone; else the batch is halved, and the halves follow one by one. */
  refuse(): AppendPart | null {
    const { parts } = this.thaw();
    const [first] = parts;
    if (parts.length === 1 && first !== undefined) return first;
    this.pending.unshift(...parts);
    this.mostParts = Math.ceil(parts.length / 2);
    return null;
  }

  failed(reason: string, nowMonotonicMs: number, retryAtMonotonicMs: number): void {
    this.inSendSinceMonotonicMs = null;
    this.failures += 1;
    this.reason = reason;
    this.retryAtMonotonicMs = retryAtMonotonicMs;
    this.failingSinceMonotonicMs ??= nowMonotonicMs;
  }

  /** Takes a call's part out if it is not in the frozen batch. */
  remove(part: AppendPart): void {
    const index = this.pending.indexOf(part);
    if (index >= 0) this.pending.splice(index, 1);
  }

  /** Everything that is not acknowledged. */
  *open(): Iterable<AppendPart> {
    if (this.frozen !== null) yield* this.frozen.parts;
    yield* this.pending;
  }

  private setFrozen(parts: readonly AppendPart[], bytes: number): void {
    for (const part of parts) part.call.exposed = true;
    this.frozen = { parts, bytes, messages: parts.length === 1 ? (parts[0]?.messages ?? []) : parts.flatMap((part) => part.messages) };
    this.failures = 0;
    this.producerEpoch = -1;
  }

  private thaw(): FrozenBatch {
    const batch = this.frozen;
    if (batch === null) throw new Error(`${this.topic}[${this.partition}] has no batch under way`);
    this.frozen = null;
    this.inSendSinceMonotonicMs = null;
    this.alone = false;
    this.failures = 0;
    this.retryAtMonotonicMs = 0;
    this.failingSinceMonotonicMs = null;
    this.leftOutSinceMonotonicMs = null;
    return batch;
  }
}
