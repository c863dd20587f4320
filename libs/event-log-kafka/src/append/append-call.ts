import type { AppendRecord, Offset } from '@hooklane/event-log';
import { AppError } from '@hooklane/kernel';
import type { Message } from 'kafkajs';
import { recordBytes, toMessage } from '../record-codec.js';

/** One call's records for one partition: they stay together, in one batch of the broker. */
export interface AppendPart {
  readonly call: AppendCall;
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly AppendRecord[];
  readonly messages: readonly Message[];
  /** Where each record stands in the call. */
  readonly positions: readonly number[];
  readonly bytes: number;
}

/** One call of `append`, until each of its parts is acknowledged, or it is given up. */
export class AppendCall {
  readonly done: Promise<readonly Offset[]>;
  readonly parts: readonly AppendPart[];
  /** Some part is or was in a batch under way, or is written. */
  exposed = false;
  settled = false;
  private readonly offsets: Offset[];
  private waiting: number;
  private resolve!: (offsets: readonly Offset[]) => void;
  private reject!: (error: unknown) => void;

  constructor(
    records: readonly AppendRecord[],
    readonly deadlineMonotonicMs: number,
  ) {
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.offsets = new Array<Offset>(records.length).fill(-1);
    this.parts = split(this, records);
    this.waiting = this.parts.length;
  }

  acknowledge(part: AppendPart, baseOffset: Offset): void {
    part.positions.forEach((position, index) => (this.offsets[position] = baseOffset + index));
    this.waiting -= 1;
    if (this.waiting > 0 || this.settled) return;
    this.settled = true;
    this.resolve(this.offsets);
  }

  giveUp(error: AppError): void {
    if (this.settled) return;
    this.settled = true;
    this.reject(error);
  }

  /** @param reason an internal sentence */
  giveUpUnavailable(reason: string): void {
    this.giveUp(
      new AppError('log-unavailable', reason, {
        publicMessage: 'The event log cannot be written at the moment.',
        retryable: true,
        retryAfterMs: 1000,
        details: { mayBeWritten: this.exposed },
      }),
    );
  }
}

function split(call: AppendCall, records: readonly AppendRecord[]): AppendPart[] {
  const parts = new Map<string, { topic: string; partition: number; records: AppendRecord[]; messages: Message[]; positions: number[]; bytes: number; call: AppendCall }>();
  records.forEach((record, position) => {
    const id = `${record.topic}/${record.partition}`;
    let part = parts.get(id);
    if (part === undefined) {
      part = { call, topic: record.topic, partition: record.partition, records: [], messages: [], positions: [], bytes: 0 };
      parts.set(id, part);
    }
    part.records.push(record);
    part.messages.push(toMessage(record));
    part.positions.push(position);
    part.bytes += recordBytes(record);
  });
  return [...parts.values()];
}
