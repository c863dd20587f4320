import { describe, expect, it } from '@jest/globals';
import type { ApiKeyState } from '@hooklane/contracts/topics';
import { ApiKeyAuthenticator, hashOfKey } from './api-key-authenticator.js';
import type { Principal } from './principal.js';

const KEY = `hl_${'k'.repeat(43)}`;

function setup() {
  const keys = new Map<string, ApiKeyState>();
  const uses: string[] = [];
  const state = { nowMs: 1_000_000, log: (): Promise<void> => Promise.resolve() };
  const clock = { nowMs: () => state.nowMs, monotonicMs: () => state.nowMs };
  const authenticator = new ApiKeyAuthenticator({ apiKeyByHash: (hash) => keys.get(hash), caughtUp: () => state.log() }, clock, (keyId) => uses.push(keyId));
  const put = (more: Partial<ApiKeyState> = {}): void => void keys.set(hashOfKey(KEY), { keyId: 'key_1', tenantId: 'acme', hash: Buffer.alloc(0), scopes: ['publish'], expiresAtMs: 0, revoked: false, name: '', ...more });
  return { keys, uses, state, authenticator, put };
}

/** It answers, and refuses, at once where it can. */
async function identified(authenticator: ApiKeyAuthenticator, key: string | undefined): Promise<Principal> {
  return await authenticator.authenticate(key, { strict: true });
}

describe('ApiKeyAuthenticator', () => {
  it('knows the tenant, the scopes and the actor of a key', async () => {
    const { authenticator, put } = setup();
    put({ scopes: ['publish', 'from-a-later-version'] });
    const principal = await authenticator.authenticate(KEY, { strict: true });
    expect(principal).toEqual({ keyId: 'key_1', tenantId: 'acme', scopes: new Set(['publish']), actor: 'key:key_1' });
  });

  it('gives a platform key no tenant', async () => {
    const { authenticator, put } = setup();
    put({ tenantId: '' });
    expect((await authenticator.authenticate(KEY, { strict: true })).tenantId).toBeNull();
  });

  it.each([undefined, '', 'hl_wrong', 'x'.repeat(10_000)])('refuses %p', async (key) => {
    const { authenticator, put } = setup();
    put();
    await expect(identified(authenticator, key)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('refuses a key from the moment it expires', async () => {
    const { authenticator, put, state } = setup();
    put({ expiresAtMs: state.nowMs + 1 });
    await authenticator.authenticate(KEY, { strict: true });
    state.nowMs += 1;
    await expect(identified(authenticator, KEY)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('honours a revocation that the log tells of while the request waits, although the key was remembered', async () => {
    const { authenticator, put, keys, state } = setup();
    put();
    await authenticator.authenticate(KEY, { strict: true });
    state.log = async () => keys.clear();
    await expect(identified(authenticator, KEY)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('sees a change of a remembered key', async () => {
    const { authenticator, put } = setup();
    put();
    await authenticator.authenticate(KEY, { strict: true });
    put({ scopes: ['log:read'] });
    expect((await authenticator.authenticate(KEY, { strict: true })).scopes).toEqual(new Set(['log:read']));
  });

  it('refuses strict requests while the log is away, and answers the others from what it knows', async () => {
    const { authenticator, put, state } = setup();
    put();
    state.log = () => Promise.reject(new Error('away'));
    await expect(identified(authenticator, KEY)).rejects.toMatchObject({ code: 'log-unavailable', retryable: true });
    expect((await authenticator.authenticate(KEY, { strict: false })).keyId).toBe('key_1');
  });

  it('reports a use once a minute', async () => {
    const { authenticator, put, state, uses } = setup();
    put();
    for (const stepMs of [0, 30_000, 30_000, 1]) {
      state.nowMs += stepMs;
      await authenticator.authenticate(KEY, { strict: true });
    }
    expect(uses).toEqual(['key_1', 'key_1']);
  });
});
