import { describe, expect, it } from '@jest/globals';
import { given } from '@hooklane/event-sourcing/testing';
import { nativeDialect } from '@hooklane/dialects';
import { defaultDraft } from './hook-draft.js';
import { hookAggregate } from './hook.decider.js';
import type { HookConfig, HookEvent, LaneCommandKind } from './hook-state.js';

const config: HookConfig = { ...defaultDraft(nativeDialect.defaults).config, name: 'orders', displayUrl: 'https://a.example/' };
const created = (enabled = true): HookEvent => ({
  type: 'HookCreated',
  data: { tenantId: 'acme', hookId: 'hook_1', dialect: 'native', origin: 'api', enabled, config, signing: [], sealedSecrets: 'c2VhbGVk', atMs: 1 },
});
const verdict = (enabledEpoch: number, policyVersion: number) => ({ kind: 'verdict', enabledEpoch, policyVersion, count: 100, reason: 'failure-limit', atMs: 9 }) as const;
const disabled: HookEvent = { type: 'HookDisabled', data: { reason: 'manual', failures: 0, atMs: 2 } };
const enable = (catchUp: 'none' | 'missed' | null = null) => ({ kind: 'enable', catchUp, atMs: 3 }) as const;
const configure = (changes: Partial<HookConfig>, more: { enabled?: boolean; secretsChanged?: string[] } = {}) =>
  ({ kind: 'configure', config: { ...config, ...changes }, secretsChanged: more.secretsChanged ?? [], sealedSecrets: 'bmV3', signing: null, enabled: more.enabled ?? null, atMs: 2 }) as const;
const tell = (command: LaneCommandKind, more: { deliveryId?: string; attempt?: number } = {}) => ({ kind: 'command-lane', command, commandId: 'cmd_1', deliveryId: '', attempt: 0, atMs: 7, ...more }) as const;

describe('hook: what its dialect makes of 410 Gone, and of a new secret', () => {
  const gone = { ...verdict(1, 1), reason: 'gone' } as const;
  it('native: disabled; where the hook says so: deleted, with the reason in its history (4.2)', () => {
    expect(given(hookAggregate, [created()]).when(gone).events).toEqual([{ type: 'HookDisabled', data: { reason: 'gone', failures: 100, atMs: 9 } }]);
    const rest = given(hookAggregate, [{ ...created(), data: { ...created().data, config: { ...config, dialectOptions: { gone: 'delete' } } } } as HookEvent]);
    expect(rest.when(gone).events).toEqual([{ type: 'HookDeleted', data: { reason: 'gone', atMs: 9 } }]);
    expect(rest.when(gone).state).toMatchObject({ status: 'deleted' });
    expect(rest.when(verdict(1, 1)).events).toMatchObject([{ type: 'HookDisabled' }]);
    expect(rest.when({ ...gone, enabledEpoch: 0 }).events).toEqual([]);
  });

  it('a secret that takes the place of another is a rotation, beside what else changed', () => {
    const signing = [{ id: 'sec_2', kind: 'hmac', publicKey: null, createdAtMs: 2, expiresAtMs: 0 }] as const;
    const hook = given(hookAggregate, [created()]);
    expect(hook.when({ ...configure({}), signing }).events).toEqual([{ type: 'HookSecretsRotated', data: { signing, sealedSecrets: 'bmV3', atMs: 2 } }]);
    expect(hook.when({ ...configure({ name: 'other' }), signing }).events.map(({ type }) => type)).toEqual(['HookConfigured', 'HookSecretsRotated']);
    expect(hook.when({ ...configure({}), signing }).state).toMatchObject({ signing, sealedSecrets: 'bmV3' });
  });
});

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
    expect(given(hookAggregate, [created()]).when(enable('missed')).events).toEqual([]);
    expect(given(hookAggregate, [created(), disabled]).when(enable()).state).toMatchObject({ enabled: true, enabledEpoch: 2, disabledReason: '' });
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
    for (const kind of ['disable', 'delete'] as const) expect(deleted.when({ kind, atMs: 6 }).refusal).toBe('not-found');
    for (const command of [enable(), tell('hold')]) expect(deleted.when(command).refusal).toBe('not-found');
    expect(deleted.when(configure({})).refusal).toBe('not-found');
  });

  it('leaves the state as it is for events of kinds it does not know', () => {
    const unknown = { type: 'HookPainted', data: { atMs: 5 } } as unknown as HookEvent;
    expect(given(hookAggregate, [created(), unknown]).state).toEqual(given(hookAggregate, [created()]).state);
  });

  it('folds what was recorded before there were order modes to their defaults', () => {
    const { concurrency: _, rateLimit: __, catchUp: ___, ...early } = config;
    const event: HookEvent = { type: 'HookCreated', data: { tenantId: 'acme', hookId: 'hook_1', dialect: 'native', origin: 'api', enabled: true, config: early, signing: [], sealedSecrets: '', atMs: 1 } };
    const hook = given(hookAggregate, [event]);
    expect(hook.state.config).toEqual(config);
    expect(hook.when(configure({})).events).toEqual([]);
  });

  it('a version that a table knew and the database forgot lies above the epochs and policies that were forgotten with it', () => {
    const raised: HookEvent = { type: 'VersionRaised', data: { by: 4, atMs: 5 } };
    expect(given(hookAggregate, [created(), raised]).state).toMatchObject({ raisedBy: 4, enabledEpoch: 5, policyVersion: 5, enabled: true });
    expect(given(hookAggregate, [created(), raised]).when(verdict(1, 1)).events).toEqual([]);
    const whileDisabled = given(hookAggregate, [created(), disabled, raised]);
    expect(whileDisabled.state).toMatchObject({ enabledEpoch: 1, enabled: false });
    expect(whileDisabled.when(enable('missed')).state).toMatchObject({ enabledEpoch: 6, catchUpEpoch: 6, forgottenEpochs: 0 });
  });
});

