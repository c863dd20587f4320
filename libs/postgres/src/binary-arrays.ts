/**
 * One-dimensional arrays in Postgres' binary format, for `unnest($1::bigint[], …)`. `pg` sends a Buffer as a binary parameter;
 * its own text arrays cost about four times the CPU here and in the server (stack.md 4.1).
 * Layout: dimensions (1), has-nulls flag, element oid, length, lower bound (1), then for each element its byte length (-1 for null) and bytes.
 */
const OID = { bool: 16, bytea: 17, int8: 20, int4: 23, text: 25, float8: 701 } as const;
const HEAD_BYTES = 20;
const LENGTH_BYTES = 4;

export function int4Array(values: readonly (number | null)[]): Buffer {
  return fixedWidth(OID.int4, 4, values, (buffer, value, at) => buffer.writeInt32BE(value, at));
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
  const sizes = values.map((value) => (value === null ? -1 : Buffer.byteLength(value)));
  return variableWidth(OID.text, sizes, (buffer, index, at) => buffer.write(values[index] as string, at, 'utf8'));
}

export function byteaArray(values: readonly (Uint8Array | null)[]): Buffer {
  const sizes = values.map((value) => (value === null ? -1 : value.length));
  return variableWidth(OID.bytea, sizes, (buffer, index, at) => buffer.set(values[index] as Uint8Array, at));
}

function writeInt64(buffer: Buffer, value: number, at: number): void {
  const high = Math.floor(value / 2 ** 32);
  buffer.writeInt32BE(high, at);
  buffer.writeUInt32BE(value - high * 2 ** 32, at + 4);
}

function fixedWidth<T>(oid: number, width: number, values: readonly (T | null)[], write: (buffer: Buffer, value: T, at: number) => void): Buffer {
  const sizes = values.map((value) => (value === null ? -1 : width));
  return variableWidth(oid, sizes, (buffer, index, at) => write(buffer, values[index] as T, at));
}

function variableWidth(oid: number, sizes: readonly number[], write: (buffer: Buffer, index: number, at: number) => void): Buffer {
  let total = HEAD_BYTES;
  let hasNull = 0;
  for (const size of sizes) {
    total += LENGTH_BYTES + Math.max(size, 0);
    if (size < 0) hasNull = 1;
  }
  const buffer = Buffer.allocUnsafe(total);
  buffer.writeInt32BE(1, 0);
  buffer.writeInt32BE(hasNull, 4);
  buffer.writeInt32BE(oid, 8);
  buffer.writeInt32BE(sizes.length, 12);
  buffer.writeInt32BE(1, 16);
  let at = HEAD_BYTES;
  for (const [index, size] of sizes.entries()) {
    buffer.writeInt32BE(size, at);
    at += LENGTH_BYTES;
    if (size < 0) continue;
    write(buffer, index, at);
    at += size;
  }
  return buffer;
}
