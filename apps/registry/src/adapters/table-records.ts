import { CatalogChanged, HookChanged, Topics } from '@hooklane/contracts/topics';
import type { AppendRecord } from '@hooklane/event-log';
import { fold, type DomainEvent, type EventStore } from '@hooklane/event-sourcing';
import { aggregates, tableRecordOf, type TableRecord } from '../aggregates.js';
import { parseStreamId } from '../stream-id.js';

/** The records that say how these streams are now, one each; none for kinds that are in no table. */
export async function tableRecords(store: EventStore, streamIds: readonly string[]): Promise<AppendRecord[]> {
  const histories = await store.readStreams<DomainEvent>(streamIds);
  return streamIds.flatMap((streamId) => {
    const { kind, id } = parseStreamId(streamId);
    const aggregate = aggregates.get(kind);
    const history = histories.get(streamId);
    if (!aggregate || !history) return [];
    const state = fold(aggregate, history.map(({ event }) => event));
    const record = tableRecordOf(kind, id, state, history.at(-1)!.version + state.raisedBy);
    return record ? [appendOf(record)] : [];
  });
}

function appendOf(record: TableRecord): AppendRecord {
  return record.table === 'hooks'
    ? { topic: Topics.hooksChanged, partition: 0, key: record.key, value: HookChanged.encode(record.value).finish() }
    : { topic: Topics.catalogChanged, partition: 0, key: record.key, value: CatalogChanged.encode(record.value).finish() };
}
