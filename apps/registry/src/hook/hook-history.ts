import type { HistoryEntry } from '@hooklane/contracts/rest';
import { MASK } from '@hooklane/dialects';
import type { RecordedEvent } from '@hooklane/event-sourcing';
import type { HookEvent, HookState } from './hook-state.js';
import { hookSnapshot } from './hook-view.js';
import { hookAggregate } from './hook.decider.js';

/** The hook as it was at `atMs`, with its version then; null before its creation. */
export function hookAt(history: readonly RecordedEvent<HookEvent>[], atMs: number): { state: HookState; version: number } | null {
  // Clocks of two processes may disagree, so times need not rise with versions: everything up to the last event that is not younger.
  const until = history.findLastIndex(({ meta }) => meta.atMs <= atMs);
  if (until < 0) return null;
  let state = hookAggregate.initial();
  for (const { event } of history.slice(0, until + 1)) state = hookAggregate.evolve(state, event);
  return { state, version: until + 1 + state.raisedBy };
}

/** What happened to a hook, oldest first: who, when, why, and which fields differ afterwards. Secrets are masked on both sides. */
export function hookHistory(history: readonly RecordedEvent<HookEvent>[]): HistoryEntry[] {
  let state = hookAggregate.initial();
  return history.map(({ event, meta, version }) => {
    const before = state;
    state = hookAggregate.evolve(state, event);
    return {
      version: version + state.raisedBy,
      type: event.type,
      at: new Date(meta.atMs).toISOString(),
      actor: meta.actor,
      reason: meta.reason || (event.type === 'HookDisabled' ? event.data.reason : ''),
      requestId: meta.requestId,
      difference: [...differences(before, state), ...secretDifferences(event)],
    };
  });
}

/** Says nothing of its own about the hook. */
const BOOKKEEPING = new Set(['version', 'updatedAt', 'createdAt']);

function differences(before: HookState, after: HookState): HistoryEntry['difference'] {
  const left: Record<string, unknown> = before.status === 'live' ? hookSnapshot(before, 0) : {};
  const right: Record<string, unknown> = after.status === 'live' ? hookSnapshot(after, 0) : {};
  return [...new Set([...Object.keys(left), ...Object.keys(right)])]
    .filter((field) => !BOOKKEEPING.has(field) && JSON.stringify(left[field]) !== JSON.stringify(right[field]))
    .map((field) => ({ field, before: left[field] ?? null, after: right[field] ?? null }));
}

function secretDifferences(event: HookEvent): HistoryEntry['difference'] {
  if (event.type !== 'HookConfigured') return [];
  return event.data.secretsChanged.map((field) => ({ field, before: MASK, after: MASK }));
}
