import { FastifyAdapter } from '@nestjs/platform-fastify';
import { limits } from '@hooklane/contracts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RequestListener } from 'node:http';
import { shownFailure, type FailureShapes } from '../problem/failure-shape.js';
import { errorOfRequest } from '../problem/transport-errors.js';
import { parseBodies } from './body-parsers.js';
import { hearOutTooLarge } from './hear-out.js';
import type { HttpFront } from './http-front.js';
import { RequestGate } from './request-gate.js';
import { RouteBook } from './route-book.js';

const MAX_BODY_BYTES = 1024 * 1024;
/** The longest identifier in an address, percent-encoded. */
const MAX_PARAM_LENGTH = limits.eventTypeLength * 3;

export interface HttpApplication {
  readonly adapter: FastifyAdapter;
  readonly instance: FastifyInstance;
  readonly routes: RouteBook;
  readonly gate: RequestGate;
  readonly shapes: FailureShapes;
}

function noSchemas(): never {
  throw new Error('Routes have no JSON Schemas of Fastify: @RawJsonBody and SchemaPipe read what comes.');
}

/** Fastify as all our HTTP is served: no log line per request, capped bodies, problem documents also for what never reaches a route. */
export function httpApplication(front: HttpFront): HttpApplication {
  const { shapes } = front;
  const adapter = new FastifyAdapter({
    logger: false,
    skipMiddie: true,
    multipart: false,
    bodyLimit: MAX_BODY_BYTES,
    // Ours are zod's. Without these two Fastify loads and makes two compilers of JSON Schema, a twentieth of the start.
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    serverFactory: (handler: RequestListener) => front.attach(handler),
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      const { status, headers, body } = shownFailure(shapes, request.url, errorOfRequest(error));
      void reply.code(status).headers(headers).send(body);
    },
  } as never) as unknown as FastifyAdapter;
  const instance = adapter.getInstance() as unknown as FastifyInstance;
  const routes = new RouteBook();
  instance.addHook('onRoute', (route) => {
    const maxBodyBytes = (route.config as { maxBodyBytes?: number } | undefined)?.maxBodyBytes;
    if (maxBodyBytes !== undefined) route.bodyLimit = maxBodyBytes;
    routes.add(route.method, route.url);
  });
  parseBodies(instance);
  hearOutTooLarge(instance);
  return { adapter, instance, routes, gate: new RequestGate(instance, shapes), shapes };
}
