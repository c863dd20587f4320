import { CatalogChanged, Topics } from '@hooklane/contracts/topics';
import type { EventLog } from '@hooklane/event-log';
import type { IdSource } from '@hooklane/kernel';

/**
 * Writes into a new catalog which creation of `events.accepted` this is: a re-created topic then never looks like repeats of the old one.
 * (On Kafka the topics job does so when it creates the topic.) The catalog is empty only once: nobody else writes before this.
 */
export async function nameLineage(log: EventLog, ids: IdSource): Promise<void> {
  const [bound] = await log.bounds(Topics.catalogChanged);
  if (!bound || bound.next > 0) return;
  const lineage = { topic: Topics.eventsAccepted, lineageId: ids.next('lin'), partitions: log.partitionsOf(Topics.eventsAccepted) };
  const value = CatalogChanged.encode({ version: 1, entry: { $case: 'lineage', value: lineage } }).finish();
  await log.append([{ topic: Topics.catalogChanged, partition: 0, key: `lineage/${Topics.eventsAccepted}`, value }]);
}
