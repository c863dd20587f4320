import type { AppendRecord, LogRecord } from '@hooklane/event-log';
import type { Message } from 'kafkajs';
import type { FetchedMessage } from './cluster/cluster-access.js';

/** The header an attached value travels in: bytes, unlike all others. */
const ATTACHMENT = 'attachment';

/** Bytes a record needs beside its key, value and headers; an upper estimate, for the caps. */
const OVERHEAD_BYTES = 64;

/** @throws TypeError for a header named `attachment`, which is ours. */
export function toMessage({ partition, key, value, headers, attachment }: AppendRecord): Message {
  if (headers !== undefined && ATTACHMENT in headers) throw new TypeError(`the header "${ATTACHMENT}" is reserved`);
  const carried = attachment === undefined ? headers : { ...headers, [ATTACHMENT]: bytes(attachment.value) };
  return { partition, key, value: bytes(value), headers: carried as Message['headers'] };
}

export function recordBytes({ key, value, headers, attachment }: Pick<AppendRecord, 'key' | 'value' | 'headers'> & { readonly attachment?: { readonly value: Uint8Array } }): number {
  let size = OVERHEAD_BYTES + value.byteLength + (key?.length ?? 0) + (attachment?.value.byteLength ?? 0);
  for (const name in headers) size += name.length + (headers[name]?.length ?? 0);
  return size;
}

export function toLogRecord(topic: string, partition: number, message: FetchedMessage): LogRecord {
  const headers: Record<string, string> = {};
  let attachment: Buffer | null = null;
  for (const name in message.headers) {
    const value = message.headers[name];
    if (!Buffer.isBuffer(value)) continue;
    if (name === ATTACHMENT) attachment = value;
    else headers[name] = value.toString();
  }
  return {
    topic,
    partition,
    offset: Number(message.offset),
    timestampMs: Number(message.timestamp),
    key: message.key === null ? null : message.key.toString(),
    headers,
    value: message.value ?? NO_BYTES,
    attachment,
  };
}

const NO_BYTES = Buffer.alloc(0);

function bytes(value: Uint8Array): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
