import type { Answer, ChangeRequest, Registry } from '../ports.js';
import { hookAggregate, type HookCommand } from './hook.decider.js';

/** Its history stays readable. @throws AppError `not-found`, `version-mismatch` */
export function deleteHook(registry: Registry, request: ChangeRequest, hookId: string): Promise<Answer<null>> {
  return registry.changes.execute({
    aggregate: hookAggregate,
    id: hookId,
    request,
    command: (): HookCommand => ({ kind: 'delete', atMs: request.meta.atMs }),
    answer: () => ({ status: 204, version: null, body: null }),
  });
}
