import type { HookPatch, HookView } from '@hooklane/contracts/rest';
import { dialectOf } from '@hooklane/dialects';
import { AppError } from '@hooklane/kernel';
import type { Answer, ChangeRequest, Registry } from '../ports.js';
import { tenantOf } from '../tenant/find-tenant.js';
import { changedSecrets, patchedDraft } from './hook-draft.js';
import { assertHookWorks } from './hook-rules.js';
import { hookView } from './hook-view.js';
import { hookAggregate, type HookCommand } from './hook.decider.js';
import type { HookState } from './hook-state.js';

/** A JSON merge patch. @throws AppError `not-found`, `version-mismatch`, `invalid-hook`, `target-denied` */
export async function updateHook(registry: Registry, request: ChangeRequest, hookId: string, patch: HookPatch): Promise<Answer<HookView>> {
  const tenant = await tenantOf(registry, request.tenantId);
  const policy = registry.targetPolicy(tenant.allowedTargets);
  const health = (await registry.healths.of([hookId])).get(hookId);
  const command = (state: HookState): HookCommand => {
    if (state.status !== 'live') throw new AppError('not-found', 'There is no such hook.');
    const before = { config: state.config, secrets: registry.secrets.open(state.sealedSecrets, state.tenantId, hookId) };
    const after = patchedDraft(before, patch, dialectOf(state.dialect).defaults);
    assertHookWorks(after, policy, registry.secrets);
    const secretsChanged = changedSecrets(before.secrets, after.secrets);
    return {
      kind: 'configure',
      config: after.config,
      secretsChanged,
      sealedSecrets: secretsChanged.length > 0 ? registry.secrets.seal(after.secrets, state.tenantId, hookId) : state.sealedSecrets,
      enabled: patch.enabled ?? null,
      atMs: request.meta.atMs,
    };
  };
  return registry.changes.execute({
    aggregate: hookAggregate,
    id: hookId,
    request,
    command,
    answer: ({ state, version }) => ({ status: 200, version, body: hookView(state, version, health) }),
  });
}
