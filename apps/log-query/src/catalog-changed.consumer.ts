import { Controller, Inject } from '@nestjs/common';
import { CatalogChanged, Topics } from '@hooklane/contracts/topics';
import type { LogRecord, StartPosition, TopicPartition } from '@hooklane/event-log';
import { ConsumesTopic, TopicAssigned, type HandedBatch, type HandlerResult, type TopicConsumer } from '@hooklane/service-host';
import type { TenantRow, TableStore } from './ports.js';
import { decodeAll } from './read-model/decode-all.js';
import { storable } from './read-model/storable.js';
import { TABLES } from './tables.js';
import { startPositions } from './writer/start-positions.js';

/** catalog.changed → how long each tenant wants its log to be kept. */
@Controller()
export class CatalogChangedConsumer implements TopicConsumer {
  constructor(@Inject(TABLES) private readonly tables: TableStore) {}

  @TopicAssigned('log-query', Topics.catalogChanged)
  async assigned(partitions: readonly TopicPartition[]): Promise<readonly StartPosition[]> {
    return startPositions(await Promise.all(partitions.map(({ topic }) => this.tables.position(topic))));
  }

  @ConsumesTopic('log-query', Topics.catalogChanged)
  async handle(batch: HandedBatch): Promise<HandlerResult> {
    const { entries, result } = decodeAll(batch, rowOf);
    const last = batch.records[batch.records.length - 1] as LogRecord;
    await this.tables.saveTenants(last.offset + 1, entries.filter((row) => row !== null));
    return result;
  }
}

function rowOf(record: LogRecord): TenantRow | null {
  const { version, entry } = CatalogChanged.decode(record.value);
  if (entry?.$case !== 'tenant') return null;
  const { tenantId, retentionDays, deleted } = entry.value;
  return { tenantId: storable(tenantId), version, retentionDays, deleted };
}
