import type { HookCreated, HookRotate } from '@hooklane/contracts/rest';
import { dialectOf, type Dialect } from '@hooklane/dialects';
import { AppError } from '@hooklane/kernel';
import type { Answer, ChangeRequest, Registry } from '../ports.js';
import type { HookState, SigningKeyInfo } from './hook-state.js';
import { hookView } from './hook-view.js';
import { hookAggregate, type HookCommand } from './hook.decider.js';
import { dialectProblems } from './dialect-rules.js';
import { hookSecretsOf } from './hook-secrets.js';
import { invalidHook } from './invalid-hook.js';
import { makesKeys, newSigningKeys, type NewSigningKeys } from './signing-keys.js';

const HOUR_MS = 3_600_000;
const OVERLAP_HOURS = 24;
/** Every live secret costs a signature per attempt (Ed25519: 36 microseconds). */
const LIVE_KEYS_MAX = 10;

/**
 * New signing secrets; the present ones go on signing beside them for the overlap. The new symmetric secret is in this answer and nowhere else.
 * A product's dialect has room for one secret, the receiver's: the new one takes the place of the present one.
 * @throws AppError `not-found`, `version-mismatch`, `invalid-hook`
 */
export async function rotateSecrets(registry: Registry, request: ChangeRequest, hookId: string, body: HookRotate): Promise<Answer<HookCreated>> {
  const health = (await registry.healths.of([hookId])).get(hookId);
  const { atMs } = request.meta;
  let made: NewSigningKeys | undefined;
  const command = (state: HookState): HookCommand => {
    if (state.status !== 'live') throw new AppError('not-found', 'There is no such hook.');
    const dialect = dialectOf(state.dialect);
    const overlapHours = overlapOf(dialect, body);
    made ??= newSigningKeys(registry, { dialect, kinds: body.signatures ?? standardKinds(state), own: body.secret, atMs });
    const staying = stayingKeys(state.signing, atMs, atMs + overlapHours * HOUR_MS).slice(0, LIVE_KEYS_MAX - made.infos.length);
    const expiry = new Map(staying.map(({ id, expiresAtMs }) => [id, expiresAtMs]));
    const secrets = hookSecretsOf(registry, state);
    const problems = dialectProblems({ config: state.config, secrets: { ...secrets, signing: made.signing } }, dialect);
    if (problems.length > 0) throw invalidHook(problems);
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

function overlapOf(dialect: Dialect, { overlapHours, secret }: HookRotate): number {
  if (makesKeys(dialect)) return overlapHours ?? OVERLAP_HOURS;
  if (overlapHours) throw invalidHook([{ pointer: '/overlapHours', message: `The dialect ${dialect.name} signs with one secret: there is no overlap.` }]);
  if (secret === undefined) throw invalidHook([{ pointer: '/secret', message: dialect.userSecretRules.allowed ? `Required: in the dialect ${dialect.name} the secret is the receiver's.` : `The dialect ${dialect.name} has no secret.` }]);
  return 0;
}

/** Of the keys that are to stay; undefined where the dialect has others. */
function standardKinds({ signing }: HookState): ('v1' | 'v1a')[] | undefined {
  const kinds = new Set(signing.filter(({ expiresAtMs }) => expiresAtMs === 0).map(({ kind }) => kind));
  kinds.delete('hmac');
  return kinds.size === 0 ? undefined : ([...kinds] as ('v1' | 'v1a')[]);
}

/** The present keys until the end of the overlap, or until they end anyway; what has ended goes. Newest first. */
function stayingKeys(keys: readonly SigningKeyInfo[], nowMs: number, untilMs: number): SigningKeyInfo[] {
  return keys.map((key) => ({ ...key, expiresAtMs: key.expiresAtMs === 0 ? untilMs : Math.min(key.expiresAtMs, untilMs) })).filter(({ expiresAtMs }) => expiresAtMs > nowMs);
}
