import type { Caller, Registry } from '../../ports.js';
import { jsonAnswer, type TaigaAnswer } from './taiga-answer.js';
import { errorBody, forbidden, notFound } from './taiga-failure.js';
import { administratedHooks, findHook, mayAdministrate, webhookViews } from './taiga-hooks.js';
import { inTaigasOrder, listPage, type ListWish } from './webhook-list.js';
import { listRows } from './webhook-logs.js';

/** What a list is asked for: its page, and a filter as it came. */
export type FilteredList = ListWish & { readonly filter: unknown };

/** The webhooks of the projects that the caller administrates; nobody's are none (dialects design 1.2). @param filter of the query: a project's number */
export async function listWebhooks(registry: Registry, caller: Caller | null, { filter, ...wish }: FilteredList): Promise<TaigaAnswer> {
  if (isGiven(filter) && !isWhole(filter)) return { status: 400, body: errorBody("'project' must be an integer value.", 'taiga.base.exceptions.BadRequest') };
  const all = caller ? await administratedHooks(registry, caller) : [];
  const asked = isGiven(filter) ? all.filter(({ projects }) => projects.some(({ number }) => number === Number(filter))) : all;
  const ordered = inTaigasOrder(asked.map((hook) => ({ id: hook.number, name: hook.state.config.name, hook })));
  const page = listPage(ordered, wish);
  if (!page) throw notFound();
  const body = caller ? await webhookViews(registry, caller.tenantId, page.items.map(({ hook }) => hook)) : [];
  return { status: 200, headers: page.headers, body };
}

/** @throws AppError `not-found`, `missing-scope` */
export async function readWebhook(registry: Registry, caller: Caller, number: string): Promise<TaigaAnswer> {
  const hook = await findHook(registry, caller, number);
  if (!hook) throw notFound();
  if (!mayAdministrate(caller, hook)) throw forbidden();
  const [body] = await webhookViews(registry, caller.tenantId, [hook]);
  return { status: 200, body };
}

/** @param filter of the query: a webhook's number */
export async function listWebhookLogs(registry: Registry, caller: Caller | null, { filter, ...wish }: FilteredList): Promise<TaigaAnswer> {
  const rows = caller ? await listRows(registry, caller, isGiven(filter) ? String(filter) : undefined) : [];
  const page = listPage(rows, wish);
  if (!page) throw notFound();
  return jsonAnswer(200, `[${page.items.join(',')}]`, page.headers);
}

const isGiven = (filter: unknown): boolean => filter !== undefined && filter !== '';
const isWhole = (filter: unknown): boolean => typeof filter === 'string' && /^-?\d{1,15}$/.test(filter);
