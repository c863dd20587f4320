import { describe, expect, it } from '@jest/globals';
import { given } from '@hooklane/event-sourcing/testing';
import { nativeDialect } from '@hooklane/dialects';
import { defaultDraft } from './hook-draft.js';
import { hookAggregate } from './hook.decider.js';
import type { HookConfig, HookEvent } from './hook-state.js';

const config: HookConfig = { ...defaultDraft(nativeDialect.defaults).config, name: 'orders', displayUrl: 'https://a.example/' };
const created = (enabled = true): HookEvent => ({
  type: 'HookCreated',
  data: { tenantId: 'acme', hookId: 'hook_1', dialect: 'native', origin: 'api', enabled, config, signing: [], sealedSecrets: 'c2VhbGVk', atMs: 1 },
});
const verdict = (enabledEpoch: number, policyVersion: number) => ({ kind: 'verdict', enabledEpoch, policyVersion, count: 100, reason: 'failure-limit', atMs: 9 }) as const;
const configure = (changes: Partial<HookConfig>, more: { enabled?: boolean; secretsChanged?: string[] } = {}) =>
  ({ kind: 'configure', config: { ...config, ...changes }, secretsChanged: more.secretsChanged ?? [], sealedSecrets: 'bmV3', enabled: more.enabled ?? null, atMs: 2 }) as const;

describe('hook: configuration is history', () => {
  it('an enabled hook begins in epoch 1, a disabled one in epoch 0 with a reason', () => {
    expect(given(hookAggregate, [created()]).state).toMatchObject({ status: 'live', enabled: true, enabledEpoch: 1, policyVersion: 1, disabledReason: '' });
    expect(given(hookAggregate, [created(false)]).state).toMatchObject({ enabled: false, enabledEpoch: 0, disabledReason: 'manual' });
  });

  it('records only what differs, and nothing when nothing does', () => {
    const hook = given(hookAggregate, [created()]);
    expect(hook.when(configure({})).events).toEqual([]);
    expect(hook.when(configure({ timeoutMs: 3_000 })).events).toEqual([{ type: 'HookConfigured', data: { changes: { timeoutMs: 3_000 }, secretsChanged: [], sealedSecrets: null, atMs: 2 } }]);
  });

  it('takes members in another order for the same value', () => {
    const { unavailableDelaysMs, unavailableGiveUpMs, rejectedDelaysMs, onExhausted } = config.retry;
    expect(given(hookAggregate, [created()]).when(configure({ retry: { onExhausted, rejectedDelaysMs, unavailableGiveUpMs, unavailableDelaysMs } })).events).toEqual([]);
  });

  it('replaces the sealed secrets only when one of them changed', () => {
    const hook = given(hookAggregate, [created()]);
    expect(hook.when(configure({ name: 'other' })).state.sealedSecrets).toBe('c2VhbGVk');
    expect(hook.when(configure({}, { secretsChanged: ['url'] })).state.sealedSecrets).toBe('bmV3');
  });

  it('a new disable policy raises the policy version, another change does not', () => {
    const hook = given(hookAggregate, [created()]);
    expect(hook.when(configure({ disablePolicy: { limit: 5, count: 'total' } })).state.policyVersion).toBe(2);
    expect(hook.when(configure({ name: 'other' })).state.policyVersion).toBe(1);
  });

  it('every enabling raises the epoch; enabling an enabled hook is nothing', () => {
    const disabled: HookEvent = { type: 'HookDisabled', data: { reason: 'manual', failures: 0, atMs: 2 } };
    expect(given(hookAggregate, [created()]).when({ kind: 'enable', atMs: 3 }).events).toEqual([]);
    expect(given(hookAggregate, [created(), disabled]).when({ kind: 'enable', atMs: 3 }).state).toMatchObject({ enabled: true, enabledEpoch: 2, disabledReason: '' });
    expect(given(hookAggregate, [created(), disabled]).when(configure({}, { enabled: true })).events.map(({ type }) => type)).toEqual(['HookEnabled']);
  });

  it('disables on a verdict of the current epoch and policy, once', () => {
    const hook = given(hookAggregate, [created()]);
    const disabled = hook.when(verdict(1, 1));
    expect(disabled.events).toEqual([{ type: 'HookDisabled', data: { reason: 'failure-limit', failures: 100, atMs: 9 } }]);
    expect(disabled.state).toMatchObject({ enabled: false, disabledReason: 'failure-limit' });
    expect(given(hookAggregate, [created(), ...disabled.events]).when(verdict(1, 1)).events).toEqual([]);
  });

  it.each([
    ['an older epoch', [created(), { type: 'HookDisabled', data: { reason: 'manual', failures: 0, atMs: 2 } }, { type: 'HookEnabled', data: { atMs: 3 } }], verdict(1, 1)],
    ['an older policy', [created(), { type: 'HookConfigured', data: { changes: { disablePolicy: { limit: 9, count: 'total' } }, secretsChanged: [], sealedSecrets: null, atMs: 2 } }], verdict(1, 1)],
    ['a deleted hook', [created(), { type: 'HookDeleted', data: { atMs: 2 } }], verdict(1, 1)],
    ['a hook that never was', [], verdict(1, 1)],
  ] as [string, HookEvent[], ReturnType<typeof verdict>][])('ignores a verdict for %s', (_, events, command) => {
    expect(given(hookAggregate, events).when(command).events).toEqual([]);
  });

  it('a deleted hook keeps nothing of what it knew, and is not found again', () => {
    const deleted = given(hookAggregate, [created(), { type: 'HookDeleted', data: { atMs: 5 } }]);
    expect(deleted.state).toMatchObject({ status: 'deleted', tenantId: 'acme', hookId: 'hook_1', sealedSecrets: '', config: { displayUrl: '' } });
    for (const kind of ['enable', 'disable', 'delete'] as const) expect(deleted.when({ kind, atMs: 6 }).refusal).toBe('not-found');
    expect(deleted.when(configure({})).refusal).toBe('not-found');
  });

  it('leaves the state as it is for events of kinds it does not know', () => {
    const unknown = { type: 'HookPainted', data: { atMs: 5 } } as unknown as HookEvent;
    expect(given(hookAggregate, [created(), unknown]).state).toEqual(given(hookAggregate, [created()]).state);
  });
});
