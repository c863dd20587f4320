import { BinaryReader } from '@bufbuild/protobuf/wire';
import type { Metadata, ServiceError } from '@grpc/grpc-js';

/** The stable code in a gRPC error: the reason of the ErrorInfo in its google.rpc.Status; the empty text when it carries none. */
export function reasonOf(error: unknown): string {
  const [details] = ((error as Partial<ServiceError>).metadata as Metadata | undefined)?.get('grpc-status-details-bin') ?? [];
  if (!Buffer.isBuffer(details)) return '';
  const STATUS_DETAILS = 3;
  for (const detail of fieldsOf(details).filter(({ field }) => field === STATUS_DETAILS)) {
    const [type, value] = [1, 2].map((wanted) => fieldsOf(detail.bytes).find(({ field }) => field === wanted)?.bytes ?? new Uint8Array());
    if (Buffer.from(type ?? []).toString().endsWith('google.rpc.ErrorInfo')) return Buffer.from(fieldsOf(value ?? new Uint8Array()).find(({ field }) => field === 1)?.bytes ?? []).toString();
  }
  return '';
}

const LENGTH_DELIMITED = 2;

function fieldsOf(message: Uint8Array): { field: number; bytes: Uint8Array }[] {
  const reader = new BinaryReader(message);
  const fields = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (wireType === LENGTH_DELIMITED) fields.push({ field, bytes: reader.bytes() });
    else reader.skip(wireType);
  }
  return fields;
}
