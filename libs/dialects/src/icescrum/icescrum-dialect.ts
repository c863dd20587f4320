import type { Dialect } from '../dialect.js';
import { memberOf, writeJson, type JsonText } from '../product/json-text.js';
import { PRODUCT_OPTIONS, productDefaults } from '../product/product-defaults.js';
import { productDialect, type ProductRenderInput, type ProductRequest } from '../product/product-dialect.js';
import { codeFor, isComment, isStateChange } from './icescrum-codes.js';
import { icescrumCatalogue } from './icescrum-catalogue.js';

const CONNECT_MS = 3_000;
/** The product's limit for the silence of a socket, taken as the limit for the rest of the attempt. */
const ANSWER_MS = 10_000;
/** In a row (I17); the server's administrator may choose another for new hooks. */
const FAILURE_LIMIT = 5;
/** The product keeps 255 characters; one has at most 4 bytes. */
const SECRET_BYTES_MAX = 255 * 4;

/** iceScrum 7: the bare object, its code in a header, an HMAC-SHA1 where the hook has a secret (dialects design 4.2; I3, I12–I17). */
export const icescrumDialect: Dialect = productDialect({
  name: 'icescrum',
  defaults: productDefaults({ timeoutMs: CONNECT_MS + ANSWER_MS, failureLimit: FAILURE_LIMIT }),
  options: {
    ...PRODUCT_OPTIONS,
    signature: { algorithm: 'sha1', encoding: 'hex', headers: [{ name: 'x-icescrum-signature', prefix: '' }] },
    success: { status: 'below-400', body: null },
    gone: 'delete',
    connectTimeoutMs: CONNECT_MS,
  },
  settableOptions: ['serializer', 'signature', 'success', 'gone', 'countNetworkErrors', 'connectTimeoutMs', 'legacyBracketedEvent'],
  userSecretRules: { allowed: true, required: false, minBytes: 1, maxBytes: SECRET_BYTES_MAX, prefixes: [] },
  catalogue: icescrumCatalogue,
  enabledByDefault: () => true,
  probes: false,
  request,
});

function request({ event, data, hook, options, style }: ProductRenderInput): ProductRequest {
  const problem = itemProblem(event.type, data);
  if (problem !== null) return { ok: false, reason: problem };
  const code = codeFor(event.type, hook.eventTypes);
  // The product put the list of its events into the header, unless a change of state made it choose one of two.
  const isBracketed = options.legacyBracketedEvent && !isStateChange(event.type);
  return { ok: true, body: writeJson(data, style), headers: [{ name: 'x-icescrum-event', value: isBracketed ? `[${code}]` : code }] };
}

/** The body is the item as the REST API returns it (I13): an object. Which members it has is its publisher's affair, but a comment code carries the comment and not what it stands on. */
function itemProblem(type: string, data: JsonText): string | null {
  if (data.node.type !== 'object') return `iceScrum sends the item itself: the data of ${type} must be a JSON object.`;
  const name = memberOf(data, 'class')?.node.value as unknown;
  if (isComment(type) && name !== undefined && name !== 'Comment') return `${type} carries the comment itself: the data's "class" must be "Comment".`;
  return null;
}
