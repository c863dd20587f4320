import { MASK } from '@hooklane/dialects';
import type { HistoryShown } from '../history.js';
import type { HookEvent, HookState } from './hook-state.js';
import { hookSnapshot } from './hook-view.js';

/** Secrets are masked on both sides; null where there was none, or is none any more. */
export const hookHistory: HistoryShown<HookState, HookEvent> = {
  view: (state) => hookSnapshot(state, 0),
  hidden: (event, before, after) => (event.type === 'HookConfigured' ? event.data.secretsChanged.map((field) => ({ field, before: maskOf(field, before), after: maskOf(field, after) })) : []),
  reason: (event) => (event.type === 'HookDisabled' ? event.data.reason : ''),
};

const SECRET_HEADER = 'secretHeaders.';

function maskOf(field: string, { config }: HookState): string | null {
  return isThere(field, config) ? MASK : null;
}

function isThere(field: string, config: HookState['config']): boolean {
  if (field === 'basicAuth') return config.basicAuthUser !== null;
  if (field === 'tls.clientKey') return config.tls.hasClientKey;
  if (field.startsWith(SECRET_HEADER)) return config.secretHeaders.includes(field.slice(SECRET_HEADER.length));
  return true;
}
