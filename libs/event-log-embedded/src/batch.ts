import type { AppendRecord, LogRecord, Offset } from '@hooklane/event-log';
import { bigintArray, byteaArray, int4Array } from '@hooklane/postgres';
import { encodedBytes, NO_HEADERS, writeRecord, type Reference } from './record-codec.js';
import type { PartitionLog } from './partition-log.js';
import type { Topics } from './topics.js';

/** A call of `append` that is not yet answered. */
export interface AppendCall {
  readonly records: readonly AppendRecord[];
  /** Of each record. */
  readonly partitions: readonly PartitionLog[];
  readonly offsets: Offset[];
  readonly bytes: number;
  readonly deadlineMonotonicMs: number;
  readonly resolve: (offsets: readonly Offset[]) => void;
  readonly reject: (error: Error) => void;
  isOver: boolean;
}

type KeptRecord = { -readonly [Field in keyof LogRecord]: LogRecord[Field] };

/** What is written by one statement. Frozen: it is sent, with the same bytes, until it is known to be committed. */
export interface Batch {
  readonly calls: readonly AppendCall[];
  readonly touched: readonly PartitionLog[];
  readonly timestampMs: string;
  /** Array parameters for `unnest`: partition ids, bases, data. */
  readonly chunks: readonly [Buffer, Buffer, Buffer];
  readonly chunkCount: number;
  /** When all of the batch is one chunk: the same without arrays, which is the cheaper statement when it is quiet. */
  readonly only: { readonly partitionId: number; readonly base: number; readonly data: Buffer } | null;
  /** Array parameters for the records of tables: partition ids, bases, keys, data. */
  readonly tables: readonly [Buffer, Buffer, Buffer, Buffer] | null;
}

/**
 * Two chunks fill a page of 8 KiB with little left over. A row per record would cost Postgres a tuple, an index entry and two WAL records each:
 * at 256 waiting appends, chunks of 4,000 bytes cost it 3 µs instead of 6 for records of 250 bytes and 5.7 instead of 7.2 for 1 KiB (docs/adr/0001).
 */
const CHUNK_BYTES = 4_000;
const NO_BYTES = Buffer.alloc(0);
const ARRAY_HEAD_BYTES = 20;
const OID_BYTEA = 17;
const MOST_PINNED_BYTES = 65_536;

export function formBatch(calls: readonly AppendCall[], topics: Topics, nowMs: number): Batch {
  const touched: PartitionLog[] = [];
  for (const call of calls) {
    for (const [index, record] of call.records.entries()) {
      const partition = call.partitions[index] as PartitionLog;
      if (partition.batch.records.length === 0) touched.push(partition);
      call.offsets.push(add(partition, record, topics, nowMs));
    }
  }
  const streams = touched.filter((partition) => !partition.compacted);
  const tables = touched.filter((partition) => partition.compacted);
  return { calls, touched, timestampMs: String(nowMs), ...chunksOf(streams, tables.length > 0), tables: tables.length > 0 ? rowArrays(tables) : null };
}

function add(partition: PartitionLog, input: AppendRecord, topics: Topics, nowMs: number): Offset {
  const { batch } = partition;
  const offset = partition.next + batch.records.length;
  // A table keeps its records for ever, so what it refers to has to be its own.
  const reference = input.attachment && !partition.compacted ? referenceOf(input.attachment, topics) : null;
  const bytes = encodedBytes(input, reference !== null);
  if (reference && isKeptByReferenceOnly(reference, topics)) batch.pinnedBytes += input.attachment?.value.length ?? 0;
  batch.inputs.push(input);
  batch.references.push(reference);
  batch.sizes.push(bytes);
  batch.bytes += bytes;
  const record: LogRecord = {
    topic: partition.topic,
    partition: partition.partition,
    offset,
    timestampMs: nowMs,
    key: input.key,
    headers: input.headers ?? NO_HEADERS,
    // Of a stream: the piece of the chunk, once that is written.
    value: partition.compacted ? asBuffer(input.value) : NO_BYTES,
    attachment: input.attachment ? asBuffer(input.attachment.value) : null,
  };
  batch.records.push(record);
  return offset;
}

