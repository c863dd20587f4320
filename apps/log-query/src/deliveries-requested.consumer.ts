import { DeliveriesRequested, EventAccepted } from '@hooklane/contracts/topics';
import type { CommittedPosition, LogRecord, RecordBatch, StartPosition, TopicPartition } from '@hooklane/event-log';
import type { Clock } from '@hooklane/kernel';
import type { HandlerResult, TopicConsumer } from '@hooklane/service-host';
import { decodeAll } from './read-model/decode-all.js';
import { requestedDelivery } from './read-model/delivery-row.js';
import { storable } from './read-model/storable.js';
import type { RequestEntry } from './writer/flush-buffer.js';
import type { LogWriter } from './writer/log-writer.js';
import { startPositions } from './writer/start-positions.js';

/** deliveries.requested → deliveries, through the fold that delivery runs too. */
export class DeliveriesRequestedConsumer implements TopicConsumer {
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
    const { entries, result } = decodeAll(batch, (record) => requestEntry(record, arrivedMs));
    await this.writer.addRequests(batch.partition, entries);
    return result;
  }
}

// What a delivery holds while it waits: about twenty fields.
const BYTES_A_DELIVERY = 400;

function requestEntry(record: LogRecord, arrivedMs: number): RequestEntry {
  const { kind } = DeliveriesRequested.decode(record.value);
  if (kind?.$case !== 'request') return { offset: record.offset, arrivedMs, bytes: record.value.length, rows: 1, request: null, deliveries: [] };
  if (!record.attachment) throw new Error('a request carries the event it delivers');
  const request = kind.value;
  const event = EventAccepted.decode(record.attachment);
  const shown = { tenantId: event.tenantId, eventId: event.eventId, acceptedAtMs: event.acceptedAtMs, type: storable(event.type), project: storable(event.project) };
  return {
    offset: record.offset,
    arrivedMs,
    bytes: request.hooks.length * BYTES_A_DELIVERY,
    rows: Math.max(request.hooks.length, 1),
    request,
    deliveries: request.hooks.map((hook) => requestedDelivery(record, request, hook, shown)),
  };
}
