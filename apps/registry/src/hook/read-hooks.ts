import type { HookView } from '@hooklane/contracts/rest';
import { AppError } from '@hooklane/kernel';
import { pageAnswer, pageRequest, type Page, type PageWish } from '../page.js';
import type { Answer, Registry } from '../ports.js';
import { tenantOf } from '../tenant/find-tenant.js';
import type { HookState } from './hook-state.js';
import { hookView } from './hook-view.js';
import { hookAggregate } from './hook.decider.js';

/** @throws AppError `not-found` */
export async function readHook(registry: Registry, tenantId: string, hookId: string): Promise<Answer<HookView>> {
  const hook = await registry.reads.find<HookState>(hookAggregate, tenantId, hookId);
  if (!hook) throw noSuchHook();
  const health = (await registry.healths.of([hookId])).get(hookId);
  return { status: 200, version: hook.version, body: hookView(hook.state, hook.version, health) };
}

export async function listHooks(registry: Registry, tenantId: string, wish: PageWish): Promise<Answer<Page<HookView>>> {
  await tenantOf(registry, tenantId);
  const request = pageRequest('hooks', tenantId, wish);
  const hooks = await registry.reads.page<HookState>(hookAggregate, tenantId, request);
  const healths = await registry.healths.of(hooks.map(({ id }) => id));
  const page = pageAnswer('hooks', tenantId, request, hooks, ({ id, state, version }) => hookView(state, version, healths.get(id)));
  return { status: 200, version: null, body: page };
}

const noSuchHook = (): AppError => new AppError('not-found', 'There is no such hook.');
