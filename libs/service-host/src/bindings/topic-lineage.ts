import { CatalogChanged, Topics } from '@hooklane/contracts/topics';
import type { AppendRecord, EventLog } from '@hooklane/event-log';
import type { IdSource } from '@hooklane/kernel';

/**
 * Says in the catalog which creation of `events.accepted` this is: a re-created topic then never looks like repeats of the old one.
 * @param nowMs serves as the version: above that of any earlier creation
 */
export function lineageRecord(log: Pick<EventLog, 'partitionsOf'>, ids: IdSource, nowMs: number): AppendRecord {
  const lineage = { topic: Topics.eventsAccepted, lineageId: ids.next('lin'), partitions: log.partitionsOf(Topics.eventsAccepted) };
  const value = CatalogChanged.encode({ version: nowMs, entry: { $case: 'lineage', value: lineage } }).finish();
  return { topic: Topics.catalogChanged, partition: 0, key: `lineage/${Topics.eventsAccepted}`, value };
}

/** For the embedded log, whose topics begin with the database: its catalog is empty only once, and nobody writes before this. (On Kafka the topics job does it.) */
export async function nameLineage(log: EventLog, ids: IdSource, nowMs: number): Promise<void> {
  const [bound] = await log.bounds(Topics.catalogChanged);
  if (bound?.next === 0) await log.append([lineageRecord(log, ids, nowMs)]);
}
