import { Controller, Inject } from '@nestjs/common';
import { decodeDeliveriesRequested, Topics, type DeliveriesRequested, type LaneCommand } from '@hooklane/contracts/topics';
import type { CommittedPosition, LogRecord, StartPosition, TopicPartition } from '@hooklane/event-log';
import { ConsumesTopic, TopicAssigned, TopicRevoked, type HandedBatch, type HandlerResult, type TopicConsumer } from '@hooklane/service-host';
import { GATHER_MS, INTAKE, type Intake } from './intake.js';
import { decodeAll } from './read-model/decode-all.js';
import { requestedDelivery } from './read-model/delivery-row.js';
import { readEvent } from './read-model/read-event.js';
import { ReplayKeeper } from './replay-keeper.js';
import type { RequestEntry } from './writer/flush-buffer.js';
import { startPositions } from './writer/start-positions.js';

/** deliveries.requested → deliveries, through the fold that delivery runs too; and the lanes that a person lets go before their catch-up is over. */
@Controller()
export class DeliveriesRequestedConsumer implements TopicConsumer {
  constructor(
    @Inject(INTAKE) private readonly intake: Intake,
    @Inject(ReplayKeeper) private readonly replays: ReplayKeeper,
  ) {}

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
    const released: { readonly command: LaneCommand; readonly offset: number }[] = [];
    const { entries, result } = decodeAll(batch, (record) => {
      const { kind } = decodeDeliveriesRequested(record.value);
      if (kind?.$case === 'command' && kind.value.kind === 'release-catch-up') released.push({ command: kind.value, offset: record.offset });
      return requestEntry(record, kind, arrivedMs);
    });
    // Known before the position passes them. Rejecting brings the batch again.
    for (const { command, offset } of released) await this.replays.catchUpReleased(command, offset);
    await this.intake.writer.addRequests(batch.partition, entries);
    return result;
  }
}

// What a delivery holds while it waits: about twenty fields.
const BYTES_A_DELIVERY = 400;

function requestEntry(record: LogRecord, kind: DeliveriesRequested['kind'], arrivedMs: number): RequestEntry {
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