/** @returns what stands in for the attached value, or null when it has to be copied: it is not of this log, or would be dropped before the record itself. */
function referenceOf(attachment: NonNullable<AppendRecord['attachment']>, topics: Topics): Reference | null {
  const source = topics.find(attachment.topic, attachment.partition);
  if (!source || source.compacted || attachment.offset < source.referableFrom || attachment.offset >= source.next) return null;
  return { partitionId: source.id, offset: attachment.offset };
}

/** The source has left the tail: its bytes live as long as this record does. */
function isKeptByReferenceOnly({ partitionId, offset }: Reference, topics: Topics): boolean {
  const source = topics.withId(partitionId);
  return source === undefined || offset < source.tailStart;
}

/** No copy, unless the value is a small part of something large that the tail would keep alive. */
function asBuffer(value: Uint8Array): Buffer {
  if (value.buffer.byteLength > 4 * value.length + MOST_PINNED_BYTES) return Buffer.from(value);
  return Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

/** Writes every record once, straight into the array parameter that goes to Postgres. */
function chunksOf(partitions: readonly PartitionLog[], hasTables: boolean): Pick<Batch, 'chunks' | 'chunkCount' | 'only'> {
  const ids: number[] = [];
  const bases: number[] = [];
  const lengths: number[] = [];
  let totalBytes = ARRAY_HEAD_BYTES;
  for (const { id, next, batch } of partitions) {
    let bytes = 0;
    for (const [index, size] of batch.sizes.entries()) {
      if (bytes === 0 || bytes + size > CHUNK_BYTES) {
        if (bytes > 0) lengths.push(bytes);
        ids.push(id);
        bases.push(next + index);
        bytes = 0;
      }
      bytes += size;
    }
    lengths.push(bytes);
    totalBytes += batch.bytes;
  }
  totalBytes += 4 * ids.length;
  const data = chunkData(partitions, bases, lengths, totalBytes);
  const isOne = ids.length === 1 && !hasTables;
  return {
    chunks: [int4Array(ids), bigintArray(bases), data],
    chunkCount: ids.length,
    only: isOne ? { partitionId: ids[0] as number, base: bases[0] as number, data: data.subarray(ARRAY_HEAD_BYTES + 4) } : null,
  };
}

/**
 * The tail keeps the records as views of what is written: one piece of memory a batch, as large as the records in it. What the appender handed over may be a small part of
 * something large, such as a request's body or Node's pool of small buffers, of which the tail of 64 MiB kept 114 (docs/adr/0003).
 */
function chunkData(partitions: readonly PartitionLog[], bases: readonly number[], lengths: readonly number[], totalBytes: number): Buffer {
  // Memory of its own, never a part of Node's pool: the tail keeps it.
  const data = Buffer.allocUnsafeSlow(totalBytes);
  data.writeInt32BE(1, 0);
  data.writeInt32BE(0, 4);
  data.writeInt32BE(OID_BYTEA, 8);
  data.writeInt32BE(lengths.length, 12);
  data.writeInt32BE(1, 16);
  let at = ARRAY_HEAD_BYTES;
  let chunk = 0;
  for (const { next, batch } of partitions) {
    let chunkEnd = at;
    for (const [index, input] of batch.inputs.entries()) {
      if (at === chunkEnd && bases[chunk] === next + index) {
        const bytes = lengths[chunk] as number;
        at = data.writeInt32BE(bytes, at);
        chunkEnd = at + bytes;
        chunk += 1;
      }
      at = writeRecord(data, at, input, batch.references[index] ?? null);
      (batch.records[index] as KeptRecord).value = data.subarray(at - input.value.length, at);
    }
  }
  return data;
}

/** Records of tables: a row each, with the key beside it. */
function rowArrays(partitions: readonly PartitionLog[]): [Buffer, Buffer, Buffer, Buffer] {
  const ids: number[] = [];
  const bases: number[] = [];
  const keys: (Buffer | null)[] = [];
  const data: Buffer[] = [];
  for (const { id, next, batch } of partitions) {
    for (const [index, input] of batch.inputs.entries()) {
      ids.push(id);
      bases.push(next + index);
      keys.push(input.key === null ? null : Buffer.from(input.key));
      const row = Buffer.allocUnsafe(batch.sizes[index] as number);
      writeRecord(row, 0, input, null);
      data.push(row);
    }
  }
  return [int4Array(ids), bigintArray(bases), byteaArray(keys), byteaArray(data)];
}
