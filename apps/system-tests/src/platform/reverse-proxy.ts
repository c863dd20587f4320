import proxy from '@fastify/http-proxy';
import { fastify, type FastifyInstance, type FastifyReply, type RawServerBase, type RouteGenericInterface } from 'fastify';
import type { ServiceTable } from './service-table.js';

/** More than any service takes, so that the service says what is too large. */
const MAX_HEADER_BYTES = 256 * 1024;

const PROBES = ['healthz', 'readyz'];

/** One address for the REST routes of all services, by the service table, and for their probes: what the reverse proxy of docker-compose.yml does. */
export async function startReverseProxy(table: ServiceTable, port: number, portOf: (service: string) => number): Promise<FastifyInstance> {
  const app = fastify({ http: { maxHeaderSize: MAX_HEADER_BYTES }, forceCloseConnections: true, bodyLimit: 16 * 1024 * 1024 });
  for (const { name } of table.services) {
    for (const probe of PROBES) await app.register(proxy, { upstream: `http://127.0.0.1:${portOf(name)}`, prefix: `/${probe}/${name}`, rewritePrefix: `/${probe}`, replyOptions: { onError: away } });
  }
  await app.register(proxy, {
    upstream: '',
    httpMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    proxyPayloads: true,
    replyOptions: {
      getUpstream: (request) => {
        const [path = '/'] = (request.url ?? '/').split('?', 1);
        const route = table.routes.find(({ methods, pattern }) => methods.includes(request.method === 'HEAD' ? 'GET' : (request.method ?? '')) && new RegExp(pattern).test(path));
        return `http://127.0.0.1:${portOf(route?.service ?? 'registry')}`;
      },
      // As the reverse proxy of docker-compose.yml: services are told by which address they were reached.
      rewriteRequestHeaders: (request, headers) => ({ ...headers, host: request.headers.host }),
      onError: away,
    },
  });
  await app.listen({ host: '127.0.0.1', port });
  return app;
}

function away(reply: FastifyReply<RouteGenericInterface, RawServerBase>): void {
  void reply.code(502).type('application/problem+json').send({ type: 'urn:hooklane:problem:not-ready', title: 'The service is starting or stopping', status: 502, code: 'not-ready' });
}
