import { createHash } from 'node:crypto';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Metadata } from '@grpc/grpc-js';
import { AppError } from '@hooklane/kernel';
import { principalOf } from '@hooklane/service-host';
import type { ChangeRequest, Registry } from '../ports.js';
import { changeRequest, CLIENT_HEADER, originOf, type ChangeFacts } from './change-request.js';

/** What a gRPC request that changes something says beside its own fields; the counterpart of `HttpChange`. */
export interface GrpcChange {
  requestOf(registry: Pick<Registry, 'clock' | 'ids'>): ChangeRequest;
  /** Whether the key is the platform's. */
  readonly isOperator: boolean;
  /** Where what it makes is said to come from. */
  readonly origin: 'console' | 'api';
}

interface ChangeMessage {
  readonly tenant?: string;
  readonly idempotencyKey?: string;
  /** 0: any. */
  readonly ifVersion?: number;
  readonly reason?: string;
}

/** Every other parameter of the handler then needs `@Payload()`. */
export const RpcChange = createParamDecorator((_: unknown, context: ExecutionContext): GrpcChange => {
  const [message, metadata] = context.getArgs<[ChangeMessage, Metadata]>();
  const principal = principalOf(metadata);
  if (!principal) throw new AppError('internal', 'A change without a principal.', { publicMessage: 'Something went wrong on our side.' });
  const requestId = metadata.get('x-request-id')[0];
  const facts: ChangeFacts = {
    principal,
    tenantId: message.tenant ?? '',
    idempotencyKey: message.idempotencyKey || null,
    ifMatch: message.ifVersion ? String(message.ifVersion) : null,
    reason: message.reason ?? '',
    requestId: typeof requestId === 'string' ? requestId : null,
    fingerprint: createHash('sha256').update(JSON.stringify([principal.keyId, context.getClass().name, context.getHandler().name, message])).digest('hex'),
  };
  return { requestOf: (registry) => changeRequest(registry, facts), isOperator: principal.tenantId === null, origin: originOf(metadata.get(CLIENT_HEADER)[0]) };
});
