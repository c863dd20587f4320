import { describe, expect, it } from '@jest/globals';
import { nativeDialect } from '@hooklane/dialects';
import type { RecordedEvent } from '@hooklane/event-sourcing';
import { defaultDraft } from './hook-draft.js';
import { historyEntries, stateAt } from '../history.js';
import { hookHistory } from './hook-history.js';
import { hookAggregate } from './hook.decider.js';
import type { HookEvent } from './hook-state.js';

const config = { ...defaultDraft(nativeDialect.defaults).config, name: 'orders', displayUrl: 'https://a.example/?k=***' };
const events: HookEvent[] = [
  { type: 'HookCreated', data: { tenantId: 'acme', hookId: 'hook_1', dialect: 'native', origin: 'api', enabled: true, config, signing: [], sealedSecrets: 'c2VhbGVk', atMs: 1_000 } },
  { type: 'HookConfigured', data: { changes: { timeoutMs: 3_000 }, secretsChanged: ['url'], sealedSecrets: 'bmV3', atMs: 2_000 } },
  { type: 'HookDeleted', data: { atMs: 3_000 } },
];
const history: RecordedEvent<HookEvent>[] = events.map((event, index) => ({ id: index + 10, streamId: 'hook/acme/hook_1', version: index + 1, event, meta: { actor: 'key:key_1', atMs: event.data.atMs, reason: 'why', requestId: 'req_1' } }));

describe('hook history', () => {
  it('says who, when and why, and what differed, with secrets masked on both sides', () => {
    const entries = historyEntries(hookAggregate, hookHistory, history);
    expect(entries.map(({ type, version, at, actor, reason }) => [type, version, at, actor, reason])).toEqual([
      ['HookCreated', 1, '1970-01-01T00:00:01.000Z', 'key:key_1', 'why'],
      ['HookConfigured', 2, '1970-01-01T00:00:02.000Z', 'key:key_1', 'why'],
      ['HookDeleted', 3, '1970-01-01T00:00:03.000Z', 'key:key_1', 'why'],
    ]);
    expect(entries[0]!.difference).toContainEqual({ field: 'name', before: null, after: 'orders' });
    expect(entries[1]!.difference).toEqual([{ field: 'timeoutMs', before: 15_000, after: 3_000 }, { field: 'url', before: '***', after: '***' }]);
    expect(JSON.stringify(entries)).not.toMatch(/c2VhbGVk|bmV3/);
  });

  it('says of a secret that came or went that there was none', () => {
    const configured = (changes: Partial<typeof config>, secretsChanged: string[]): HookEvent => ({ type: 'HookConfigured', data: { changes, secretsChanged, sealedSecrets: 'bmV3', atMs: 2_000 } });
    const tls = { ...config.tls, hasClientKey: true };
    const changed = [
      configured({ secretHeaders: ['X-Key'], basicAuthUser: 'u', tls }, ['basicAuth', 'tls.clientKey', 'secretHeaders.X-Key']),
      configured({}, ['secretHeaders.X-Key']),
      configured({ secretHeaders: [] }, ['secretHeaders.X-Key']),
    ];
    const recorded = [events[0] as HookEvent, ...changed].map((event, index) => ({ ...(history[0] as RecordedEvent<HookEvent>), version: index + 1, event }));
    const [, added, replaced, removed] = historyEntries(hookAggregate, hookHistory, recorded).map(({ difference }) => difference);
    for (const field of ['tls.clientKey', 'secretHeaders.X-Key']) expect(added).toContainEqual({ field, before: null, after: '***' });
    expect(replaced).toEqual([{ field: 'secretHeaders.X-Key', before: '***', after: '***' }]);
    expect(removed).toContainEqual({ field: 'secretHeaders.X-Key', before: '***', after: null });
  });

  it('tells a field once whose visible and hidden parts both changed', () => {
    const configured: HookEvent = { type: 'HookConfigured', data: { changes: { displayUrl: 'https://b.example/?k=***', basicAuthUser: 'u' }, secretsChanged: ['url', 'basicAuth'], sealedSecrets: 'bmV3', atMs: 2_000 } };
    const [, entry] = historyEntries(hookAggregate, hookHistory, [history[0]!, { ...history[1]!, event: configured }]);
    expect(entry!.difference).toEqual([{ field: 'url', before: 'https://a.example/?k=***', after: 'https://b.example/?k=***' }, { field: 'basicAuth', before: null, after: { user: 'u', password: '***' } }]);
  });

  it('says what the lane was told, at the version that the hook had', () => {
    const told: HookEvent[] = [
      events[0]!,
      { type: 'LaneCommandGiven', data: { commandId: 'cmd_1', command: 'skip-head', deliveryId: 'dlv_0_7_hook_1', attempt: 0, epoch: 0, atMs: 2_000 } },
      { type: 'HookDisabled', data: { reason: 'gone', failures: 1, atMs: 2_000 } },
      { type: 'HookEnabled', data: { atMs: 2_000, catchUpEpoch: 2 } },
    ];
    const entries = historyEntries(hookAggregate, hookHistory, told.map((event, index) => ({ ...history[0]!, version: index + 1, event })));
    expect(entries.map(({ version }) => version)).toEqual([1, 1, 2, 3]);
    expect(entries[1]).toMatchObject({ type: 'LaneCommandGiven', actor: 'key:key_1', reason: 'why' });
    expect(entries[1]!.difference).toEqual([{ field: 'lane', before: null, after: { command: 'skip-head', commandId: 'cmd_1', deliveryId: 'dlv_0_7_hook_1' } }]);
    expect(entries[3]!.difference).toContainEqual({ field: 'lane', before: null, after: { command: 'begin-catch-up', epoch: 2 } });
  });

  it('folds the state of any time', () => {
    expect(stateAt(hookAggregate, history, 999)).toBeNull();
    expect(stateAt(hookAggregate, history, 1_500)).toMatchObject({ version: 1, state: { config: { timeoutMs: 15_000 } } });
    expect(stateAt(hookAggregate, history, 2_000)).toMatchObject({ version: 2, state: { config: { timeoutMs: 3_000 } } });
    expect(stateAt(hookAggregate, history, 9_000)).toMatchObject({ state: { status: 'deleted' } });
  });

  it('is not confused by a process whose clock was behind', () => {
    const behind = history.map((entry, index) => (index === 1 ? { ...entry, meta: { ...entry.meta, atMs: 500 } } : entry));
    expect(stateAt(hookAggregate, behind, 600)).toMatchObject({ version: 2 });
  });
});
