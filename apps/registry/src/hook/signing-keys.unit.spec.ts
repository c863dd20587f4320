import { describe, expect, it } from '@jest/globals';
import { nativeDialect, type Dialect, type UserSecretRules } from '@hooklane/dialects';
import type { AppError } from '@hooklane/kernel';
import { shopDialect } from '../../test/shop-dialect.js';
import { newSigningKeys, type KeyWish } from './signing-keys.js';

let ids = 0;
const registry = {
  ids: { next: (prefix: string) => `${prefix}_${++ids}` },
  secrets: { signingKey: (kind: string) => ({ value: `made-${kind}`, publicKey: kind === 'v1a' ? 'whpk_1' : null }) },
} as never;
const shop = (rules: Partial<UserSecretRules>): Dialect => ({ ...shopDialect, userSecretRules: { ...shopDialect.userSecretRules, ...rules } });
const keys = (dialect: Dialect, wish: Partial<KeyWish> = {}) => newSigningKeys(registry, { dialect, kinds: undefined, own: undefined, atMs: 7, ...wish });
const pointer = (dialect: Dialect, wish: Partial<KeyWish>): unknown => {
  try {
    return keys(dialect, wish);
  } catch (error) {
    return ((error as AppError).details['errors'] as { pointer: string }[]).map((problem) => problem.pointer);
  }
};

describe('the keys of a new hook', () => {
  it('native: one is made, and shown, unless its owner brings one', () => {
    expect(keys(nativeDialect)).toMatchObject({ infos: [{ kind: 'v1' }], signing: [{ value: 'made-v1' }], shownSecret: 'made-v1', publicKey: null });
    expect(keys(nativeDialect, { kinds: ['v1a'] })).toMatchObject({ infos: [{ kind: 'v1a' }], shownSecret: null, publicKey: 'whpk_1' });
    const own = `whsec_${Buffer.alloc(24).toString('base64')}`;
    expect(keys(nativeDialect, { own })).toMatchObject({ signing: [{ value: own }], shownSecret: own });
  });

  it('a product\'s dialect: the one that the receiver has, any text, never shown (T10, I8)', () => {
    expect(keys(shopDialect, { own: 'plön "x"' })).toMatchObject({ infos: [{ kind: 'hmac', createdAtMs: 7, expiresAtMs: 0 }], signing: [{ value: 'plön "x"' }], shownSecret: null, publicKey: null });
  });

  it('a product\'s dialect: none is made', () => {
    expect(keys(shop({ required: false }))).toEqual({ infos: [], signing: [], shownSecret: null, publicKey: null });
  });

  it.each<[string, Dialect, Partial<KeyWish>, string]>([
    ['one is required', shopDialect, {}, '/secret'],
    ['none is allowed', shop({ allowed: false, required: false }), { own: 'x' }, '/secret'],
    ['it is empty', shopDialect, { own: '' }, '/secret'],
    ['it has too many bytes, not characters', shopDialect, { own: 'ööööoo' + 'x' }, '/secret'],
    ['another kind is asked for', shopDialect, { own: 'x', kinds: ['v1a'] }, '/signatures'],
  ])('is refused where %s', (_, dialect, wish, place) => {
    expect(pointer(dialect, wish)).toEqual([place]);
  });
});
