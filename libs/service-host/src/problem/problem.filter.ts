import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { AppError, type IdSource } from '@hooklane/kernel';
import type { Logger } from '@hooklane/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { throwError, type Observable } from 'rxjs';
import { grpcStatusOf } from './grpc-status.js';
import { shownFailure, type FailureShapes } from './failure-shape.js';
import { publicCodeOf } from './problem-document.js';
import { errorOfRequest } from './transport-errors.js';

/** @returns the methods that would have been routed; empty when the path is unknown. */
export type MethodsOf = (path: string) => readonly string[];

/** Turns whatever was thrown into a problem document (REST; below some paths another product's shape) or a google.rpc.Status (gRPC). Only what is our fault is logged, with an id that the client sees too. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly logger: Logger,
    private readonly ids: IdSource,
    private readonly methodsOf: MethodsOf,
    private readonly shapes: FailureShapes,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): Observable<never> | void {
    if (host.getType() !== 'http') {
      const error = errorOfRequest(thrown);
      this.log(error);
      return throwError(() => grpcStatusOf(error));
    }
    const request = host.getArgByIndex<FastifyRequest>(0);
    const reply = host.getArgByIndex<FastifyReply>(1);
    const error = this.routeError(errorOfRequest(thrown), request);
    const instance = this.log(error);
    if (reply.sent || reply.raw.headersSent) {
      // An answer that has begun (a stream) cannot become a problem document.
      reply.raw.destroy();
      return;
    }
    const { status, headers, body } = shownFailure(this.shapes, request.url, error, instance);
    void reply.code(status).headers(headers).send(body);
  }

  /** Nest says "Cannot GET /x" for an unknown path as well as for a known one with another method. */
  private routeError(error: AppError, request: FastifyRequest): AppError {
    if (error.code !== 'not-found' || request.is404 !== true) return error;
    const allow = this.methodsOf(request.url.split('?', 1)[0] ?? '/');
    if (allow.length === 0) return new AppError('not-found', 'There is no such route.');
    return new AppError('method-not-allowed', `This route takes ${allow.join(', ')}.`, { details: { allow } });
  }

  private log(error: AppError): string | undefined {
    if (publicCodeOf(error) !== 'internal') return undefined;
    const instance = `urn:hooklane:failure:${this.ids.next('fail')}`;
    const cause = error.cause instanceof Error ? error.cause : error;
    this.logger.error('request failed', { instance, code: error.code, error: error.message, stack: cause.stack });
    return instance;
  }
}
