import type { PrometheusMetrics } from '@hooklane/telemetry';
import { toAppError } from '@hooklane/kernel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HealthBook } from './health-book.js';

export interface OperatorView {
  readonly name: string;
  readonly version: string;
  readonly mode: string;
  readonly services: readonly string[];
  readonly instanceId: string;
  readonly health: HealthBook;
  readonly metrics: PrometheusMetrics;
}

/** What operators and load balancers ask, answered from the first moment of the process to its last. @returns whether the request was one of these */
export function answerOperator(view: OperatorView, request: IncomingMessage, response: ServerResponse): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false;
  switch (request.url) {
    case '/healthz':
      json(response, 200, { status: 'alive' });
      return true;
    case '/readyz': {
      const notReady = view.health.notReady();
      json(response, notReady.length === 0 ? 200 : 503, notReady.length === 0 ? { status: 'ready', workers: view.health.workers() } : { status: 'not-ready', notReady });
      return true;
    }
    case '/version':
      json(response, 200, { name: view.name, version: view.version, mode: view.mode, services: view.services, instance: view.instanceId, node: process.versions.node });
      return true;
    case '/metrics':
      view.metrics.text().then(
        (text) => response.writeHead(200, { 'content-type': view.metrics.contentType }).end(text),
        (error: unknown) => response.writeHead(500).end(toAppError(error).message),
      );
      return true;
    default:
      return false;
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' }).end(JSON.stringify(body));
}
