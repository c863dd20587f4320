import type { HookCreate, HookCreated } from '@hooklane/contracts/rest';
import type { Dialect } from '@hooklane/dialects';
import type { Answer, ChangeRequest, Registry } from '../ports.js';
import { tenantOf } from '../tenant/find-tenant.js';
import { askReceiver } from './ask-receiver.js';
import { defaultDraft, patchedDraft, type HookDraft } from './hook-draft.js';
import { assertHookWorks } from './hook-rules.js';
import { hookView } from './hook-view.js';
import { hookAggregate, type HookCommand } from './hook.decider.js';
import { newSigningKeys, type NewSigningKeys } from './signing-keys.js';

/** Where a hook is made. */
export interface HookMaking {
  /** `console`, `api`, or the name of a dialect API: stays with the hook, and decides whether it begins enabled where nobody says (W12, I19). */
  readonly origin: string;
}

/** What it would be, in clear. @throws AppError `not-found` (tenant), `invalid-hook`, `target-denied` */
export async function checkedDraft(registry: Registry, { tenantId, meta }: ChangeRequest, body: HookCreate): Promise<{ readonly dialect: Dialect; readonly draft: HookDraft; readonly keys: NewSigningKeys }> {
  const tenant = await tenantOf(registry, tenantId);
  const dialect = registry.dialectOf(body.dialect ?? 'native');
  const keys = newSigningKeys(registry, { dialect, kinds: body.signatures, own: body.secret, atMs: meta.atMs });
  const { config, secrets } = patchedDraft(defaultDraft(dialect.defaults), body, dialect);
  const draft = { config, secrets: { ...secrets, signing: keys.signing } };
  assertHookWorks(draft, { dialect, policy: registry.targetPolicy(tenant.allowedTargets), secrets: registry.secrets });
  return { dialect, draft, keys };
}

/** @throws AppError `not-found` (tenant), `invalid-hook`, `target-denied`, `receiver-refused` where the dialect asks the receiver first */
export async function createHook(registry: Registry, request: ChangeRequest, body: HookCreate, { origin }: HookMaking): Promise<Answer<HookCreated>> {
  const { dialect, draft, keys } = await checkedDraft(registry, request, body);
  const { atMs } = request.meta;
  const hookId = registry.ids.next('hook');
  const sealedSecrets = registry.secrets.seal(draft.secrets, request.tenantId, hookId);
  const enabled = body.enabled ?? dialect.enabledByDefault(origin);
  const command = (): HookCommand => ({ kind: 'create', hook: { tenantId: request.tenantId, hookId, dialect: dialect.name, origin, enabled, config: draft.config, signing: keys.infos, sealedSecrets, atMs } });
  return registry.changes.execute({
    aggregate: hookAggregate,
    id: hookId,
    request,
    before: () => askReceiver(registry, request, hookId, command),
    command,
    answer: ({ state, version }) => ({ status: 201, version, body: { ...hookView(state, version, undefined), secret: keys.shownSecret, publicKey: keys.publicKey } }),
  });
}
