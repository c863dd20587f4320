import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';
import type { Answer } from '../ports.js';

/** Turns the `Answer` of a use case into an HTTP response: status, ETag (the configuration's version), Location of what was made, and body. */
@Injectable()
export class AnswerInterceptor implements NestInterceptor<Answer<unknown>, unknown> {
  intercept(context: ExecutionContext, next: CallHandler<Answer<unknown>>): Observable<unknown> {
    const http = context.switchToHttp();
    const reply = http.getResponse<FastifyReply>();
    const request = http.getRequest<FastifyRequest>();
    return next.handle().pipe(
      map(({ status, version, body }) => {
        reply.status(status);
        if (version !== null) reply.header('ETag', `"${version}"`);
        if (status === 201) reply.header('Location', locationOf(request, body as Made));
        return body ?? undefined;
      }),
    );
  }
}

/** What every answer of a creation has: an id, or the name that serves as one. */
type Made = { readonly id: string } | { readonly name: string };

/** A PUT made what it names; what a POST made lies below it. */
function locationOf({ method, url }: FastifyRequest, made: Made): string {
  const path = url.split('?')[0]!;
  return method === 'POST' ? `${path}/${encodeURIComponent('id' in made ? made.id : made.name)}` : path;
}
