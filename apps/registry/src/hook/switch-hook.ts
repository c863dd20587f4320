import type { HookView } from '@hooklane/contracts/rest';
import type { Answer, ChangeRequest, Registry } from '../ports.js';
import type { CatchUp } from './hook-state.js';
import { askReceiver } from './ask-receiver.js';
import { hookView } from './hook-view.js';
import { hookAggregate, type HookCommand } from './hook.decider.js';

/**
 * One that is enabled already stays as it is, its epoch too: a request that is repeated begins no second catch-up.
 * @param catchUp what becomes of the events that the hook missed; null: what the hook says
 * @throws AppError `not-found`, `version-mismatch`, `receiver-refused` where the dialect asks the receiver first
 */
export function enableHook(registry: Registry, request: ChangeRequest, hookId: string, catchUp: CatchUp | null): Promise<Answer<HookView>> {
  return switchHook(registry, request, hookId, { kind: 'enable', catchUp, atMs: request.meta.atMs });
}

/** One that is disabled already stays as it is. @throws AppError `not-found`, `version-mismatch` */
export function disableHook(registry: Registry, request: ChangeRequest, hookId: string): Promise<Answer<HookView>> {
  return switchHook(registry, request, hookId, { kind: 'disable', atMs: request.meta.atMs });
}

async function switchHook(registry: Registry, request: ChangeRequest, hookId: string, command: HookCommand): Promise<Answer<HookView>> {
  const health = (await registry.healths.of([hookId])).get(hookId);
  return registry.changes.execute({
    aggregate: hookAggregate,
    id: hookId,
    request,
    ...(command.kind === 'enable' ? { before: () => askReceiver(registry, request, hookId, () => command) } : {}),
    command: () => command,
    answer: ({ state, version }) => ({ status: 200, version, body: hookView(state, version, health) }),
  });
}
