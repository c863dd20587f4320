import { memberOf, objectJson, scalarOf, stringJson, writeJson, type JsonText } from '../product/json-text.js';
import { PRODUCT_OPTIONS, productDefaults } from '../product/product-defaults.js';
import { productDialect, type ProductRenderInput, type ProductRequest } from '../product/product-dialect.js';
import { activityNumberOf } from './activity-types.js';
import { backlogCatalogue } from './backlog-catalogue.js';

/** Webhooks as Backlog by Nulab sends them: one JSON object with the activity's number, no header that names the event (dialects design, section 2). */
export const backlogDialect = productDialect({
  name: 'backlog',
  // Backlog says nothing about times, success and signatures; these are our choices (dialects design 6.3), which a hook may change.
  defaults: productDefaults({ timeoutMs: 10_000, failureLimit: 0 }),
  // Off; a hook that switches an algorithm on gets the header that GitHub's receivers know.
  options: { ...PRODUCT_OPTIONS, signature: { algorithm: 'none', encoding: 'hex', headers: [{ name: 'X-Hub-Signature-256', prefix: 'sha256=' }] } },
  settableOptions: ['serializer', 'signature', 'success', 'gone', 'countNetworkErrors', 'connectTimeoutMs'],
  userSecretRules: { allowed: true, required: false, minBytes: 1, maxBytes: 256, prefixes: [] },
  catalogue: backlogCatalogue,
  enabledByDefault: () => true,
  probes: false,
  request: activityRequest,
});

function activityRequest({ event, data, style }: ProductRenderInput): ProductRequest {
  const number = activityNumberOf(event.type);
  if (number === null) return refused(`Backlog has no number for the event type ${event.type}: publish a name of its catalogue, such as issue.commented, or a number.`);
  const problem = problemOf(data);
  if (problem !== null) return refused(problem);
  const member = (name: string): string => writeJson(memberOf(data, name)!, style);
  const body = objectJson(
    [
      ['created', stringJson(utcSeconds(event.occurredAtMs))],
      ['project', member('project')],
      ['id', member('id')],
      ['type', String(number)],
      ['content', member('content')],
      ['notifications', memberOf(data, 'notifications') ? member('notifications') : '[]'],
      ['createdUser', member('createdUser')],
    ],
    style,
  );
  return { ok: true, body, headers: [] };
}

/** What every receiver reads must be there; the rest is the publisher's. Null: it fits. */
function problemOf(data: JsonText): string | null {
  if (data.node.type !== 'object') return 'Backlog needs data that is an object with id, project, content and createdUser.';
  const at = (path: readonly string[]): JsonText | undefined => path.reduce<JsonText | undefined>((value, name) => value && memberOf(value, name), data);
  const wrong = MEMBERS.find(({ path, fits }) => !fits(at(path)));
  return wrong ? `Backlog needs data.${wrong.path.join('.')}: ${wrong.what}.` : null;
}

type Fits = (value: JsonText | undefined) => boolean;
const isObject: Fits = (value) => value?.node.type === 'object';
const isText: Fits = (value) => value?.node.type === 'string';
const isWhole: Fits = (value) => value?.node.type === 'number' && /^-?\d+$/.test(scalarOf(value)!);

const MEMBERS: readonly { readonly path: readonly string[]; readonly fits: Fits; readonly what: string }[] = [
  { path: ['id'], fits: isWhole, what: 'the number of the activity, a whole number' },
  { path: ['project'], fits: isObject, what: 'an object' },
  { path: ['project', 'id'], fits: isWhole, what: 'a whole number' },
  { path: ['project', 'projectKey'], fits: isText, what: 'a text' },
  { path: ['content'], fits: isObject, what: 'an object' },
  { path: ['notifications'], fits: (value) => value === undefined || value.node.type === 'array', what: 'a list, or absent' },
  { path: ['createdUser'], fits: isObject, what: 'an object' },
  { path: ['createdUser', 'id'], fits: isWhole, what: 'a whole number' },
  { path: ['createdUser', 'name'], fits: isText, what: 'a text' },
];

/** `2026-01-02T03:04:05Z`: fractions are cut off. */
function utcSeconds(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

function refused(reason: string): ProductRequest {
  return { ok: false, reason };
}
