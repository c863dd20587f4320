import type { AppendRecord, LogRecord } from '@hooklane/event-log';

/**
 * How records stand in a chunk (the `data` of a row). A chunk is a run of records of one partition with consecutive offsets:
 *   u32 bytes that follow · u8 flags · [u32 n, key] · [u16 count, each u16 n, name, u32 n, value] · [u32 partition id, f64 offset | u32 n, attachment] · value
 * Big-endian. It is stored data: a change needs a new flag, never another meaning of an old one.
 */
const HAS_KEY = 1;
const HAS_HEADERS = 2;
const HAS_REFERENCE = 4;
const HAS_COPY = 8;

/** The attachment of a stored record that is another record of this log. */
export interface Reference {
  readonly partitionId: number;
  readonly offset: number;
}

export const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({});

/** Bytes that `writeRecord` will write. */
export function encodedBytes(record: AppendRecord, asReference: boolean): number {
  let bytes = 5 + record.value.length;
  if (record.key !== null) bytes += 4 + Buffer.byteLength(record.key);
  if (record.headers) bytes += headerBytes(record.headers);
  if (record.attachment) bytes += asReference ? 12 : 4 + record.attachment.value.length;
  return bytes;
}

function headerBytes(headers: Readonly<Record<string, string>>): number {
  let bytes = 0;
  for (const name in headers) bytes += 6 + Buffer.byteLength(name) + Buffer.byteLength(headers[name] as string);
  return bytes === 0 ? 0 : bytes + 2;
}

/** @returns where the next record goes. */
export function writeRecord(buffer: Buffer, start: number, record: AppendRecord, reference: Reference | null): number {
  let flags = 0;
  let at = start + 5;
  if (record.key !== null) {
    flags |= HAS_KEY;
    const bytes = buffer.write(record.key, at + 4);
    at = buffer.writeUInt32BE(bytes, at) + bytes;
  }
  if (record.headers) {
    const end = writeHeaders(buffer, at, record.headers);
    if (end > at) flags |= HAS_HEADERS;
    at = end;
  }
  if (reference) {
    flags |= HAS_REFERENCE;
    at = buffer.writeDoubleBE(reference.offset, buffer.writeUInt32BE(reference.partitionId, at));
  } else if (record.attachment) {
    flags |= HAS_COPY;
    at = buffer.writeUInt32BE(record.attachment.value.length, at);
    buffer.set(record.attachment.value, at);
    at += record.attachment.value.length;
  }
  buffer.set(record.value, at);
  at += record.value.length;
  buffer.writeUInt8(flags, buffer.writeUInt32BE(at - start - 4, start));
  return at;
}

function writeHeaders(buffer: Buffer, start: number, headers: Readonly<Record<string, string>>): number {
  let count = 0;
  let at = start + 2;
  for (const name in headers) {
    count += 1;
    const nameBytes = buffer.write(name, at + 2);
    at = buffer.writeUInt16BE(nameBytes, at) + nameBytes;
    const valueBytes = buffer.write(headers[name] as string, at + 4);
    at = buffer.writeUInt32BE(valueBytes, at) + valueBytes;
  }
  if (count === 0) return start;
  buffer.writeUInt16BE(count, start);
  return at;
}

/** A record as read from a chunk; what it refers to is still to be looked up. */
export interface StoredRecord {
  readonly record: { -readonly [Field in keyof LogRecord]: LogRecord[Field] };
  readonly reference: Reference | null;
}

/** @returns the records at `from` and above. Their buffers are views of `chunk`. */
export function readChunk(topic: string, partition: number, base: number, timestampMs: number, chunk: Buffer, from: number): StoredRecord[] {
  const found: StoredRecord[] = [];
  let offset = base;
  for (let at = 0; at < chunk.length; offset += 1) {
    const end = at + 4 + chunk.readUInt32BE(at);
    if (offset >= from) found.push(readRecord(topic, partition, offset, timestampMs, chunk, at + 4, end));
    at = end;
  }
  return found;
}

export function countRecords(chunk: Buffer): number {
  let count = 0;
  for (let at = 0; at < chunk.length; at += 4 + chunk.readUInt32BE(at)) count += 1;
  return count;
}

/** @returns the value of the record at `offset`, or null when the chunk ends before it. */
export function valueInChunk(base: number, chunk: Buffer, offset: number): Buffer | null {
  let current = base;
  for (let at = 0; at < chunk.length; current += 1) {
    const end = at + 4 + chunk.readUInt32BE(at);
    if (current === offset) return readRecord('', 0, offset, 0, chunk, at + 4, end).record.value;
    at = end;
  }
  return null;
}

function readRecord(topic: string, partition: number, offset: number, timestampMs: number, chunk: Buffer, start: number, end: number): StoredRecord {
  const flags = chunk.readUInt8(start);
  let at = start + 1;
  let key: string | null = null;
  let headers = NO_HEADERS;
  let attachment: Buffer | null = null;
  let reference: Reference | null = null;
  const text = (bytes: number): string => {
    at += bytes;
    return chunk.toString('utf8', at - bytes, at);
  };
  const length = (): number => {
    at += 4;
    return chunk.readUInt32BE(at - 4);
  };
  if (flags & HAS_KEY) key = text(length());
  if (flags & HAS_HEADERS) {
    // Without a prototype: a header called `__proto__` is one like any other.
    const read = Object.create(null) as Record<string, string>;
    at += 2;
    for (let left = chunk.readUInt16BE(at - 2); left > 0; left -= 1) {
      at += 2;
      const name = text(chunk.readUInt16BE(at - 2));
      read[name] = text(length());
    }
    headers = read;
  }
  if (flags & HAS_REFERENCE) {
    reference = { partitionId: length(), offset: chunk.readDoubleBE(at) };
    at += 8;
  } else if (flags & HAS_COPY) {
    const bytes = length();
    attachment = chunk.subarray(at, at + bytes);
    at += bytes;
  }
  return { record: { topic, partition, offset, timestampMs, key, headers, value: chunk.subarray(at, end), attachment }, reference };
}
