import type { HookView } from '@hooklane/contracts/rest';
import type { Answer, ChangeRequest, Registry } from '../ports.js';
import { hookView } from './hook-view.js';
import { hookAggregate, type HookCommand } from './hook.decider.js';

/** Enables or disables a hook; one that is so already stays as it is. @throws AppError `not-found`, `version-mismatch` */
export async function switchHook(registry: Registry, request: ChangeRequest, hookId: string, to: 'enable' | 'disable'): Promise<Answer<HookView>> {
  const health = (await registry.healths.of([hookId])).get(hookId);
  return registry.changes.execute({
    aggregate: hookAggregate,
    id: hookId,
    request,
    command: (): HookCommand => ({ kind: to, atMs: request.meta.atMs }),
    answer: ({ state, version }) => ({ status: 200, version, body: hookView(state, version, health) }),
  });
}
