import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { map, type Observable } from 'rxjs';
import type { Answer } from '../ports.js';

/** Turns the `Answer` of a use case into an HTTP response: status, ETag (the configuration's version) and body. */
@Injectable()
export class AnswerInterceptor implements NestInterceptor<Answer<unknown>, unknown> {
  intercept(context: ExecutionContext, next: CallHandler<Answer<unknown>>): Observable<unknown> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(
      map(({ status, version, body }) => {
        reply.status(status);
        if (version !== null) reply.header('ETag', `"${version}"`);
        return body ?? undefined;
      }),
    );
  }
}
