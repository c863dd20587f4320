import { arrayJson, memberOf, membersOf, objectJson, scalarOf, stringJson, writeJson, type JsonStyle, type JsonText } from '../product/json-text.js';
import type { ProductRenderInput, ProductRequest } from '../product/product-dialect.js';
import { accountTime } from './account-time.js';
import { codeNamed, type WorksectionCode } from './worksection-code.js';

type Member = readonly [name: string, json: string];

/** The body: an array, which the product keeps open for several, of this one event (dialects design 5.2). */
export function worksectionRequest({ event, data, options, style }: ProductRenderInput): ProductRequest {
  const code = codeNamed(event.type);
  if (!code) return refused(`Worksection has no event "${event.type}".`);
  const problem = problemOf(data, code);
  if (problem !== null) return refused(problem);
  const dateAdded = accountTime(event.occurredAtMs, options.timeZone);
  if (dateAdded === null) return refused(`The hook's time zone "${options.timeZone}" is not known here, so date_added cannot be written.`);
  const members: Member[] = [
    ['action', stringJson(code.action)],
    ['object', objectWithType(memberOf(data, 'object')!, code, style)],
    ['date_added', stringJson(dateAdded)],
    ['user_from', writeJson(memberOf(data, 'user_from')!, style)],
    ...changes(data, code, style),
  ];
  return { ok: true, body: arrayJson([objectJson(members, style)], style), headers: [] };
}

/** @returns what a publisher must mend, or null */
function problemOf(data: JsonText, { type }: WorksectionCode): string | null {
  if (data.node.type !== 'object') return 'Worksection needs data that is an object with the members "object" and "user_from".';
  const object = memberOf(data, 'object');
  if (object?.node.type !== 'object') return 'Worksection needs data.object: {"id", "page"}.';
  if (scalarOf(memberOf(object, 'id') ?? NOTHING) === undefined) return 'Worksection needs data.object.id, a text or a number.';
  if (!isText(object, 'page')) return 'Worksection needs data.object.page, such as "/project/12/34/".';
  const named = memberOf(object, 'type');
  if (named && named.node.value !== type) return `data.object.type must be "${type}", as the type of the event says, or be left out.`;
  const user = memberOf(data, 'user_from');
  if (user?.node.type !== 'object') return 'Worksection needs data.user_from: {"id", "email", "name"}.';
  if (scalarOf(memberOf(user, 'id') ?? NOTHING) === undefined) return 'Worksection needs data.user_from.id, a text or a number.';
  if (!isText(user, 'email') || !isText(user, 'name')) return 'Worksection needs data.user_from.email and data.user_from.name, which are texts.';
  for (const name of CHANGES) if ((memberOf(data, name)?.node.type ?? 'object') !== 'object') return `data.${name} must be an object of the fields that changed.`;
  return null;
}

const CHANGES = ['new', 'old'] as const;
const NOTHING: JsonText = { text: 'null', node: { type: 'null', offset: 0, length: 4 } };

function isText(object: JsonText, name: string): boolean {
  return memberOf(object, name)?.node.type === 'string';
}

/** The publisher's object; its type in front where the publisher left it to the event's. */
function objectWithType(object: JsonText, { type }: WorksectionCode, style: JsonStyle): string {
  if (memberOf(object, 'type')) return writeJson(object, style);
  return objectJson([['type', stringJson(type)], ...membersOf(object).map(([name, value]): Member => [name, writeJson(value, style)])], style);
}

/** What is deleted, completed or reopened has neither `new` nor `old` in the product. */
function changes(data: JsonText, { action }: WorksectionCode, style: JsonStyle): Member[] {
  if (action !== 'post' && action !== 'update') return [];
  return CHANGES.flatMap((name) => {
    const value = memberOf(data, name);
    return value ? [[name, writeJson(value, style)] as const] : [];
  });
}

const refused = (reason: string): ProductRequest => ({ ok: false, reason });
