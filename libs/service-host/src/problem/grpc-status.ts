import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { Metadata, type StatusObject } from '@grpc/grpc-js';
import { errorShapeOf } from '@hooklane/contracts';
import type { AppError } from '@hooklane/kernel';
import type { InvalidField } from '../invalid-request.js';
import { publicCodeOf, publicSentenceOf } from './problem-document.js';

const DOMAIN = 'hooklane';

/**
 * The error as gRPC wants it: code, sentence, and in `grpc-status-details-bin` a google.rpc.Status with ErrorInfo (reason = our stable code),
 * RetryInfo where waiting helps and BadRequest where fields do not fit. Encoded by hand: four messages of google/rpc/error_details.proto.
 */
export function grpcStatusOf(error: AppError): StatusObject {
  const { grpc } = errorShapeOf(error.code);
  const sentence = publicSentenceOf(error);
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', Buffer.from(rpcStatus(grpc, sentence, detailsOf(error))));
  return { code: grpc, details: sentence, metadata };
}

interface AnyMessage {
  readonly type: string;
  readonly value: Uint8Array;
}

function detailsOf(error: AppError): AnyMessage[] {
  const details = [{ type: 'google.rpc.ErrorInfo', value: errorInfo(error) }];
  if (error.retryAfterMs !== undefined) details.push({ type: 'google.rpc.RetryInfo', value: retryInfo(error.retryAfterMs) });
  const fields = error.details['errors'];
  if (error.code === 'invalid-request' && Array.isArray(fields)) details.push({ type: 'google.rpc.BadRequest', value: badRequest(fields as InvalidField[]) });
  return details;
}

function rpcStatus(code: number, message: string, details: readonly AnyMessage[]): Uint8Array {
  const writer = new BinaryWriter().uint32(8).int32(code).uint32(18).string(message);
  for (const detail of details) {
    writer.uint32(26).fork().uint32(10).string(`type.googleapis.com/${detail.type}`).uint32(18).bytes(detail.value).join();
  }
  return writer.finish();
}

function errorInfo(error: AppError): Uint8Array {
  const writer = new BinaryWriter().uint32(10).string(publicCodeOf(error)).uint32(18).string(DOMAIN);
  for (const [key, value] of Object.entries(error.details)) {
    if (typeof value === 'object') continue;
    writer.uint32(26).fork().uint32(10).string(key).uint32(18).string(String(value)).join();
  }
  return writer.finish();
}

function retryInfo(afterMs: number): Uint8Array {
  const seconds = Math.floor(afterMs / 1000);
  return new BinaryWriter().uint32(10).fork().uint32(8).int64(seconds).uint32(16).int32(Math.round((afterMs - seconds * 1000) * 1e6)).join().finish();
}

function badRequest(fields: readonly InvalidField[]): Uint8Array {
  const writer = new BinaryWriter();
  for (const field of fields) writer.uint32(10).fork().uint32(10).string(field.pointer).uint32(18).string(field.message).join();
  return writer.finish();
}
