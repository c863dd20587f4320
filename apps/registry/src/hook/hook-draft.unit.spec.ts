import { describe, expect, it } from '@jest/globals';
import { nativeDialect } from '@hooklane/dialects';
import type { HookCreate, HookPatch } from '@hooklane/contracts/rest';
import type { AppError } from '@hooklane/kernel';
import { changedSecrets, defaultDraft, patchedDraft, type HookDraft } from './hook-draft.js';

const { defaults } = nativeDialect;
const draft = (fields: Partial<HookCreate> = {}): HookDraft => patchedDraft(defaultDraft(defaults), { name: 'n', url: 'https://a.example/in?token=abc', ...fields } as HookCreate, nativeDialect);
const patch = (before: HookDraft, fields: HookPatch): HookDraft => patchedDraft(before, fields, nativeDialect);

describe('hook draft: absent, null and a value differ', () => {
  it('absent leaves, null gives the default back, a value replaces', () => {
    const before = draft({ timeoutMs: 3_000, envelope: 'standard', eventTypes: ['a'] });
    expect(patch(before, { name: 'other' }).config).toMatchObject({ name: 'other', timeoutMs: 3_000, envelope: 'standard', eventTypes: ['a'] });
    expect(patch(before, { timeoutMs: null, envelope: null, eventTypes: null }).config).toMatchObject({ timeoutMs: 15_000, envelope: 'none', eventTypes: ['*'] });
  });

  it('merges objects member by member', () => {
    const before = draft({ retry: { onExhausted: 'hold', rejectedDelaysMs: [1_000] }, disablePolicy: { limit: 3 } });
    const after = patch(before, { retry: { rejectedDelaysMs: null }, disablePolicy: { count: 'total' } });
    expect(after.config.retry).toEqual({ ...defaults.retry, onExhausted: 'hold' });
    expect(after.config.disablePolicy).toEqual({ limit: 3, count: 'total' });
  });

  it('adds, replaces and removes single headers and metadata', () => {
    const before = draft({ headers: { 'X-A': '1', 'X-B': '2' }, metadata: { team: 'core', tier: '1' } });
    const after = patch(before, { headers: { 'x-a': '3', 'X-B': null, 'X-C': '4' }, metadata: { tier: null } });
    expect(after.config.headers).toEqual([{ name: 'x-a', value: '3' }, { name: 'X-C', value: '4' }]);
    expect(after.config.metadata).toEqual({ team: 'core' });
    expect(patch(before, { headers: null, metadata: null }).config).toMatchObject({ headers: [], metadata: {} });
  });

  it('removes the filter with null and keeps it without', () => {
    const before = draft({ filter: { data: { amount: { $gt: 5 } } } });
    expect(patch(before, {}).config.filter).toBe('{"data":{"amount":{"$gt":5}}}');
    expect(patch(before, { filter: null }).config.filter).toBe('');
  });
});

describe('hook draft: order, concurrency, rate limit and catch-up', () => {
  it('have defaults, and get them back with null', () => {
    const base = { order: 'fifo', concurrency: null, rateLimit: null, catchUp: 'none' };
    expect(draft().config).toMatchObject(base);
    const chosen = draft({ order: 'none', concurrency: 3, rateLimit: { perSecond: 0.5 }, catchUp: 'missed' });
    expect(chosen.config).toMatchObject({ order: 'none', concurrency: 3, rateLimit: { perSecond: 0.5 }, catchUp: 'missed' });
    expect(patch(chosen, { name: 'other' }).config).toEqual({ ...chosen.config, name: 'other' });
    expect(patch(chosen, { order: null, rateLimit: null, catchUp: null }).config).toMatchObject(base);
    expect(patch(chosen, { concurrency: null, rateLimit: { perSecond: null } }).config).toMatchObject({ order: 'none', concurrency: 8, rateLimit: null });
  });

  it('the concurrency comes and goes with the order none', () => {
    expect(draft({ order: 'none' }).config.concurrency).toBe(8);
    expect(patch(draft(), { order: 'none' }).config.concurrency).toBe(8);
    expect(patch(draft({ order: 'none', concurrency: 3 }), { order: 'fifo-per-key' }).config.concurrency).toBeNull();
    // For the rules to refuse.
    expect(patch(draft(), { concurrency: 3 }).config.concurrency).toBe(3);
  });
});

