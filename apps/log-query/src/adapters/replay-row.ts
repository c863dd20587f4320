import type { DeliveryPlace, FateCounts, ReadGoal, Replay, ReplayKind, ReplaySelection, ReplayState } from '../replay/replay.js';

export type RawReplay = Record<'replay_id' | 'place' | 'tenant_id' | 'kind' | 'state' | 'created_at_ms' | 'created_by' | 'reason' | 'changed_at_ms' | 'changed_by' | 'change_reason', string> &
  Record<'selection' | 'goals' | 'expired_before_ms' | 'hook_id' | 'epoch' | 'command_offset' | 'cursor' | 'waits_for' | 'selected' | 'produced' | 'expired' | 'already_pending' | 'fates', string> &
  Record<'is_selected' | 'is_closed', boolean> & { rate_per_second: number | null; request_partition: number };

export const REPLAY_COLUMNS = `replay_id, place, tenant_id, kind, state, created_at_ms, created_by, reason, changed_at_ms, changed_by, change_reason, selection, goals, rate_per_second, expired_before_ms,
  hook_id, epoch, request_partition, command_offset, is_selected, cursor, waits_for, selected, produced, expired, already_pending, is_closed, fates`;

export function replayFrom(raw: RawReplay): Replay {
  return {
    replayId: raw.replay_id,
    place: Number(raw.place),
    tenantId: raw.tenant_id,
    kind: raw.kind as ReplayKind,
    state: raw.state as ReplayState,
    created: { atMs: Number(raw.created_at_ms), by: raw.created_by, reason: raw.reason },
    changed: { atMs: Number(raw.changed_at_ms), by: raw.changed_by, reason: raw.change_reason },
    selection: JSON.parse(raw.selection) as ReplaySelection,
    goals: JSON.parse(raw.goals) as ReadGoal[],
    ratePerSecond: raw.rate_per_second,
    expiredBeforeMs: Number(raw.expired_before_ms),
    catchUp: raw.kind === 'catch-up' ? { hookId: raw.hook_id, epoch: Number(raw.epoch), partition: raw.request_partition, commandOffset: Number(raw.command_offset) } : null,
    isSelected: raw.is_selected,
    cursor: raw.cursor === '' ? null : (JSON.parse(raw.cursor) as DeliveryPlace),
    waitsFor: raw.waits_for,
    counts: { selected: Number(raw.selected), produced: Number(raw.produced), expired: Number(raw.expired), alreadyPending: Number(raw.already_pending) },
    isClosed: raw.is_closed,
    fates: raw.fates === '' ? null : (JSON.parse(raw.fates) as FateCounts),
  };
}
