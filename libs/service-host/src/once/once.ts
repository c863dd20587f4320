import { createHash } from 'node:crypto';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { AppError } from '@hooklane/kernel';
import type { FastifyRequest } from 'fastify';
import { principalOf } from '../current-principal.js';

/** Who asks for what under which Idempotency-Key. */
export interface OnceRequest {
  /** Whose key it is; empty: the platform's. */
  readonly tenantId: string;
  /** Null where the client sent none. */
  readonly key: string | null;
  /** SHA-256 over who asks for what: tells a repeat from another request with the same key. */
  readonly fingerprint: string;
}

/** What the OpenAPI document says of a POST that honours it. */
export const IDEMPOTENCY = ApiHeader({ name: 'Idempotency-Key', required: false, description: 'The same request with the same key gets the same answer for 24 hours; another request with it 409.' });

/**
 * The `OnceRequest` of a POST (header `Idempotency-Key`) or of a gRPC call (field `idempotency_key`), for `KeptAnswers`. In gRPC handlers every other
 * parameter then needs `@Payload()`.
 * @throws AppError `invalid-request` for a key that is none
 */
export const Once = createParamDecorator((_: unknown, context: ExecutionContext): OnceRequest => (context.getType() === 'http' ? ofHttp(context) : ofGrpc(context)));

function ofHttp(context: ExecutionContext): OnceRequest {
  const request = context.switchToHttp().getRequest<FastifyRequest<{ Params: { tenant?: string } }>>();
  const header = request.headers['idempotency-key'];
  return onceRequest(request, request.params.tenant, typeof header === 'string' ? header : null, [request.method, request.url, request.body ?? null]);
}

function ofGrpc(context: ExecutionContext): OnceRequest {
  const [message, metadata] = context.getArgs<[{ tenant?: string; idempotencyKey?: string }, object]>();
  return onceRequest(metadata, message.tenant, message.idempotencyKey || null, [context.getClass().name, context.getHandler().name, message]);
}

function onceRequest(carrier: object, tenant: string | undefined, key: string | null, what: readonly unknown[]): OnceRequest {
  const principal = principalOf(carrier);
  if (!principal) throw new AppError('internal', 'A request without a principal.', { publicMessage: 'Something went wrong on our side.' });
  const fingerprint = createHash('sha256').update(JSON.stringify([principal.keyId, ...what])).digest('hex');
  return { tenantId: tenant ?? principal.tenantId ?? '', key: key === null ? null : checkedIdempotencyKey(key), fingerprint };
}

/** @throws AppError `invalid-request` */
export function checkedIdempotencyKey(key: string): string {
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key;
  const message = 'Must be 1 to 255 visible ASCII characters.';
  throw new AppError('invalid-request', `Idempotency-Key: ${message}`, { details: { errors: [{ pointer: '', in: 'header', name: 'Idempotency-Key', message }] } });
}