describe('hook: enabling with what it missed', () => {
  it('does what the request says, else what the hook says', () => {
    const hook = given(hookAggregate, [created(), disabled]);
    expect(hook.when(enable()).events).toEqual([{ type: 'HookEnabled', data: { atMs: 3 } }]);
    expect(hook.when(enable('missed')).state).toMatchObject({ enabledEpoch: 2, catchUpEpoch: 2 });
    const catchingUp = given(hookAggregate, [created(), disabled, { type: 'HookConfigured', data: { changes: { catchUp: 'missed' }, secretsChanged: [], sealedSecrets: null, atMs: 2 } }]);
    expect(catchingUp.when(enable()).events).toEqual([{ type: 'HookEnabled', data: { atMs: 3, catchUpEpoch: 2 } }]);
    expect(catchingUp.when(enable('none')).state).toMatchObject({ enabledEpoch: 2, catchUpEpoch: 0 });
  });

  it('an update that enables uses what the hook says after it', () => {
    const hook = given(hookAggregate, [created(), disabled]);
    expect(hook.when(configure({ catchUp: 'missed' }, { enabled: true })).state).toMatchObject({ enabledEpoch: 2, catchUpEpoch: 2 });
    expect(hook.when(configure({}, { enabled: true })).state).toMatchObject({ enabledEpoch: 2, catchUpEpoch: 0 });
  });

  it('an enabling without a catch-up keeps the epoch of the one before', () => {
    const events: HookEvent[] = [created(), disabled, { type: 'HookEnabled', data: { atMs: 3, catchUpEpoch: 2 } }, disabled];
    expect(given(hookAggregate, events).when(enable('none')).state).toMatchObject({ enabledEpoch: 3, catchUpEpoch: 2 });
  });
});

describe('hook: commands to its lane', () => {
  it('are recorded and change nothing of the hook, not even the version that readers see', () => {
    const hook = given(hookAggregate, [created()]);
    const told = hook.when(tell('retry-now', { deliveryId: 'dlv_0_7_hook_1', attempt: 3 }));
    expect(told.events).toEqual([{ type: 'LaneCommandGiven', data: { commandId: 'cmd_1', command: 'retry-now', deliveryId: 'dlv_0_7_hook_1', attempt: 3, epoch: 0, atMs: 7 } }]);
    expect(told.state).toEqual({ ...hook.state, raisedBy: -1 });
  });

  it('that no lane of a disabled hook could obey are refused; to hold and to release it are not', () => {
    const hook = given(hookAggregate, [created(), disabled]);
    for (const command of ['retry-now', 'skip-head', 'release-catch-up'] as const) expect([command, hook.when(tell(command)).refusal]).toEqual([command, 'invalid-state']);
    for (const command of ['hold', 'release'] as const) expect(hook.when(tell(command)).events).toHaveLength(1);
  });

  it('release-catch-up names the epoch, and is refused where the hook was enabled without a catch-up', () => {
    const caughtUp: HookEvent[] = [created(), disabled, { type: 'HookEnabled', data: { atMs: 3, catchUpEpoch: 2 } }];
    expect(given(hookAggregate, caughtUp).when(tell('release-catch-up')).events).toMatchObject([{ data: { epoch: 2 } }]);
    expect(given(hookAggregate, [created()]).when(tell('release-catch-up')).refusal).toBe('invalid-state');
    expect(given(hookAggregate, [...caughtUp, disabled, { type: 'HookEnabled', data: { atMs: 4 } }]).when(tell('release-catch-up')).refusal).toBe('invalid-state');
  });
});
