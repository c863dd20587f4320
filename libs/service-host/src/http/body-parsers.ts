import { limits } from '@hooklane/contracts';
import { AppError, isAppError } from '@hooklane/kernel';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { invalidRequest } from '../invalid-request.js';
import type { HostRouteConfig } from '../raw-json-body.js';

/** JSON everywhere, but on routes that asked for the raw bytes; anything else is `unsupported-media-type`, also RFC 6902: a list of operations is no merge patch. */
export function parseBodies(instance: FastifyInstance): void {
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser(/^application\/(?:(?!json-patch\+)[\w.-]+\+)?json(?:;|$)/i, { parseAs: 'buffer' }, (request: FastifyRequest, body: Buffer, done) => {
    if (wantsRaw(request)) return done(null, body);
    try {
      done(null, parsedBody(request, body));
    } catch (error) {
      done(error as Error);
    }
  });
  instance.addContentTypeParser('*', { parseAs: 'buffer' }, (request: FastifyRequest, body: Buffer, done) => {
    if (wantsRaw(request) || request.is404) return done(null, body);
    if (body.length === 0) return done(null, undefined);
    done(new AppError('unsupported-media-type', 'Send the body as application/json.'));
  });
}

function wantsRaw(request: FastifyRequest): boolean {
  return (request.routeOptions.config as HostRouteConfig).rawBody === true;
}

function parsedBody(request: FastifyRequest, body: Buffer): unknown {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') throw new AppError('unsupported-media-type', 'This route takes no content encoding.');
  // DELETE and the like are often sent with a content type and nothing else.
  return body.length === 0 ? undefined : parseJson(body);
}

/** What every JSON body goes through, also on routes that read the raw bytes. @throws AppError `malformed-json`, `invalid-request` (too deep, `__proto__`) */
export function parseJson(body: Buffer): unknown {
  assertDepth(body);
  try {
    const text = body.toString('utf8');
    // A reviver triples the time of a parse, and nobody honest sends this.
    return text.includes('__proto__') ? JSON.parse(text, refusePrototypes) : JSON.parse(text);
  } catch (error) {
    if (isAppError(error)) throw error;
    throw new AppError('malformed-json', 'The body is not well-formed JSON.', { cause: error });
  }
}

/** `__proto__` in a body would survive as an own property and be spread into something later. No schema of ours has it; a reviver does not know where it stands. */
function refusePrototypes(key: string, value: unknown): unknown {
  if (key === '__proto__') throw invalidRequest([{ message: '', code: 'unrecognized_keys', keys: [key] }]);
  return value;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Validation recurses: a body that nests deeper than events may is refused before it is parsed. */
function assertDepth(body: Uint8Array): void {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at];
    if (inString) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      if (depth > limits.jsonDepth) throw new AppError('invalid-request', `The body nests deeper than ${limits.jsonDepth} levels.`);
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1;
  }
}
