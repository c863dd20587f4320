import { createRequire } from 'node:module';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { encodeProduce, type ProduceArguments } from './produce-encoder.js';

const theirs = createRequire(import.meta.url)('kafkajs/src/protocol/requests/produce/v7/request') as (args: ProduceArguments) => { encode(): Promise<{ readonly buffer: Buffer }> };
const NOW_MS = 1_700_000_000_123;

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const text = fc.string({ unit: 'grapheme', maxLength: 80 });
const message = fc.record({
  key: fc.option(text),
  value: bytes,
  headers: fc.option(fc.dictionary(text, fc.oneof(text, bytes)), { nil: undefined }),
});
const partition = fc.record({ partition: fc.nat(1_000), firstSequence: fc.nat(2 ** 31 - 1), messages: fc.array(message, { minLength: 1, maxLength: 70 }) });
const request = fc.record({
  acks: fc.constantFrom(-1, 0, 1),
  timeout: fc.nat(60_000),
  producerId: fc.oneof(fc.nat().map(String), fc.bigInt({ min: 0n, max: 2n ** 62n }).map(String)),
  producerEpoch: fc.nat(32_767),
  topicData: fc.array(fc.record({ topic: text, partitions: fc.array(partition, { maxLength: 4 }) }), { maxLength: 3 }),
});

afterEach(() => {
  jest.restoreAllMocks();
});

describe('encodeProduce', () => {
  it('gives the bytes that kafkajs gives', async () => {
    jest.spyOn(Date, 'now').mockReturnValue(NOW_MS);
    await fc.assert(
      fc.asyncProperty(request, async (args) => {
        const { buf, offset } = encodeProduce(args, NOW_MS);
        expect(buf.subarray(0, offset).equals((await theirs(args).encode()).buffer)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('gives them for values of many megabytes too', async () => {
    jest.spyOn(Date, 'now').mockReturnValue(NOW_MS);
    const args = { acks: -1, timeout: 1, producerId: '7', producerEpoch: 1, topicData: [{ topic: 't', partitions: [{ partition: 0, firstSequence: 0, messages: [{ key: 'ключ', value: Buffer.alloc(9_000_000, 5), headers: { attachment: Buffer.alloc(300_000, 6) } }] }] }] };
    const { buf, offset } = encodeProduce(args, NOW_MS);
    expect(buf.subarray(0, offset).equals((await theirs(args).encode()).buffer)).toBe(true);
  });
});
