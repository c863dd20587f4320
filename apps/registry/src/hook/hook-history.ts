import type { HistoryEntry } from '@hooklane/contracts/rest';
import { MASK } from '@hooklane/dialects';
import type { HistoryShown } from '../history.js';
import type { HookEvent, HookState } from './hook-state.js';
import { hookSnapshot } from './hook-view.js';

/** Secrets are masked on both sides; null where there was none, or is none any more. */
export const hookHistory: HistoryShown<HookState, HookEvent> = {
  view: (state) => hookSnapshot(state, 0),
  hidden(event, before, after) {
    switch (event.type) {
      case 'HookConfigured':
        return event.data.secretsChanged.map((field) => ({ field, before: maskOf(field, before), after: maskOf(field, after) }));
      case 'HookEnabled':
        return event.data.catchUpEpoch === undefined ? [] : [told({ command: 'begin-catch-up', epoch: event.data.catchUpEpoch })];
      case 'LaneCommandGiven': {
        const { command, commandId, deliveryId, attempt } = event.data;
        return [told({ command, commandId, ...(deliveryId === '' ? {} : { deliveryId }), ...(attempt === 0 ? {} : { attempt }) })];
      }
      default:
        return [];
    }
  },
  reason: (event) => (event.type === 'HookDisabled' || event.type === 'HookDeleted' ? (event.data.reason ?? '') : ''),
};

/** What the lane was told; the lane itself shows what came of it. */
const told = (after: object): HistoryEntry['difference'][number] => ({ field: 'lane', before: null, after });

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
