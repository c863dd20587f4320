import type { LaneCommand } from '@hooklane/contracts/topics';
import type { RecordedEvent } from '@hooklane/event-sourcing';
import type { HookEvent, HookState } from './hook-state.js';

type Recorded = Pick<RecordedEvent<HookEvent>, 'event' | 'meta' | 'version'>;

/** What an event of a hook tells its lane; null: nothing. The same event says the same at every repeat, so that a lane knows it again. */
export function laneCommandOf({ tenantId, hookId }: Pick<HookState, 'tenantId' | 'hookId'>, { event, meta: { actor, reason }, version }: Recorded): LaneCommand | null {
  const told = { tenantId, hookId, actor, reason, atMs: event.data.atMs, position: version };
  switch (event.type) {
    case 'LaneCommandGiven': {
      const { commandId, command, deliveryId, attempt, epoch } = event.data;
      return { ...told, commandId, kind: command, deliveryId, attempt, epoch };
    }
    case 'HookEnabled': {
      const { catchUpEpoch: epoch } = event.data;
      return epoch === undefined ? null : { ...told, commandId: `begin-catch-up/${hookId}/${epoch}`, kind: 'begin-catch-up', deliveryId: '', attempt: 0, epoch };
    }
    default:
      return null;
  }
}

/** The event with which a hook's newest catch-up began; null where none did, or the hook is gone. */
export function catchUpOf<Of extends Recorded>(history: readonly Of[]): Of | null {
  if (history.some(({ event }) => event.type === 'HookDeleted')) return null;
  return history.findLast(({ event }) => event.type === 'HookEnabled' && event.data.catchUpEpoch !== undefined) ?? null;
}
