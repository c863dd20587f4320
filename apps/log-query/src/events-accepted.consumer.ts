import { EventAccepted } from '@hooklane/contracts/topics';
import type { CommittedPosition, LogRecord, RecordBatch, StartPosition, TopicPartition } from '@hooklane/event-log';
import type { Clock } from '@hooklane/kernel';
import type { HandlerResult, TopicConsumer } from '@hooklane/service-host';
import { decodeAll } from './read-model/decode-all.js';
import { storable } from './read-model/storable.js';
import type { EventEntry } from './writer/flush-buffer.js';
import type { LogWriter } from './writer/log-writer.js';
import { startPositions } from './writer/start-positions.js';

/** events.accepted → events. Hands over and returns at once; the position is stored with the rows. */
export class EventsAcceptedConsumer implements TopicConsumer {
  constructor(
    private readonly writer: LogWriter,
    private readonly clock: Clock,
  ) {}

  async assigned(partitions: readonly TopicPartition[], _committed: readonly (CommittedPosition | null)[]): Promise<readonly StartPosition[]> {
    return startPositions(await this.writer.assign(partitions));
  }

  revoked(partitions: readonly TopicPartition[]): Promise<void> {
    return this.writer.revoke(partitions);
  }

  async handle(batch: RecordBatch): Promise<HandlerResult> {
    const arrivedMs = this.clock.monotonicMs();
    const { entries, result } = decodeAll(batch, (record) => eventEntry(record, arrivedMs));
    await this.writer.addEvents(batch.partition, entries);
    return result;
  }
}

function eventEntry(record: LogRecord, arrivedMs: number): EventEntry {
  const event = EventAccepted.decode(record.value);
  return {
    offset: record.offset,
    arrivedMs,
    bytes: record.value.length,
    rows: 1,
    incarnation: event.incarnation,
    sequence: event.sequence,
    row: { tenantId: event.tenantId, acceptedAtMs: event.acceptedAtMs, eventId: storable(event.eventId), type: storable(event.type), project: storable(event.project), record: record.value },
  };
}
