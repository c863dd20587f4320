import type { SigningSecret } from '@hooklane/contracts/topics';
import type { UserSecretRules } from '@hooklane/dialects';
import type { Registry } from '../ports.js';
import { invalidHook } from './hook-rules.js';
import type { SigningKeyInfo } from './hook-state.js';

export interface NewSigningKeys {
  readonly infos: readonly SigningKeyInfo[];
  readonly signing: SigningSecret[];
  /** The symmetric secret, which its owner needs to verify; null where there is none. */
  readonly shownSecret: string | null;
  readonly publicKey: string | null;
}

export interface KeyWish {
  readonly kinds: readonly ('v1' | 'v1a')[];
  /** A secret that the owner brought. */
  readonly own: string | undefined;
  readonly rules: UserSecretRules;
  readonly atMs: number;
}

/** @throws AppError `invalid-hook` when the owner's secret cannot be used */
export function newSigningKeys(registry: Pick<Registry, 'secrets' | 'ids'>, { kinds, own, rules, atMs }: KeyWish): NewSigningKeys {
  if (own !== undefined) assertOwnSecret(own, kinds, rules);
  const keys = kinds.map((kind) => {
    const made = kind === 'v1' && own !== undefined ? { value: own, publicKey: null } : registry.secrets.signingKey(kind);
    return { kind, id: registry.ids.next('sec'), ...made };
  });
  return {
    infos: keys.map(({ id, kind, publicKey }) => ({ id, kind, publicKey, createdAtMs: atMs, expiresAtMs: 0 })),
    signing: keys.map(({ id, value }) => ({ secretId: id, value, createdAtMs: atMs, expiresAtMs: 0 })),
    shownSecret: keys.find(({ kind }) => kind === 'v1')?.value ?? null,
    publicKey: keys.find(({ kind }) => kind === 'v1a')?.publicKey ?? null,
  };
}

function assertOwnSecret(own: string, kinds: readonly string[], rules: UserSecretRules): void {
  const problem = (message: string): never => {
    throw invalidHook([{ pointer: '/secret', message }]);
  };
  if (!rules.allowed) problem('This dialect takes no secret of yours.');
  if (!kinds.includes('v1')) problem('Is for the signature v1, which the hook does not have.');
  const match = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(own);
  if (!match) problem('Must be whsec_ and base64.');
  const bytes = Buffer.from(match![1]!, 'base64').length;
  if (bytes < rules.minBytes || bytes > rules.maxBytes) problem(`Must have ${rules.minBytes} to ${rules.maxBytes} bytes; this one has ${bytes}.`);
}
