import { Controller, Inject } from '@nestjs/common';
import { HookChanged, Topics } from '@hooklane/contracts/topics';
import type { LogRecord, StartPosition, TopicPartition } from '@hooklane/event-log';
import { ConsumesTopic, TopicAssigned, type HandedBatch, type HandlerResult, type TopicConsumer } from '@hooklane/service-host';
import type { HookVersionRow, TableStore } from './ports.js';
import { decodeAll } from './read-model/decode-all.js';
import { storable } from './read-model/storable.js';
import { TABLES } from './tables.js';
import { startPositions } from './writer/start-positions.js';

/** hooks.changed → every version of every hook, with its time: "the hook as of fan-out". */
@Controller()
export class HooksChangedConsumer implements TopicConsumer {
  constructor(@Inject(TABLES) private readonly tables: TableStore) {}

  @TopicAssigned('log-query', Topics.hooksChanged)
  async assigned(partitions: readonly TopicPartition[]): Promise<readonly StartPosition[]> {
    return startPositions(await Promise.all(partitions.map(({ topic }) => this.tables.position(topic))));
  }

  @ConsumesTopic('log-query', Topics.hooksChanged)
  async handle(batch: HandedBatch): Promise<HandlerResult> {
    const { entries, result } = decodeAll(batch, rowOf);
    const last = batch.records[batch.records.length - 1] as LogRecord;
    await this.tables.saveHookVersions(last.offset + 1, entries.filter((row) => row !== null));
    return result;
  }
}

function rowOf(record: LogRecord): HookVersionRow | null {
  const hook = HookChanged.decode(record.value);
  // Matching needs no secrets, so they are not kept a second time, sealed or not.
  const kept = Buffer.from(HookChanged.encode({ ...hook, sealedSecrets: Buffer.alloc(0) }).finish());
  return { hookId: storable(hook.hookId), version: hook.version, tenantId: storable(hook.tenantId), atMs: record.timestampMs, record: kept };
}
