import { Controller, Inject } from '@nestjs/common';
import { Topics } from '@hooklane/contracts/topics';
import type { CommittedPosition, LogRecord, StartPosition, TopicPartition } from '@hooklane/event-log';
import { ConsumesTopic, TopicAssigned, TopicRevoked, type HandedBatch, type HandlerResult, type TopicConsumer } from '@hooklane/service-host';
import { GATHER_MS, INTAKE, type Intake } from './intake.js';
import { decodeAll } from './read-model/decode-all.js';
import { readEvent } from './read-model/read-event.js';
import type { EventEntry } from './writer/flush-buffer.js';
import { startPositions } from './writer/start-positions.js';

/** events.accepted → events. Hands over and returns at once; the position is stored with the rows. */
@Controller()
export class EventsAcceptedConsumer implements TopicConsumer {
  constructor(@Inject(INTAKE) private readonly intake: Intake) {}

  @TopicAssigned('log-query', Topics.eventsAccepted)
  async assigned(partitions: readonly TopicPartition[], _committed: readonly (CommittedPosition | null)[]): Promise<readonly StartPosition[]> {
    return startPositions(await this.intake.writer.assign(partitions));
  }

  @TopicRevoked('log-query', Topics.eventsAccepted)
  revoked(partitions: readonly TopicPartition[]): Promise<void> {
    return this.intake.writer.revoke(partitions);
  }

  @ConsumesTopic('log-query', Topics.eventsAccepted, { gatherMs: GATHER_MS })
  async handle(batch: HandedBatch): Promise<HandlerResult> {
    const arrivedMs = this.intake.clock.monotonicMs();
    const { entries, result } = decodeAll(batch, (record) => eventEntry(record, arrivedMs));
    await this.intake.writer.addEvents(batch.partition, entries);
    return result;
  }
}

function eventEntry(record: LogRecord, arrivedMs: number): EventEntry {
  const event = readEvent(record.value);
  return {
    offset: record.offset,
    arrivedMs,
    loggedMs: record.timestampMs,
    bytes: record.value.length,
    rows: 1,
    incarnation: event.incarnation,
    sequence: event.sequence,
    row: {
      logPartition: record.partition,
      logOffset: record.offset,
      tenantId: event.tenantId,
      acceptedAtMs: event.acceptedAtMs,
      eventId: event.eventId,
      type: event.type,
      project: event.project,
      record: record.value,
    },
  };
}
