import { AppError } from '@hooklane/kernel';
import { createServer, STATUS_CODES, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { shownFailure, type FailureShapes } from '../problem/failure-shape.js';
import { problemHeaders, problemOf } from '../problem/problem-document.js';

const MAX_HEADER_BYTES = 16 * 1024;
/** A request that does not arrive whole within this is a slow-loris, not a client. */
const REQUEST_TIMEOUT_MS = 60_000;
/** Above what load balancers keep idle connections open for (60 s), so that it is them who close. */
const KEEP_ALIVE_TIMEOUT_MS = 75_000;

/**
 * The HTTP port, open from the first moment of the process: it says "alive, not ready" while the log and the database are awaited,
 * and hands requests to the application once there is one.
 */
export class HttpFront {
  readonly server: Server;
  private application: RequestListener | null = null;
  private isOpen = false;

  /**
   * @param operator answers what operators ask, and says whether the request was such
   * @param shapes of errors, where they are not problem documents
   */
  constructor(operator: (request: IncomingMessage, response: ServerResponse) => boolean, readonly shapes: FailureShapes = () => null) {
    this.server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS }, (request, response) => {
      if (operator(request, response)) return;
      if (this.isOpen && this.application) this.application(request, response);
      else refuse(shapes, request, response);
    });
    this.server.on('clientError', answerUnreadable);
  }

  attach(application: RequestListener): Server {
    this.application = application;
    return this.server;
  }

  /** From now on the application answers. */
  open(): void {
    this.isOpen = true;
  }

  /** @returns the port, which the system chose if `port` is 0. */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => {
        this.server.off('error', reject);
        resolve((this.server.address() as AddressInfo).port);
      });
    });
  }

  async close(): Promise<void> {
    if (!this.server.listening) return;
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }
}

function refuse(shapes: FailureShapes, request: IncomingMessage, response: ServerResponse): void {
  const { status, headers, body } = shownFailure(shapes, request.url ?? '/', new AppError('not-ready', 'The service is starting.', { retryable: true }));
  response.writeHead(status, headers).end(body);
}

/** What Node's HTTP parser gave up on: there is no request and no reply, only a socket. */
function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const failure = error.code === 'HPE_HEADER_OVERFLOW'
    ? new AppError('headers-too-large', `The request headers are larger than ${MAX_HEADER_BYTES} bytes.`)
    : new AppError('invalid-request', error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'The request did not arrive in time.' : 'This is not well-formed HTTP.');
  const problem = problemOf(failure);
  const body = JSON.stringify(problem);
  const headers = Object.entries({ ...problemHeaders(failure), 'content-length': String(Buffer.byteLength(body)), connection: 'close' });
  socket.end(`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`);
}
