import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { map, type Observable } from 'rxjs';

/** What a handler of a dialect's admin API answers. */
export interface DialectAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a text or Buffer as it is (then say its Content-Type); null: none. */
  readonly body: unknown;
}

@Injectable()
export class DialectAnswerInterceptor implements NestInterceptor<DialectAnswer, unknown> {
  intercept(context: ExecutionContext, next: CallHandler<DialectAnswer>): Observable<unknown> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(
      map(({ status, headers = {}, body }) => {
        reply.status(status).headers(headers);
        if (body === null) return undefined;
        if (typeof body === 'string' || Buffer.isBuffer(body)) return body;
        if (!reply.hasHeader('content-type')) reply.header('content-type', 'application/json; charset=utf-8');
        return JSON.stringify(body);
      }),
    );
  }
}
