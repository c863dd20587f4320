import { DeliveriesRequested, Topics } from '@hooklane/contracts/topics';
import { partitionOf, type AppendRecord, type EventLog } from '@hooklane/event-log';
import type { EventStore, RecordedEvent } from '@hooklane/event-sourcing';
import { catchUpOf, laneCommandOf } from '../hook/lane-command.js';
import type { HookEvent } from '../hook/hook-state.js';
import { parseStreamId } from '../stream-id.js';

type Places = Pick<EventLog, 'partitionsOf'>;

/** What these events tell lanes, in their order, each for the partition of its hook. */
export function laneCommandRecords(log: Places, events: readonly RecordedEvent[]): AppendRecord[] {
  return events.flatMap(({ streamId, ...recorded }) => {
    const { kind, tenantId, id } = parseStreamId(streamId);
    const command = kind === 'hook' ? laneCommandOf({ tenantId, hookId: id }, recorded as RecordedEvent<HookEvent>) : null;
    if (!command) return [];
    const value = DeliveriesRequested.encode({ kind: { $case: 'command', value: command } }).finish();
    return [{ topic: Topics.deliveriesRequested, partition: lanePartition(log, id), key: null, value }];
  });
}

/** The newest catch-ups of these hooks: a lane whose table speaks of one waits until it has read the command. */
export async function catchUpRecords(log: Places, store: EventStore, streamIds: readonly string[]): Promise<AppendRecord[]> {
  const histories = await store.readStreams<HookEvent>(streamIds.filter((streamId) => parseStreamId(streamId).kind === 'hook'));
  return laneCommandRecords(log, [...histories.values()].flatMap((history) => catchUpOf(history) ?? []));
}

/** The rule by which fanout places a hook's deliveries. */
export function lanePartition(log: Places, hookId: string): number {
  return partitionOf(hookId, log.partitionsOf(Topics.deliveriesRequested));
}