describe('hook draft: secrets', () => {
  it('shows no value of the query, and takes the masked address for "as it is"', () => {
    const before = draft();
    expect(before.config.displayUrl).toBe('https://a.example/in?token=***');
    expect(before.secrets.url).toBe('https://a.example/in?token=abc');
    expect(patch(before, { url: 'https://a.example/in?token=***' }).secrets.url).toBe('https://a.example/in?token=abc');
  });

  it('keeps headers that carry credentials sealed even when they come as plain ones', () => {
    const { config, secrets } = draft({ headers: { Authorization: 'Bearer abc', 'X-Api-Key': 'k', 'X-Plain': 'p' } });
    expect(config.headers).toEqual([{ name: 'X-Plain', value: 'p' }]);
    expect(config.secretHeaders).toEqual(['Authorization', 'X-Api-Key']);
    expect(secrets.headers).toEqual([{ name: 'Authorization', value: 'Bearer abc' }, { name: 'X-Api-Key', value: 'k' }]);
    expect(JSON.stringify(config)).not.toContain('abc');
  });

  it('takes a masked value that comes back for "as it is"', () => {
    const before = draft({ secretHeaders: { 'X-Key': 'k' }, basicAuth: { user: 'u', password: 'p' }, tls: { clientKey: 'pem' } });
    const after = patch(before, { secretHeaders: { 'X-Key': '***' }, basicAuth: { user: 'v', password: '***' }, tls: { clientKey: '***' } });
    expect(after.secrets).toMatchObject({ headers: [{ name: 'X-Key', value: 'k' }], basicAuthUser: 'v', basicAuthPassword: 'p', tlsClientKeyPem: 'pem' });
  });

  it('merges basicAuth, and removes it with null', () => {
    const before = draft({ basicAuth: { user: 'u', password: 'p' } });
    expect(patch(before, { basicAuth: { password: 'q' } }).secrets).toMatchObject({ basicAuthUser: 'u', basicAuthPassword: 'q' });
    expect(patch(before, { basicAuth: null })).toMatchObject({ config: { basicAuthUser: null }, secrets: { basicAuthUser: '', basicAuthPassword: '' } });
  });

  it('takes no half of a basicAuth that was not there', () => {
    const pointers = (basicAuth: NonNullable<HookPatch['basicAuth']>): unknown => {
      try {
        return patch(draft(), { basicAuth });
      } catch (error) {
        return [(error as AppError).code, (error as AppError).details['errors']];
      }
    };
    expect(pointers({ user: 'x' })).toMatchObject(['invalid-request', [{ pointer: '/basicAuth/password' }]]);
    expect(pointers({ password: 'x' })).toMatchObject(['invalid-request', [{ pointer: '/basicAuth/user' }]]);
    expect(pointers({})).toMatchObject(['invalid-request', [{ pointer: '/basicAuth/user' }, { pointer: '/basicAuth/password' }]]);
    expect(pointers({ user: 'x', password: '' })).toMatchObject({ config: { basicAuthUser: 'x' } });
  });

  it('names which secrets differ, without their values', () => {
    const before = draft({ secretHeaders: { A: '1', B: '2' }, basicAuth: { user: 'u', password: 'p' } });
    const after = patch(before, { url: 'https://a.example/in?token=new', secretHeaders: { A: '3', B: null, C: '4' }, basicAuth: { password: 'q' } });
    expect(changedSecrets(before.secrets, after.secrets)).toEqual(['url', 'basicAuth', 'secretHeaders.A', 'secretHeaders.C', 'secretHeaders.B']);
    expect(changedSecrets(before.secrets, patch(before, { name: 'other' }).secrets)).toEqual([]);
  });
});
