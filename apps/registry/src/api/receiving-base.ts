import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

const HOST = /^[A-Za-z0-9.-]+(?::\d{1,5})?$|^\[[0-9A-Fa-f:.]+\](?::\d{1,5})?$/;

/**
 * Where this request found us, as far as its headers and those of proxies say: what a receiving address begins with where the operator has not said it
 * (`HOOKLANE_PUBLIC_URL`). It is shown to who made the request and to nobody else, so whoever lies in these headers deceives themselves.
 */
export const RequestBase = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const { headers } = context.switchToHttp().getRequest<FastifyRequest>();
  const scheme = headers['x-forwarded-proto'] === 'https' ? 'https' : 'http';
  const host = [headers['x-forwarded-host']].flat()[0]?.split(',', 1)[0]?.trim() || (headers.host ?? '');
  return HOST.test(host) ? `${scheme}://${host}` : '';
});
