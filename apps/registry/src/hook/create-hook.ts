import type { HookCreate, HookCreated } from '@hooklane/contracts/rest';
import { dialectOf } from '@hooklane/dialects';
import type { Answer, ChangeRequest, Registry } from '../ports.js';
import { tenantOf } from '../tenant/find-tenant.js';
import { defaultDraft, patchedDraft } from './hook-draft.js';
import { assertHookWorks } from './hook-rules.js';
import { hookView } from './hook-view.js';
import { hookAggregate, type HookCommand } from './hook.decider.js';
import { newSigningKeys } from './signing-keys.js';

/** @throws AppError `not-found` (tenant), `invalid-hook`, `target-denied` */
export async function createHook(registry: Registry, request: ChangeRequest, body: HookCreate): Promise<Answer<HookCreated>> {
  const tenant = await tenantOf(registry, request.tenantId);
  const dialect = dialectOf(body.dialect ?? 'native');
  const draft = patchedDraft(defaultDraft(dialect.defaults), body, dialect.defaults);
  assertHookWorks(draft, registry.targetPolicy(tenant.allowedTargets), registry.secrets);
  const { atMs } = request.meta;
  const keys = newSigningKeys(registry, { kinds: body.signatures ?? ['v1'], own: body.secret, rules: dialect.userSecretRules, atMs });
  const hookId = registry.ids.next('hook');
  const sealedSecrets = registry.secrets.seal({ ...draft.secrets, signing: keys.signing }, request.tenantId, hookId);
  return registry.changes.execute({
    aggregate: hookAggregate,
    id: hookId,
    request,
    command: (): HookCommand => ({
      kind: 'create',
      hook: { tenantId: request.tenantId, hookId, dialect: dialect.name, origin: 'api', enabled: body.enabled ?? true, config: draft.config, signing: keys.infos, sealedSecrets, atMs },
    }),
    answer: ({ state, version }) => ({ status: 201, version, body: { ...hookView(state, version, undefined), secret: keys.shownSecret, publicKey: keys.publicKey } }),
  });
}
