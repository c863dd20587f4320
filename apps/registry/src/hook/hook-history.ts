import { MASK } from '@hooklane/dialects';
import type { HistoryShown } from '../history.js';
import type { HookEvent, HookState } from './hook-state.js';
import { hookSnapshot } from './hook-view.js';

/** Secrets are masked on both sides. */
export const hookHistory: HistoryShown<HookState, HookEvent> = {
  view: (state) => hookSnapshot(state, 0),
  hidden: (event) => (event.type === 'HookConfigured' ? event.data.secretsChanged.map((field) => ({ field, before: MASK, after: MASK })) : []),
  reason: (event) => (event.type === 'HookDisabled' ? event.data.reason : ''),
};
