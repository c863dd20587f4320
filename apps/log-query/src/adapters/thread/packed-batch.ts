import type { HandedBatch, LogRecord } from '@hooklane/event-log';

/** A batch as it crosses to another thread: the bytes of all records in one piece, which is handed over rather than copied once more. */
export interface PackedBatch {
  readonly topic: string;
  readonly partition: number;
  readonly endOffset: number;
  readonly deadLettered: boolean;
  readonly bytes: ArrayBuffer;
  /** Of each record: offset, time, bytes of its value, bytes of its attachment; -1: none. */
  readonly records: Float64Array;
}

const NUMBERS = 4;

/** What a reader of keys or headers would miss is left behind: these streams have none that are shown. */
export function packed({ topic, partition, endOffset, deadLettered, records }: HandedBatch): PackedBatch {
  let total = 0;
  for (const { value, attachment } of records) total += value.length + (attachment?.length ?? 0);
  const bytes = Buffer.allocUnsafeSlow(total);
  const numbers = new Float64Array(records.length * NUMBERS);
  let at = 0;
  for (const [index, { offset, timestampMs, value, attachment }] of records.entries()) {
    numbers.set([offset, timestampMs, value.length, attachment ? attachment.length : -1], index * NUMBERS);
    at += value.copy(bytes, at);
    if (attachment) at += attachment.copy(bytes, at);
  }
  return { topic, partition, endOffset, deadLettered: deadLettered === true, bytes: bytes.buffer as ArrayBuffer, records: numbers };
}

export function unpacked({ topic, partition, endOffset, deadLettered, bytes, records: numbers }: PackedBatch): HandedBatch {
  const records: LogRecord[] = [];
  let at = 0;
  const take = (length: number): Buffer => Buffer.from(bytes, (at += length) - length, length);
  for (let index = 0; index < numbers.length; index += NUMBERS) {
    const [offset, timestampMs, valueBytes, attachedBytes] = numbers.subarray(index, index + NUMBERS) as unknown as [number, number, number, number];
    records.push({ topic, partition, offset, timestampMs, key: null, headers: {}, value: take(valueBytes), attachment: attachedBytes < 0 ? null : take(attachedBytes) });
  }
  return { topic, partition, endOffset, deadLettered, records };
}
