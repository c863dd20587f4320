import { HookCreate } from '@hooklane/contracts/rest';
import { dialectOf } from '@hooklane/dialects';
import { fieldInvalid, fieldRequired, urlMustRespond, type WorksectionAnswer } from './answers.js';
import { exactTextOf, listOf, textOf, type Parameters } from './parameters.js';

export type AddWebhook = { readonly ok: true; readonly hook: HookCreate } | { readonly ok: false; readonly answer: WorksectionAnswer };

/** Which parameter says what a field of the hook says. */
const PARAMETERS: Readonly<Record<string, string>> = { url: 'url', eventTypes: 'events', projects: 'projects', basicAuth: 'http_user' };

/** `add_webhook` as the hook that it asks for (W21). What the registry's own rules say of it comes later. */
export function addWebhook(parameters: Parameters): AddWebhook {
  const url = textOf(parameters, 'url');
  const events = listOf(parameters, 'events');
  if (url === '') return { ok: false, answer: fieldRequired('url') };
  if (events.length === 0) return { ok: false, answer: fieldRequired('events') };
  const known = new Set(dialectOf('worksection').catalogue.entries.map(({ type }) => type));
  const unknown = events.filter((event) => !known.has(event));
  if (unknown.length > 0) return { ok: false, answer: fieldInvalid('events', unknown.join(',')) };
  const projects = listOf(parameters, 'projects');
  const user = exactTextOf(parameters, 'http_user');
  const password = exactTextOf(parameters, 'http_pass');
  const hook = HookCreate.safeParse({
    name: nameOf(url),
    url,
    dialect: 'worksection',
    eventTypes: events,
    ...(projects.length === 0 ? {} : { projects }),
    ...(user === '' && password === '' ? {} : { basicAuth: { user, password } }),
  });
  if (hook.success) return { ok: true, hook: hook.data };
  const [field, part] = hook.error.issues[0]?.path ?? [];
  return { ok: false, answer: refusedField(part === 'password' ? 'http_pass' : (PARAMETERS[String(field)] ?? String(field)), url) };
}

/** @param parameter which one the registry refused @param url of the call */
export function refusedField(parameter: string, url: string): WorksectionAnswer {
  return parameter === 'url' || parameter === 'name' ? urlMustRespond(url) : fieldInvalid(parameter, '');
}

/** @param pointer into a hook, from an error of the registry @returns the parameter that said it */
export function parameterAt(pointer: string): string {
  const [, field = '', part] = pointer.split('/');
  return part === 'password' ? 'http_pass' : (PARAMETERS[field] ?? 'url');
}

/** Hooks of the product have no names; ours do, and lists of hooks show them. */
function nameOf(url: string): string {
  const host = URL.canParse(url) ? new URL(url).host : '';
  return `Worksection ${host}`.trim().slice(0, 200);
}
