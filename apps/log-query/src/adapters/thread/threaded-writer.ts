import type { HandedBatch, LogRecord, TopicPartition } from '@hooklane/event-log';
import { AppError } from '@hooklane/kernel';
import type { MessagePort, Worker } from 'node:worker_threads';
import type { Added, StreamWriter, StreamWriterEvents, Waiting } from '../../writer/stream-writer.js';
import type { WriterAnswer, WriterMessage, WriterRequest } from './messages.js';
import { packed } from './packed-batch.js';

interface Question {
  readonly resolve: (answer: WriterAnswer) => void;
  readonly reject: (error: Error) => void;
}

type Numbered = Extract<WriterRequest, { number: number }>;
type Unnumbered<Request> = Request extends unknown ? Omit<Request, 'number'> : never;

/**
 * A writer on another thread: reading the records and putting the statements together is a fifth of what a delivery costs, and would keep the lanes of the
 * same process waiting for tens of milliseconds at a time (ADR 0005).
 */
export class ThreadedWriter implements StreamWriter {
  waiting: Waiting = { rows: 0, oldestLoggedMs: null };
  private readonly questions = new Map<number, Question>();
  private asked = 0;
  private ended: Error | null = null;

  /** @param finish ends the thread */
  constructor(
    private readonly port: Worker | MessagePort,
    private readonly events: StreamWriterEvents,
    private readonly finish: () => Promise<unknown>,
  ) {
    port.on('message', (message: WriterMessage) => this.heard(message));
  }

  async assign(partitions: readonly TopicPartition[]): Promise<readonly number[]> {
    const answer = await this.ask({ kind: 'assign', partitions: partitions.map(plain) });
    return answer.kind === 'assigned' ? answer.nextOffsets : [];
  }

  async revoke(partitions: readonly TopicPartition[]): Promise<void> {
    await this.ask({ kind: 'revoke', partitions: partitions.map(plain) });
  }

  async add(batch: HandedBatch, isKept: boolean): Promise<Added> {
    const handed = packed(batch);
    const answer = await this.ask({ kind: 'add', batch: handed, isKept }, [handed.bytes, handed.records.buffer as ArrayBuffer]);
    if (answer.kind !== 'added') throw new Error(`a batch is not answered with ${answer.kind}`);
    const { bad, forReplays } = answer;
    if (bad.length > 0) return { kind: 'dead-letter', records: bad.map(({ index, reason }) => ({ record: batch.records[index] as LogRecord, reason })) };
    if (forReplays.length > 0) return { kind: 'for-replays', records: forReplays.map((index) => batch.records[index] as LogRecord) };
    return { kind: 'ok' };
  }

  keepFrom(timeMs: number): void {
    this.port.postMessage({ kind: 'keep-from', timeMs } satisfies WriterRequest);
  }

  async close(timeoutMs: number): Promise<void> {
    try {
      await this.ask({ kind: 'close', timeoutMs });
    } finally {
      await this.finish();
    }
  }

  /** The thread is gone: nobody is answered any more. */
  gone(error: Error): void {
    this.ended = error;
    for (const { reject } of this.questions.values()) reject(error);
    this.questions.clear();
  }

  private ask(request: Unnumbered<Numbered>, handedOver: ArrayBuffer[] = []): Promise<WriterAnswer> {
    if (this.ended) return Promise.reject(this.ended);
    this.asked += 1;
    const number = this.asked;
    return new Promise((resolve, reject) => {
      this.questions.set(number, { resolve, reject });
      this.port.postMessage({ ...request, number }, handedOver);
    });
  }

  private heard(message: WriterMessage): void {
    this.waiting = message.waiting;
    switch (message.kind) {
      case 'flushed':
        return this.events.flushed(message.flush);
      case 'failing':
        return this.events.failing(message.reason);
      case 'lost':
        return this.events.lost(message.partitions);
      case 'failed':
        return this.questionOf(message.number)?.reject(new AppError(message.code, message.message, { retryable: message.retryable }));
      case 'assigned':
      case 'added':
      case 'done':
        return this.questionOf(message.number)?.resolve(message);
      default:
        return message satisfies never;
    }
  }

  private questionOf(number: number): Question | undefined {
    const question = this.questions.get(number);
    this.questions.delete(number);
    return question;
  }
}

/** What crosses is copied: nothing of an adapter's own objects. */
function plain({ topic, partition }: TopicPartition): TopicPartition {
  return { topic, partition };
}
