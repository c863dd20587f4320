import type { HookPatch, HookView } from '@hooklane/contracts/rest';
import type { HookSecrets } from '@hooklane/contracts/topics';
import type { Dialect } from '@hooklane/dialects';
import { AppError } from '@hooklane/kernel';
import type { Answer, ChangeRequest, Registry } from '../ports.js';
import { tenantOf } from '../tenant/find-tenant.js';
import { askReceiver } from './ask-receiver.js';
import { changedSecrets, patchedDraft } from './hook-draft.js';
import { assertHookWorks } from './hook-rules.js';
import { hookSecretsOf } from './hook-secrets.js';
import { hookView } from './hook-view.js';
import { hookAggregate, type HookCommand } from './hook.decider.js';
import type { HookState } from './hook-state.js';
import { invalidHook } from './invalid-hook.js';
import { makesKeys, newSigningKeys, type NewSigningKeys } from './signing-keys.js';

/** A JSON merge patch. @throws AppError `not-found`, `version-mismatch`, `invalid-hook`, `target-denied`, and `receiver-refused` where it enables a hook whose dialect asks the receiver first */
export async function updateHook(registry: Registry, request: ChangeRequest, hookId: string, patch: HookPatch): Promise<Answer<HookView>> {
  const tenant = await tenantOf(registry, request.tenantId);
  const policy = registry.targetPolicy(tenant.allowedTargets);
  const health = (await registry.healths.of([hookId])).get(hookId);
  const command = (state: HookState): HookCommand => {
    if (state.status !== 'live') throw new AppError('not-found', 'There is no such hook.');
    const dialect = registry.dialectOf(state.dialect);
    const before = { config: state.config, secrets: hookSecretsOf(registry, state) };
    const patched = patchedDraft(before, patch, dialect);
    const keys = replacedKeys(registry, before.secrets, { dialect, secret: patch.secret, atMs: request.meta.atMs });
    const after = keys ? { ...patched, secrets: { ...patched.secrets, signing: keys.signing } } : patched;
    assertHookWorks(after, { dialect, policy, secrets: registry.secrets });
    const secretsChanged = changedSecrets(before.secrets, after.secrets);
    return {
      kind: 'configure',
      config: after.config,
      secretsChanged,
      signing: keys?.infos ?? null,
      sealedSecrets: secretsChanged.length > 0 || keys ? registry.secrets.seal(after.secrets, state.tenantId, hookId) : state.sealedSecrets,
      enabled: patch.enabled ?? null,
      atMs: request.meta.atMs,
    };
  };
  return registry.changes.execute({
    aggregate: hookAggregate,
    id: hookId,
    request,
    ...(patch.enabled ? { before: () => askReceiver(registry, request, hookId, command) } : {}),
    command,
    answer: ({ state, version }) => ({ status: 200, version, body: hookView(state, version, health) }),
  });
}

/** The secret that a product's receiver was given: another one takes its place at once, for its signatures have room for one. @returns null where it stays */
function replacedKeys(
  registry: Registry,
  { signing }: Pick<HookSecrets, 'signing'>,
  { dialect, secret, atMs }: { readonly dialect: Dialect; readonly secret: string | null | undefined; readonly atMs: number },
): NewSigningKeys | null {
  if (secret === undefined) return null;
  if (makesKeys(dialect)) throw invalidHook([{ pointer: '/secret', message: 'Is changed by rotate-secret, so that the receiver can change over.' }]);
  if (secret === (signing.at(0)?.value ?? null)) return null;
  return newSigningKeys(registry, { dialect, kinds: undefined, own: secret ?? undefined, atMs });
}
