import { DeliveriesRequested, encodeDeliveryRequest, Topics, type LaneCommand } from '@hooklane/contracts/topics';
import type { AppendRecord } from '@hooklane/event-log';
import { catchUpId, PLATFORM_ACTOR, type CatchUpOpening, type ReplayKind } from './replay.js';
import { replayStream } from './source-marks.js';

/** A delivery that has its number and is to be made. */
export interface NumberedItem {
  readonly replayId: string;
  readonly tenantId: string;
  readonly kind: ReplayKind;
  readonly position: number;
  readonly hookId: string;
  readonly hookVersion: number;
  readonly eventId: string;
  readonly acceptedAtMs: number;
}

/** Stays under the 512 KiB of a producer's batch, so that a step is appended as a whole. */
const BYTES_A_RECORD_BATCH = 384 * 1024;

/**
 * Items with the bytes of their events → records, in the order of their numbers; hooks of one event and position share a record, as fan-out has it.
 * @returns batches to be appended one after the other, each with its items
 */
export function replayRecords<Item extends NumberedItem>(partition: number, items: readonly { readonly item: Item; readonly event: Buffer }[]): readonly { readonly records: readonly AppendRecord[]; readonly items: readonly Item[] }[] {
  const batches: { records: AppendRecord[]; items: Item[]; bytes: number }[] = [];
  for (const group of groupsOf(items)) {
    const record = recordOf(partition, group.items, group.event);
    const bytes = record.value.length + group.event.length;
    const last = batches.at(-1);
    if (last && last.bytes + bytes <= BYTES_A_RECORD_BATCH) {
      last.records.push(record);
      last.items.push(...group.items);
      last.bytes += bytes;
    } else {
      batches.push({ records: [record], items: [...group.items], bytes });
    }
  }
  return batches;
}

function groupsOf<Item extends NumberedItem>(items: readonly { readonly item: Item; readonly event: Buffer }[]): readonly { readonly items: Item[]; readonly event: Buffer }[] {
  const groups: { items: Item[]; event: Buffer }[] = [];
  for (const { item, event } of items) {
    const last = groups.at(-1);
    const first = last?.items[0];
    if (last && first && first.position === item.position && first.replayId === item.replayId) last.items.push(item);
    else groups.push({ items: [item], event });
  }
  return groups;
}

function recordOf(partition: number, items: readonly NumberedItem[], event: Buffer): AppendRecord & { readonly value: Uint8Array } {
  const [first] = items as readonly [NumberedItem];
  const value = encodeDeliveryRequest({
    tenantId: first.tenantId,
    eventId: first.eventId,
    sourceStream: replayStream(partition),
    sourcePosition: first.position,
    hooks: items.map(({ hookId, hookVersion }) => ({ hookId, version: hookVersion })),
    trigger: first.kind,
    replayId: first.replayId,
  });
  // The log keeps its records for days, log-query for a month: the bytes are stored with the record instead of pointing into events.accepted.
  return { topic: Topics.deliveriesRequested, partition, key: null, value, attachment: { topic: Topics.eventsAccepted, partition: 0, offset: -1, value: event } };
}

/** What lets go of a lane that catches up; the same however often it is written. */
export function endOfCatchUp(tenantId: string, { hookId, epoch, partition }: CatchUpOpening, reason: string, nowMs: number): AppendRecord {
  const command: LaneCommand = { commandId: `end/${catchUpId(hookId, epoch)}`, tenantId, hookId, kind: 'end-catch-up', deliveryId: '', attempt: 0, epoch, actor: PLATFORM_ACTOR, reason, atMs: nowMs, position: 0 };
  return { topic: Topics.deliveriesRequested, partition, key: null, value: DeliveriesRequested.encode({ kind: { $case: 'command', value: command } }).finish() };
}
