import { Controller, Inject } from '@nestjs/common';
import { InboundCalled, Topics } from '@hooklane/contracts/topics';
import type { LogRecord, StartPosition, TopicPartition } from '@hooklane/event-log';
import { ConsumesTopic, TopicAssigned, type HandedBatch, type HandlerResult, type TopicConsumer } from '@hooklane/service-host';
import type { InboundCallRow, InboundCallStore } from './ports.js';
import { decodeAll } from './read-model/decode-all.js';
import { storable } from './read-model/storable.js';
import { startPositions } from './writer/start-positions.js';

export const INBOUND_CALLS = Symbol('log-query inbound calls');

/** inbound.called → who called from outside, and what became of it. The position is stored with the rows. */
@Controller()
export class InboundCalledConsumer implements TopicConsumer {
  constructor(@Inject(INBOUND_CALLS) private readonly calls: InboundCallStore) {}

  @TopicAssigned('log-query', Topics.inboundCalled)
  async assigned(partitions: readonly TopicPartition[]): Promise<readonly StartPosition[]> {
    return startPositions(await this.calls.positions(partitions.map(({ partition }) => partition)));
  }

  @ConsumesTopic('log-query', Topics.inboundCalled)
  async handle(batch: HandedBatch): Promise<HandlerResult> {
    const { entries, result } = decodeAll(batch, rowOf);
    if (result.kind !== 'ok') return result;
    const last = batch.records[batch.records.length - 1] as LogRecord;
    await this.calls.save(batch.partition, last.offset + 1, entries);
    return result;
  }
}

function rowOf(record: LogRecord): InboundCallRow {
  const { tenantId, callId, atMs, endpoint, sourceId, outcome } = InboundCalled.decode(record.value);
  return { atMs, logOffset: record.offset, logPartition: record.partition, tenantId: storable(tenantId), callId: storable(callId), endpoint: storable(endpoint), sourceId: storable(sourceId), outcome: storable(outcome), record: record.value };
}
