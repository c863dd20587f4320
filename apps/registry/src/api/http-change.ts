import { createHash } from 'node:crypto';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { AppError } from '@hooklane/kernel';
import { principalOf } from '@hooklane/service-host';
import type { FastifyRequest } from 'fastify';
import { changeRequest, CLIENT_HEADER, originOf, type ChangeFacts } from './change-request.js';
import type { Registry } from '../ports.js';
import type { ChangeRequest } from '../ports.js';

/** What a REST request that changes something says beside its body; `requestOf(registry)` makes the use case's request of it. */
export interface HttpChange {
  requestOf(registry: Pick<Registry, 'clock' | 'ids'>): ChangeRequest;
  /** Whether the key is the platform's. */
  readonly isOperator: boolean;
  /** Where what it makes is said to come from. */
  readonly origin: 'console' | 'api';
}

const HEADERS = [
  ApiHeader({ name: 'Hooklane-Reason', required: false, description: 'Why, in one line of at most 500 characters; the history shows it.' }),
  ApiHeader({ name: 'X-Request-Id', required: false, description: 'Your name for the request, which the history shows; `A-Z a-z 0-9 . _ : -`, at most 128. Any other counts as none, and one is made.' }),
];

/** Says in the API's document what every handler with this parameter reads. */
const documentHeaders: ParameterDecorator = (controller, handler) => {
  const descriptor = handler === undefined ? undefined : Object.getOwnPropertyDescriptor(controller, handler);
  if (handler !== undefined && descriptor !== undefined) for (const document of HEADERS) document(controller, handler, descriptor);
};

/** The parameter of a handler that changes something. Reads Idempotency-Key (POST), If-Match, X-Request-Id and Hooklane-Reason. */
export const Change = createParamDecorator((_: unknown, context: ExecutionContext): HttpChange => {
  const request = context.switchToHttp().getRequest<FastifyRequest<{ Params: { tenant?: string } }>>();
  const principal = principalOf(request);
  if (!principal) throw new AppError('internal', 'A change without a principal.', { publicMessage: 'Something went wrong on our side.' });
  const facts: ChangeFacts = {
    principal,
    tenantId: request.params.tenant ?? '',
    // Only a POST makes something new each time it is repeated.
    idempotencyKey: request.method === 'POST' ? header(request, 'idempotency-key') : null,
    ifMatch: header(request, 'if-match'),
    reason: header(request, 'hooklane-reason') ?? '',
    requestId: header(request, 'x-request-id'),
    fingerprint: createHash('sha256').update(JSON.stringify([principal.keyId, request.method, request.url, request.body ?? null])).digest('hex'),
  };
  return { requestOf: (registry) => changeRequest(registry, facts), isOperator: principal.tenantId === null, origin: originOf(header(request, CLIENT_HEADER)) };
}, [documentHeaders]);

function header(request: FastifyRequest, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' ? value : null;
}
