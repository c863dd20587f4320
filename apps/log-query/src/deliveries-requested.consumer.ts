import { Controller, Inject } from '@nestjs/common';
import { decodeDeliveriesRequested, Topics } from '@hooklane/contracts/topics';
import type { CommittedPosition, LogRecord, StartPosition, TopicPartition } from '@hooklane/event-log';
import { ConsumesTopic, TopicAssigned, TopicRevoked, type HandedBatch, type HandlerResult, type TopicConsumer } from '@hooklane/service-host';
import { GATHER_MS, INTAKE, type Intake } from './intake.js';
import { decodeAll } from './read-model/decode-all.js';
import { requestedDelivery } from './read-model/delivery-row.js';
import { readEvent } from './read-model/read-event.js';
import type { RequestEntry } from './writer/flush-buffer.js';
import { startPositions } from './writer/start-positions.js';

/** deliveries.requested → deliveries, through the fold that delivery runs too. */
@Controller()
export class DeliveriesRequestedConsumer implements TopicConsumer {
  constructor(@Inject(INTAKE) private readonly intake: Intake) {}

  @TopicAssigned('log-query', Topics.deliveriesRequested)
  async assigned(partitions: readonly TopicPartition[], _committed: readonly (CommittedPosition | null)[]): Promise<readonly StartPosition[]> {
    return startPositions(await this.intake.writer.assign(partitions));
  }

  @TopicRevoked('log-query', Topics.deliveriesRequested)
  revoked(partitions: readonly TopicPartition[]): Promise<void> {
    return this.intake.writer.revoke(partitions);
  }

  @ConsumesTopic('log-query', Topics.deliveriesRequested, { gatherMs: GATHER_MS })
  async handle(batch: HandedBatch): Promise<HandlerResult> {
    const arrivedMs = this.intake.clock.monotonicMs();
    const { entries, result } = decodeAll(batch, (record) => requestEntry(record, arrivedMs));
    await this.intake.writer.addRequests(batch.partition, entries);
    return result;
  }
}

// What a delivery holds while it waits: about twenty fields.
const BYTES_A_DELIVERY = 400;

function requestEntry(record: LogRecord, arrivedMs: number): RequestEntry {
  const { kind } = decodeDeliveriesRequested(record.value);
  if (kind?.$case !== 'request') return { offset: record.offset, arrivedMs, loggedMs: record.timestampMs, bytes: record.value.length, rows: 1, request: null, deliveries: [] };
  if (!record.attachment) throw new Error('a request carries the event it delivers');
  const request = kind.value;
  const event = readEvent(record.attachment);
  return {
    offset: record.offset,
    arrivedMs,
    loggedMs: record.timestampMs,
    bytes: request.hooks.length * BYTES_A_DELIVERY,
    rows: Math.max(request.hooks.length, 1),
    request,
    deliveries: request.hooks.map((hook) => requestedDelivery(record, request, hook, event)),
  };
}
