import type { FastifyInstance } from 'fastify';
import type { IncomingMessage } from 'node:http';

const HEARD_OUT_MS = 2_000;
const HEARD_OUT_BYTES = 64 * 1024 * 1024;

/**
 * Answers `413` only when the client has sent what it wanted to send, of which nothing is kept. A connection that is closed with unread bytes
 * in it is reset, and most clients then show their user a broken pipe instead of the answer. Who goes on for too long is cut off nevertheless.
 */
export function hearOutTooLarge(instance: FastifyInstance): void {
  instance.addHook('onSend', (request, reply, payload, done) => {
    if (reply.statusCode !== 413 || request.raw.complete) return done(null, payload);
    heardOut(request.raw).then(() => done(null, payload), done);
  });
}

function heardOut(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0;
    const count = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > HEARD_OUT_BYTES) finish();
    };
    const finish = (): void => {
      clearTimeout(timer);
      request.off('data', count).off('end', finish).off('close', finish);
      resolve();
    };
    const timer = setTimeout(finish, HEARD_OUT_MS);
    request.on('data', count).once('end', finish).once('close', finish);
  });
}
