import type { SigningSecret } from '@hooklane/contracts/topics';
import type { Dialect, UserSecretRules } from '@hooklane/dialects';
import type { Registry } from '../ports.js';
import type { SigningKeyInfo } from './hook-state.js';
import { invalidHook } from './invalid-hook.js';

export interface NewSigningKeys {
  readonly infos: readonly SigningKeyInfo[];
  readonly signing: SigningSecret[];
  /** A symmetric secret that its owner must be told, to verify with it; null where there is none, or where it is one that the receiver has already. */
  readonly shownSecret: string | null;
  readonly publicKey: string | null;
}

export interface KeyWish {
  readonly dialect: Pick<Dialect, 'name' | 'userSecretRules'>;
  /** Undefined: what the dialect does by itself. */
  readonly kinds: readonly ('v1' | 'v1a')[] | undefined;
  /** A secret that the owner brought. */
  readonly own: string | undefined;
  readonly atMs: number;
}

const NO_KEYS: NewSigningKeys = { infos: [], signing: [], shownSecret: null, publicKey: null };

/** @throws AppError `invalid-hook` when the owner's secret, or the lack of one, does not fit the dialect */
export function newSigningKeys(registry: Pick<Registry, 'secrets' | 'ids'>, wish: KeyWish): NewSigningKeys {
  return makesKeys(wish.dialect) ? standardKeys(registry, wish) : dialectKey(registry, wish);
}

/** Whether the dialect's keys have a form of ours (Standard Webhooks), are made by us, and may overlap. In others a receiver brings one secret, any text. */
export function makesKeys({ userSecretRules }: Pick<Dialect, 'userSecretRules'>): boolean {
  return userSecretRules.prefixes.length > 0;
}

function standardKeys(registry: Pick<Registry, 'secrets' | 'ids'>, { dialect, kinds = ['v1'], own, atMs }: KeyWish): NewSigningKeys {
  if (own !== undefined) assertOwnSecret(own, kinds, dialect.userSecretRules);
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
  if (!kinds.includes('v1')) throw secretProblem('Is for the signature v1, which the hook does not have.');
  const match = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(own);
  if (!match) throw secretProblem('Must be whsec_ and base64.');
  assertBytes(Buffer.from(match[1]!, 'base64').length, rules);
}

/** T10, I8: the secret is the receiver's, pasted in. */
function dialectKey(registry: Pick<Registry, 'ids'>, { dialect, kinds, own, atMs }: KeyWish): NewSigningKeys {
  const { name, userSecretRules } = dialect;
  if (kinds !== undefined) throw invalidHook([{ pointer: '/signatures', message: `Is for native hooks; this one speaks ${name}.` }]);
  if (own === undefined) {
    if (userSecretRules.required) throw secretProblem(`Required: the dialect ${name} signs with the secret that the receiver gave.`);
    return NO_KEYS;
  }
  if (!userSecretRules.allowed) throw secretProblem(`The dialect ${name} does not sign: it has no secret.`);
  assertBytes(Buffer.byteLength(own), userSecretRules);
  const id = registry.ids.next('sec');
  return {
    ...NO_KEYS,
    infos: [{ id, kind: 'hmac', publicKey: null, createdAtMs: atMs, expiresAtMs: 0 }],
    signing: [{ secretId: id, value: own, createdAtMs: atMs, expiresAtMs: 0 }],
  };
}

function assertBytes(bytes: number, { minBytes, maxBytes }: UserSecretRules): void {
  if (bytes < minBytes || bytes > maxBytes) throw secretProblem(`Must have ${minBytes} to ${maxBytes} bytes; this one has ${bytes}.`);
}

function secretProblem(message: string): Error {
  return invalidHook([{ pointer: '/secret', message }]);
}
