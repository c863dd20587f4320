import type { HookCreated, HookRotate } from '@hooklane/contracts/rest';
import { dialectOf } from '@hooklane/dialects';
import { AppError } from '@hooklane/kernel';
import type { Answer, ChangeRequest, Registry } from '../ports.js';
import type { HookState, SigningKeyInfo } from './hook-state.js';
import { hookView } from './hook-view.js';
import { hookAggregate, type HookCommand } from './hook.decider.js';
import { newSigningKeys, type NewSigningKeys } from './signing-keys.js';

const HOUR_MS = 3_600_000;
const OVERLAP_HOURS = 24;
/** Every live secret costs a signature per attempt (Ed25519: 36 microseconds). */
const LIVE_KEYS_MAX = 10;

/** New signing secrets; the present ones go on signing beside them for the overlap. The new symmetric secret is in this answer and nowhere else. */
export async function rotateSecrets(registry: Registry, request: ChangeRequest, hookId: string, body: HookRotate): Promise<Answer<HookCreated>> {
  const health = (await registry.healths.of([hookId])).get(hookId);
  const { atMs } = request.meta;
  let made: NewSigningKeys | undefined;
  const command = (state: HookState): HookCommand => {
    if (state.status !== 'live') throw new AppError('not-found', 'There is no such hook.');
    const kinds = body.signatures ?? [...new Set(state.signing.filter(({ expiresAtMs }) => expiresAtMs === 0).map(({ kind }) => kind))];
    made ??= newSigningKeys(registry, { kinds, own: body.secret, rules: dialectOf(state.dialect).userSecretRules, atMs });
    const staying = stayingKeys(state.signing, atMs, atMs + (body.overlapHours ?? OVERLAP_HOURS) * HOUR_MS).slice(0, LIVE_KEYS_MAX - made.infos.length);
    const expiry = new Map(staying.map(({ id, expiresAtMs }) => [id, expiresAtMs]));
    const secrets = registry.secrets.open(state.sealedSecrets, state.tenantId, hookId);
    const old = secrets.signing.flatMap((key) => (expiry.has(key.secretId) ? [{ ...key, expiresAtMs: expiry.get(key.secretId)! }] : []));
    return {
      kind: 'rotate-secrets',
      signing: [...made.infos, ...staying],
      sealedSecrets: registry.secrets.seal({ ...secrets, signing: [...made.signing, ...old] }, state.tenantId, hookId),
      atMs,
    };
  };
  return registry.changes.execute({
    aggregate: hookAggregate,
    id: hookId,
    request,
    command,
    answer: ({ state, version }) => ({ status: 200, version, body: { ...hookView(state, version, health), secret: made?.shownSecret ?? null, publicKey: made?.publicKey ?? null } }),
  });
}

/** The present keys until the end of the overlap, or until they end anyway; what has ended goes. Newest first. */
function stayingKeys(keys: readonly SigningKeyInfo[], nowMs: number, untilMs: number): SigningKeyInfo[] {
  return keys.map((key) => ({ ...key, expiresAtMs: key.expiresAtMs === 0 ? untilMs : Math.min(key.expiresAtMs, untilMs) })).filter(({ expiresAtMs }) => expiresAtMs > nowMs);
}
