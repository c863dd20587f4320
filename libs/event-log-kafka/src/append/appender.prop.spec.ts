import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import type { Message, RecordMetadata } from 'kafkajs';
import { Appender } from './appender.js';

type Fault = 'none' | 'not sent' | 'answer lost' | 'one refused before it' | 'one left out' | 'one left out from now on';
const FAULTS: readonly Fault[] = ['none', 'not sent', 'answer lost', 'one refused before it', 'one left out', 'one left out from now on'];
const PARTITIONS = 3;

/** A broker as far as idempotence goes, behind kafkajs as far as its sequences go: one number a partition, taken back when a send fails. */
class FakeBrokers {
  readonly log = new Map<number, string[]>();
  readonly inSend = new Set<number>();
  epoch = 0;
  sends = 0;
  /** What the producer of an epoch never sends any more, as kafkajs does when it took a broker for another. */
  readonly lost = new Set<string>();
  private readonly sequences = new Map<string, number>();
  private readonly newest = new Map<string, { sequence: number; count: number; base: number }>();

  constructor(private readonly faults: readonly Fault[]) {}

  async send(epoch: number, batches: readonly { readonly topic: string; readonly messages: readonly Message[] }[]): Promise<readonly RecordMetadata[]> {
    const fault = this.faults[this.sends++] ?? 'none';
    const partitions = batches.map(({ messages }) => messages[0]?.partition ?? 0);
    for (const partition of partitions) {
      if (this.inSend.has(partition)) throw new Error(`partition ${partition} is in two sends`);
      this.inSend.add(partition);
    }
    await new Promise((done) => setTimeout(done, 1));
    try {
      return this.answer(epoch, batches, fault);
    } finally {
      for (const partition of partitions) this.inSend.delete(partition);
    }
  }

  replace(epoch: number): void {
    if (epoch === this.epoch) this.epoch += 1;
  }

  retire(): void {
    // Nothing to close.
  }

  private answer(epoch: number, batches: readonly { readonly messages: readonly Message[] }[], fault: Fault): readonly RecordMetadata[] {
    if (fault === 'not sent') throw Object.assign(new Error('connection closed'), { name: 'KafkaJSConnectionClosedError' });
    const lostNow = fault === 'one left out from now on' ? batches.slice(-1) : [];
    for (const { messages } of lostNow) this.lost.add(`${epoch}/${messages[0]?.partition}`);
    const reached = batches.filter(({ messages }) => !this.lost.has(`${epoch}/${messages[0]?.partition}`));
    const taken = fault === 'one refused before it' || fault === 'one left out' ? reached.slice(0, -1) : reached;
    const results = taken.map(({ messages }) => this.write(epoch, messages));
    if (fault === 'answer lost') throw Object.assign(new Error('timed out'), { name: 'KafkaJSRequestTimeoutError' });
    if (fault === 'one refused before it') throw Object.assign(new Error('not the leader'), { type: 'NOT_LEADER_FOR_PARTITION', retriable: true });
    for (const { partition, count } of results) {
      const id = `${epoch}/${partition}`;
      this.sequences.set(id, (this.sequences.get(id) ?? 0) + count);
    }
    return results.map(({ partition, base }) => ({ topicName: 't', partition, errorCode: 0, baseOffset: String(base) }));
  }

  private write(epoch: number, messages: readonly Message[]): { partition: number; base: number; count: number } {
    const partition = messages[0]?.partition ?? 0;
    const id = `${epoch}/${partition}`;
    const sequence = this.sequences.get(id) ?? 0;
    const newest = this.newest.get(id);
    if (newest !== undefined && newest.sequence === sequence && newest.count === messages.length) return { partition, base: newest.base, count: newest.count };
    if (newest !== undefined && sequence !== newest.sequence + newest.count) throw Object.assign(new Error('out of order'), { type: 'OUT_OF_ORDER_SEQUENCE_NUMBER' });
    const log = this.log.get(partition) ?? [];
    this.log.set(partition, log);
    const base = log.length;
    log.push(...messages.map((message) => String(message.value)));
    this.newest.set(id, { sequence, count: messages.length, base });
    return { partition, base, count: messages.length };
  }
}

describe('appender', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('writes every record once, in order, where it says, whatever is lost, refused or left out on the way; twice only by a producer that replaced a lost one', async () => {
    const call = fc.record({ partitions: fc.array(fc.nat(PARTITIONS - 1), { minLength: 1, maxLength: 4 }), pauseMs: fc.nat(3) });
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 20 }), fc.array(fc.constantFrom(...FAULTS), { maxLength: 12 }), async (calls, faults) => {
        const brokers = new FakeBrokers(faults);
        const appender = new Appender({
          producers: brokers,
          leaders: { leaderOf: (_topic, partition) => partition % 2, recover: () => Promise.resolve() },
          clock: { nowMs: () => Date.now(), monotonicMs: () => performance.now() },
          physicalName: (topic) => topic,
          rejected: () => undefined,
          log: () => undefined,
        });
        const expected = new Map<number, string[]>();
        const appended: Promise<void>[] = [];
        for (const [number, { partitions, pauseMs }] of calls.entries()) {
          const records = partitions.map((partition, item) => ({ topic: 't', partition, key: null, value: Buffer.from(`${number}.${item}`) }));
          for (const { partition, value } of records) expected.set(partition, [...(expected.get(partition) ?? []), value.toString()]);
          appended.push(
            appender.append(records).then((offsets) => {
              for (const [index, { partition, value }] of records.entries()) expect(brokers.log.get(partition)?.[offsets[index] ?? -1]).toBe(value.toString());
            }),
          );
          await jest.advanceTimersByTimeAsync(pauseMs);
        }
        await jest.advanceTimersByTimeAsync(30_000);
        await Promise.all(appended);
        // Another producer cannot know what the one before it had written when its answer was lost: readers drop that.
        const log = brokers.lost.size === 0 ? brokers.log : new Map([...brokers.log].map(([partition, values]) => [partition, [...new Set(values)]]));
        expect(log).toEqual(expected);
        expect(appender.trouble()).toBeNull();
      }),
      { numRuns: 300 },
    );
  });
});
