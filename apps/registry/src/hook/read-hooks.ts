import type { HistoryEntry, HookSnapshot, HookView } from '@hooklane/contracts/rest';
import { AppError } from '@hooklane/kernel';
import { pageAnswer, pageRequest, type Page, type PageWish } from '../page.js';
import type { Answer, Registry } from '../ports.js';
import { tenantOf } from '../tenant/find-tenant.js';
import { hookAt, hookHistory } from './hook-history.js';
import type { HookEvent, HookState } from './hook-state.js';
import { hookSnapshot, hookView } from './hook-view.js';
import { hookAggregate } from './hook.decider.js';

/** @throws AppError `not-found` */
export async function readHook(registry: Registry, tenantId: string, hookId: string): Promise<Answer<HookView>> {
  const hook = await registry.reads.find<HookState>(hookAggregate, tenantId, hookId);
  if (!hook) throw noSuchHook();
  const health = (await registry.healths.of([hookId])).get(hookId);
  return { status: 200, version: hook.version, body: hookView(hook.state, hook.version, health) };
}

/** @throws AppError `not-found` where there was no such hook at that time */
export async function readHookAt(registry: Registry, tenantId: string, hookId: string, atMs: number): Promise<Answer<HookSnapshot>> {
  const then = hookAt(await registry.reads.history<HookEvent>('hook', tenantId, hookId), atMs);
  if (!then || then.state.status !== 'live') throw noSuchHook();
  return { status: 200, version: then.version, body: hookSnapshot(then.state, then.version) };
}

export async function listHooks(registry: Registry, tenantId: string, wish: PageWish): Promise<Answer<Page<HookView>>> {
  await tenantOf(registry, tenantId);
  const request = pageRequest('hooks', tenantId, wish);
  const hooks = await registry.reads.page<HookState>(hookAggregate, tenantId, request);
  const healths = await registry.healths.of(hooks.map(({ id }) => id));
  const page = pageAnswer('hooks', tenantId, request, hooks, ({ id, state, version }) => hookView(state, version, healths.get(id)));
  return { status: 200, version: null, body: page };
}

/** Also of a deleted hook. @throws AppError `not-found` where there never was one */
export async function readHookHistory(registry: Registry, tenantId: string, hookId: string, wish: PageWish): Promise<Answer<Page<HistoryEntry>>> {
  const history = await registry.reads.history<HookEvent>('hook', tenantId, hookId);
  if (history.length === 0) throw noSuchHook();
  const kind = `history/${hookId}`;
  const request = pageRequest(kind, tenantId, wish);
  const after = Number(request.after ?? 0);
  const entries = hookHistory(history).filter((_, index) => index >= after).slice(0, request.limit);
  const page = pageAnswer(kind, tenantId, request, entries.map((entry, index) => ({ id: String(after + index + 1), entry })), ({ entry }) => entry);
  return { status: 200, version: null, body: page };
}

const noSuchHook = (): AppError => new AppError('not-found', 'There is no such hook.');
