import { AppError } from '@hooklane/kernel';
import type { FastifyInstance } from 'fastify';
import { shownFailure, type FailureShapes } from '../problem/failure-shape.js';

const POLL_MS = 20;

/** Counts requests in flight, and lets no new one in while the process drains. */
export class RequestGate {
  private inFlight = 0;
  private closed = false;

  constructor(instance: FastifyInstance, shapes: FailureShapes) {
    instance.addHook('onRequest', (request, reply, done) => {
      this.inFlight += 1;
      // Not onResponse: that is not called when the client goes away first.
      reply.raw.once('close', this.leave);
      if (!this.closed) return done();
      const error = new AppError('not-ready', 'This process is stopping.', { retryable: true });
      const { status, headers, body } = shownFailure(shapes, request.url, error);
      void reply.code(status).headers({ ...headers, connection: 'close' }).send(body);
    });
  }

  close(): void {
    this.closed = true;
  }

  /** @returns how many requests were still there when `timeoutMs` was over; streams usually are. */
  async drained(timeoutMs: number): Promise<number> {
    const end = performance.now() + timeoutMs;
    while (this.inFlight > 0 && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    return this.inFlight;
  }

  private readonly leave = (): void => {
    this.inFlight -= 1;
  };
}
