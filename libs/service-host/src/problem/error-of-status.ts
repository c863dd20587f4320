import { BinaryReader } from '@bufbuild/protobuf/wire';
import type { ServiceError } from '@grpc/grpc-js';
import { errorCodes } from '@hooklane/contracts';
import { AppError } from '@hooklane/kernel';

const ERROR_INFO = 'type.googleapis.com/google.rpc.ErrorInfo';
const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo';
const BAD_REQUEST = 'type.googleapis.com/google.rpc.BadRequest';

/** The error that a service of ours threw, from what `grpcStatusOf` made of it; null: it is none of ours (nobody answered, or no Hooklane did). */
export function errorOfStatus(failure: Pick<ServiceError, 'details' | 'metadata'>): AppError | null {
  const [bytes] = failure.metadata?.get('grpc-status-details-bin') ?? [];
  if (!Buffer.isBuffer(bytes)) return null;
  let code = '';
  let retryAfterMs: number | undefined;
  const errors: { pointer: string; message: string }[] = [];
  for (const { type, value } of detailsOf(bytes)) {
    if (type === ERROR_INFO) code = textIn(value, 1);
    if (type === RETRY_INFO) retryAfterMs = durationMs(value);
    if (type === BAD_REQUEST) errors.push(...bytesIn(value, 1).map((field) => ({ pointer: textIn(field, 1), message: textIn(field, 2) })));
  }
  if (!Object.hasOwn(errorCodes, code)) return null;
  return new AppError(code, failure.details, { publicMessage: failure.details, retryable: retryAfterMs !== undefined, ...(retryAfterMs === undefined ? {} : { retryAfterMs }), details: errors.length > 0 ? { errors } : {} });
}

function detailsOf(status: Uint8Array): { readonly type: string; readonly value: Uint8Array }[] {
  return bytesIn(status, 3).map((detail) => ({ type: textIn(detail, 1), value: bytesIn(detail, 2)[0] ?? new Uint8Array() }));
}

function durationMs(retryInfo: Uint8Array): number {
  const [duration = new Uint8Array()] = bytesIn(retryInfo, 1);
  let ms = 0;
  fields(duration, (field, reader) => {
    if (field === 1) ms += Number(reader.int64()) * 1_000;
    else if (field === 2) ms += Math.round(reader.int32() / 1e6);
    else return false;
    return true;
  });
  return ms;
}

const textIn = (message: Uint8Array, field: number): string => Buffer.from(bytesIn(message, field)[0] ?? []).toString();

/** The values of a field of type `bytes`, `string` or message. */
function bytesIn(message: Uint8Array, field: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  fields(message, (number, reader) => {
    if (number !== field) return false;
    found.push(reader.bytes());
    return true;
  });
  return found;
}

/** @param read reads the field's value and says that it did; what it does not read is skipped */
function fields(message: Uint8Array, read: (field: number, reader: BinaryReader) => boolean): void {
  const reader = new BinaryReader(message);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (!read(field, reader)) reader.skip(type);
  }
}
