import type { HookCreate, HookPatch } from '@hooklane/contracts/rest';
import { knownCodes, sameCodes, type Level } from './workspace-codes.js';

/** What a request says of a hook; absent: nothing. `secret` null: none. */
export interface HookWish {
  readonly url?: string;
  readonly events?: readonly string[];
  readonly enabled?: boolean;
  readonly ignoreSsl?: boolean;
  readonly secret?: string | null;
}

export interface FieldFault {
  readonly field: string;
  readonly message: string;
}

export type HookForm = { readonly ok: true; readonly wish: HookWish } | { readonly ok: false; readonly faults: readonly FieldFault[] };

export interface FormPlace {
  readonly level: Level;
  /** What the hook's events are now; null: it is to be made. */
  readonly present: readonly string[] | null;
}

const URL_CHARACTERS_MAX = 1_000;
const SECRET_CHARACTERS_MAX = 255;

/**
 * Reads `{"hook":{…}}`, or the same as a form (`hook.url=…&hook.events=…`). Members that a client may not set, such as `source`, are passed over.
 * A new hook needs a url and events (dialects design 4.2).
 */
export function hookForm(body: Readonly<Record<string, unknown>>, { level, present }: FormPlace): HookForm {
  const given = hookMembers(body);
  const faults: FieldFault[] = [];
  const fault = (field: string, message: string): undefined => void faults.push({ field, message });
  const isNew = present === null;
  const wish = {
    url: isNew || given('url') !== undefined ? urlOf(given('url'), fault) : undefined,
    events: isNew || given('events') !== undefined ? eventsOf(given('events'), { level, present }, fault) : undefined,
    enabled: switchOf('enabled', given('enabled'), fault),
    ignoreSsl: switchOf('ignoreSsl', given('ignoreSsl'), fault),
    secret: secretOf(given('secret'), fault),
  };
  if (faults.length > 0) return { ok: false, faults };
  return { ok: true, wish: Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== undefined)) };
}

/** @param projects the names under which events of the project come: its id and its key; none for a hook of the server */
export function hookCreateOf(wish: HookWish, projects: readonly string[]): HookCreate {
  const { url = '', events, enabled, ignoreSsl = false, secret } = wish;
  return {
    name: nameOf(url),
    url,
    dialect: 'icescrum',
    eventTypes: [...(events ?? [])],
    projects: [...projects],
    tls: { verify: !ignoreSsl },
    ...(enabled === undefined ? {} : { enabled }),
    ...(secret ? { secret } : {}),
  };
}

/** @param shown the events as the client was shown them */
export function hookPatchOf({ url, events, enabled, ignoreSsl, secret }: HookWish, shown: readonly string[]): HookPatch {
  return {
    ...(url === undefined ? {} : { url }),
    ...(events === undefined || sameCodes(events, shown) ? {} : { eventTypes: [...events] }),
    ...(enabled === undefined ? {} : { enabled }),
    ...(ignoreSsl === undefined ? {} : { tls: { verify: !ignoreSsl } }),
    ...(secret === undefined ? {} : { secret }),
  };
}

type Fault = (field: string, message: string) => undefined;

function hookMembers(body: Readonly<Record<string, unknown>>): (name: string) => unknown {
  const { hook } = body;
  const members = hook !== null && typeof hook === 'object' && !Array.isArray(hook) ? (hook as Readonly<Record<string, unknown>>) : {};
  return (name) => (Object.hasOwn(members, name) ? members[name] : body[`hook.${name}`]);
}

function urlOf(value: unknown, fault: Fault): string | undefined {
  if (value === undefined || value === null || value === '') return fault('url', missing('url'));
  if (typeof value !== 'string') return fault('url', 'Property [url] of class [Hook] must be a text');
  const url = value.trim();
  if (url === '') return fault('url', missing('url'));
  if (url.length > URL_CHARACTERS_MAX) return fault('url', `Property [url] of class [Hook] has ${url.length} characters; at most ${URL_CHARACTERS_MAX} are possible`);
  return url;
}

function eventsOf(value: unknown, { level, present }: FormPlace, fault: Fault): readonly string[] | undefined {
  const list = typeof value === 'string' ? value.split(',') : (value ?? []);
  if (!Array.isArray(list) || !list.every((code): code is string => typeof code === 'string')) return fault('events', 'Property [events] of class [Hook] must be a list of texts');
  const codes = knownCodes(list, level, present ?? []);
  return codes.length === 0 ? fault('events', missing('events')) : codes;
}

function switchOf(field: string, value: unknown, fault: Fault): boolean | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (value === true || value === 'true' || value === 'on') return true;
  if (value === false || value === 'false' || value === 'off') return false;
  return fault(field, `Property [${field}] of class [Hook] must be true or false`);
}

/** An empty one is none. */
function secretOf(value: unknown, fault: Fault): string | null | undefined {
  if (value === undefined) return undefined;
  if (value === null || value === '') return null;
  if (typeof value !== 'string') return fault('secret', 'Property [secret] of class [Hook] must be a text');
  if (value.length > SECRET_CHARACTERS_MAX) return fault('secret', `Property [secret] of class [Hook] has ${value.length} characters; at most ${SECRET_CHARACTERS_MAX} are possible`);
  return value;
}

const missing = (field: string): string => `Property [${field}] of class [Hook] cannot be null`;

/** iceScrum's hooks have no name; people of other views know them by where they go. */
function nameOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host.slice(0, 200) || 'iceScrum' : 'iceScrum';
}
