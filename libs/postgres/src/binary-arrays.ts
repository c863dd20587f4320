/**
 * One-dimensional arrays in Postgres' binary format, for `unnest($1::bigint[], …)`. `pg` sends a Buffer as a binary parameter;
 * its own text arrays cost about four times the CPU here and in the server (stack.md 4.1).
 * Layout: dimensions (1), has-nulls flag, element oid, length, lower bound (1), then for each element its byte length (-1 for null) and bytes.
 */
const OID = { bool: 16, bytea: 17, int8: 20, int4: 23, text: 25, float8: 701 } as const;
const HEAD_BYTES = 20;
const LENGTH_BYTES = 4;

export function int4Array(values: readonly (number | null)[]): Buffer {
  return fixedWidth(OID.int4, 4, values, writeInt32);
}

/** Whole numbers up to 2^53. */
export function bigintArray(values: readonly (number | null)[]): Buffer {
  return fixedWidth(OID.int8, 8, values, writeInt64);
}

export function float8Array(values: readonly (number | null)[]): Buffer {
  return fixedWidth(OID.float8, 8, values, (buffer, value, at) => buffer.writeDoubleBE(value, at));
}

export function booleanArray(values: readonly (boolean | null)[]): Buffer {
  return fixedWidth(OID.bool, 1, values, (buffer, value, at) => buffer.writeUInt8(value ? 1 : 0, at));
}

/** Text must not hold U+0000: Postgres refuses it. Also for arrays cast to `jsonb[]`: `$1::text[]::jsonb[]`. */
export function textArray(values: readonly (string | null)[]): Buffer {
  let total = HEAD_BYTES;
  for (const value of values) total += LENGTH_BYTES + (value === null ? 0 : Buffer.byteLength(value));
  const buffer = Buffer.allocUnsafe(total);
  let hasNull = 0;
  let at = HEAD_BYTES;
  for (const value of values) {
    if (value === null) hasNull = 1;
    const bytes = value === null ? -1 : value === '' ? 0 : buffer.write(value, at + LENGTH_BYTES, 'utf8');
    writeInt32(buffer, bytes, at);
    at += LENGTH_BYTES + Math.max(bytes, 0);
  }
  writeHead(buffer, OID.text, values.length, hasNull);
  return buffer;
}

export function byteaArray(values: readonly (Uint8Array | null)[]): Buffer {
  let total = HEAD_BYTES;
  for (const value of values) total += LENGTH_BYTES + (value === null ? 0 : value.length);
  const buffer = Buffer.allocUnsafe(total);
  let hasNull = 0;
  let at = HEAD_BYTES;
  for (const value of values) {
    if (value === null) hasNull = 1;
    writeInt32(buffer, value === null ? -1 : value.length, at);
    at += LENGTH_BYTES;
    if (value === null) continue;
    buffer.set(value, at);
    at += value.length;
  }
  writeHead(buffer, OID.bytea, values.length, hasNull);
  return buffer;
}

/** Without the range checks of `Buffer`, which cost more than the four stores. */
function writeInt32(buffer: Buffer, value: number, at: number): void {
  buffer[at] = value >>> 24;
  buffer[at + 1] = value >>> 16;
  buffer[at + 2] = value >>> 8;
  buffer[at + 3] = value;
}

function writeInt64(buffer: Buffer, value: number, at: number): void {
  const high = Math.floor(value / 2 ** 32);
  writeInt32(buffer, high, at);
  writeInt32(buffer, value - high * 2 ** 32, at + 4);
}

function fixedWidth<T>(oid: number, width: number, values: readonly (T | null)[], write: (buffer: Buffer, value: T, at: number) => void): Buffer {
  const buffer = Buffer.allocUnsafe(HEAD_BYTES + values.length * (LENGTH_BYTES + width));
  let hasNull = 0;
  let at = HEAD_BYTES;
  // By index: fifty of these loops a flush, and V8 makes an object of each step of an iterator here.
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] as T | null;
    if (value === null) hasNull = 1;
    writeInt32(buffer, value === null ? -1 : width, at);
    at += LENGTH_BYTES;
    if (value === null) continue;
    write(buffer, value, at);
    at += width;
  }
  writeHead(buffer, oid, values.length, hasNull);
  return hasNull === 0 ? buffer : buffer.subarray(0, at);
}

function writeHead(buffer: Buffer, oid: number, length: number, hasNull: number): void {
  buffer.writeInt32BE(1, 0);
  buffer.writeInt32BE(hasNull, 4);
  buffer.writeInt32BE(oid, 8);
  buffer.writeInt32BE(length, 12);
  buffer.writeInt32BE(1, 16);
}
