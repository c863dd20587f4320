import { everyOne } from '../../every-one.js';
import { hookSecretsOf } from '../../hook/hook-secrets.js';
import { hookAggregate } from '../../hook/hook.decider.js';
import type { HookState } from '../../hook/hook-state.js';
import type { Caller, Registry, Stored } from '../../ports.js';
import { ProjectBook, type NumberedProject } from './project-book.js';

/** A hook that speaks Taiga's dialect, whoever made it and where. */
export interface TaigaHook {
  /** Its id for Taiga's clients. */
  readonly number: number;
  readonly state: HookState;
  /** Those that are there of the hook's. Taiga's hooks have one; those made elsewhere may have several, or none: then they belong to the whole tenant. */
  readonly projects: readonly NumberedProject[];
}

/** As Taiga shows a webhook: its key in clear, to those who administrate it. */
export interface WebhookView {
  readonly id: number;
  /** Null: it has none. */
  readonly project: number | null;
  readonly name: string;
  readonly url: string;
  readonly key: string;
  readonly logs_counter: number;
}

const KIND = 'hook/taiga';
/** Taiga keeps this many calls of a webhook. */
export const LOG_ROWS = 10;

/** @param number as it came @returns null where there is no such hook in the caller's tenant */
export async function findHook(registry: Registry, { tenantId }: Pick<Caller, 'tenantId'>, number: string): Promise<TaigaHook | null> {
  if (!/^\d{1,15}$/.test(number)) return null;
  const id = await registry.numbers.idOf(tenantId, KIND, Number(number));
  return id === null ? null : findHookById(registry, tenantId, id);
}

export async function findHookById(registry: Registry, tenantId: string, id: string): Promise<TaigaHook | null> {
  const number = await registry.numbers.numberOf(tenantId, KIND, id);
  const found = number === null ? null : await registry.reads.find<HookState>(hookAggregate, tenantId, id);
  return number === null || found === null ? null : withProjects(new ProjectBook(registry, tenantId), number, found.state);
}

/** All that the caller administrates, in no order. */
export async function administratedHooks(registry: Registry, caller: Caller): Promise<TaigaHook[]> {
  const book = new ProjectBook(registry, caller.tenantId);
  const hooks: TaigaHook[] = [];
  const ours: Stored<HookState>[] = [];
  for await (const hook of everyOne<HookState>(registry.reads, hookAggregate, caller.tenantId)) if (hook.state.dialect === 'taiga') ours.push(hook);
  const numbers = await registry.numbers.numbersOf(caller.tenantId, KIND, ours.map(({ id }) => id));
  for (const { id, state } of ours) hooks.push(await withProjects(book, numbers.get(id)!, state));
  return hooks.filter((hook) => mayAdministrate(caller, hook));
}

/** Only who administrates a project may see or change its webhooks (dialects design 1.2, 6.1: 14). */
export function mayAdministrate(caller: Caller, { projects }: TaigaHook): boolean {
  if (projects.length === 0) return caller.mayWrite();
  return projects.every(({ id }) => caller.mayAdministrate(id));
}

export function isBlocked({ projects }: TaigaHook): boolean {
  return projects.some(({ blocked }) => blocked);
}

export async function webhookViews(registry: Registry, tenantId: string, hooks: readonly TaigaHook[]): Promise<WebhookView[]> {
  const hookIds = hooks.map(({ state }) => state.hookId);
  const counts = hookIds.length === 0 ? new Map<string, number>() : await registry.logs.counts({ tenantId, hookIds, atMost: LOG_ROWS });
  return hooks.map(({ number, state, projects }) => {
    const { url, signing } = hookSecretsOf(registry, state);
    return { id: number, project: projects[0]?.number ?? null, name: state.config.name, url, key: signing.at(0)?.value ?? '', logs_counter: counts.get(state.hookId) ?? 0 };
  });
}

async function withProjects(book: ProjectBook, number: number, state: HookState): Promise<TaigaHook> {
  const found = await Promise.all(state.config.projects.map((idOrKey) => book.find(idOrKey)));
  const byId = new Map(found.flatMap((project) => (project ? [[project.id, project]] : [])));
  return { number, state, projects: [...byId.values()] };
}
