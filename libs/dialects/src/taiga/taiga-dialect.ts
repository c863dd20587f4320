import type { Dialect } from '../dialect.js';
import type { DialectOptions } from '../options.js';
import { memberOf, objectJson, stringJson, writeJson, type JsonStyle, type JsonText } from '../product/json-text.js';
import { PRODUCT_OPTIONS, productDefaults } from '../product/product-defaults.js';
import { productDialect, type ProductRenderInput, type ProductRequest } from '../product/product-dialect.js';
import { TAIGA_TYPES, taigaCatalogue } from './taiga-catalogue.js';

/** An HMAC-SHA1 over the body in two headers: the first one is older, receivers written since read the second (dialects design 1.2). */
const SIGNATURE: DialectOptions['signature'] = {
  algorithm: 'sha1',
  encoding: 'hex',
  headers: [
    { name: 'X-TAIGA-WEBHOOK-SIGNATURE', prefix: '' },
    { name: 'X-Hub-Signature', prefix: 'sha1=' },
  ],
};

/**
 * Taiga's webhooks (dialects design 1): an envelope around the object, spaced as Python's json.dumps does it, signed with a key that the receiver gave.
 * An event is one request and no more, whatever the answer: no retry, no limit of failures, and 410 means nothing. Taiga waits for ever; we wait 30 s (design 6.3).
 */
export const taigaDialect: Dialect = productDialect({
  name: 'taiga',
  defaults: productDefaults({ timeoutMs: 30_000, failureLimit: 0 }),
  options: { ...PRODUCT_OPTIONS, serializer: 'python', signature: SIGNATURE },
  settableOptions: ['serializer', 'signature', 'success', 'gone', 'countNetworkErrors', 'connectTimeoutMs'],
  // T10, T12: the receiver's key, any text; its form says nothing about how it is used.
  userSecretRules: { allowed: true, required: true, minBytes: 1, maxBytes: 4_096, prefixes: [] },
  catalogue: taigaCatalogue,
  enabledByDefault: () => true,
  probes: false,
  request: taigaRequest,
});

/** `{action, type, by, date, data[, change]}` of an event `<type>.<action>` whose data is `{by, data, change?}`. Members beside these are left out. */
function taigaRequest({ event, data: given, style }: ProductRenderInput): ProductRequest {
  const [type, action] = nameParts(event.type);
  if (!TAIGA_TYPES.has(event.type)) return no(`"${event.type}" is no event of Taiga; it knows ${[...TAIGA_TYPES].join(', ')}.`);
  const by = memberOf(given, 'by');
  if (by?.node.type !== 'object' && by?.node.type !== 'null') return no('The event\'s data must have the member "by": the user who did it, or null.');
  const data = memberOf(given, 'data');
  if (data?.node.type !== 'object') return no(`The event's data must have the member "data": the ${type} as an object.`);
  const members: [string, string][] = [
    ['action', stringJson(action)],
    ['type', stringJson(type)],
    ['by', writeJson(by, style)],
    ['date', stringJson(new Date(event.occurredAtMs).toISOString())],
    ['data', writeJson(data, style)],
  ];
  if (action !== 'change') return envelope(members, style);
  const change = changeOf(given);
  if (change === undefined) return no('The event\'s data must have the member "change": an object that says what has changed, with the member "diff".');
  return envelope([...members, ['change', writeJson(change, style)]], style);
}

function envelope(members: readonly (readonly [string, string])[], style: JsonStyle): ProductRequest {
  return { ok: true, body: objectJson(members, style), headers: [] };
}

/** Receivers read `change.diff` without asking whether it is there; a comment alone has an empty one. */
function changeOf(given: JsonText): JsonText | undefined {
  const change = memberOf(given, 'change');
  return change && memberOf(change, 'diff')?.node.type === 'object' ? change : undefined;
}

function nameParts(eventType: string): [type: string, action: string] {
  const dot = eventType.lastIndexOf('.');
  return [eventType.slice(0, dot), eventType.slice(dot + 1)];
}

const no = (reason: string): ProductRequest => ({ ok: false, reason });
