import { Controller, Inject } from '@nestjs/common';
import { IncidentChanged, Topics } from '@hooklane/contracts/topics';
import type { LogRecord, StartPosition, TopicPartition } from '@hooklane/event-log';
import { ConsumesTopic, TopicAssigned, type HandedBatch, type HandlerResult, type TopicConsumer } from '@hooklane/service-host';
import type { IncidentRow, TableStore } from './ports.js';
import { decodeAll } from './read-model/decode-all.js';
import { storable } from './read-model/storable.js';
import { TABLES } from './tables.js';
import { startPositions } from './writer/start-positions.js';

/** incidents.changed → what a person must look at, and what was answered. */
@Controller()
export class IncidentsChangedConsumer implements TopicConsumer {
  constructor(@Inject(TABLES) private readonly tables: TableStore) {}

  @TopicAssigned('log-query', Topics.incidentsChanged)
  async assigned(partitions: readonly TopicPartition[]): Promise<readonly StartPosition[]> {
    return startPositions(await Promise.all(partitions.map(({ topic }) => this.tables.position(topic))));
  }

  @ConsumesTopic('log-query', Topics.incidentsChanged)
  async handle(batch: HandedBatch): Promise<HandlerResult> {
    const { entries, result } = decodeAll(batch, rowOf);
    const last = batch.records[batch.records.length - 1] as LogRecord;
    await this.tables.saveIncidents(last.offset + 1, entries.filter((row) => row !== null));
    return result;
  }
}

function rowOf(record: LogRecord): IncidentRow | null {
  const { incidentId, tenantId, raisedAtMs, state } = IncidentChanged.decode(record.value);
  return { incidentId: storable(incidentId), offset: record.offset, tenantId: storable(tenantId), raisedAtMs, state: storable(state), record: record.value };
}
