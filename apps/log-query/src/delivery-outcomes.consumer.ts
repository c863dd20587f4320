import { DeliveryOutcome } from '@hooklane/contracts/topics';
import type { CommittedPosition, LogRecord, RecordBatch, StartPosition, TopicPartition } from '@hooklane/event-log';
import type { Clock } from '@hooklane/kernel';
import type { HandlerResult, TopicConsumer } from '@hooklane/service-host';
import { attemptRow } from './read-model/attempt-row.js';
import { decodeAll } from './read-model/decode-all.js';
import { settledDelivery } from './read-model/delivery-row.js';
import type { OutcomeEntry } from './writer/flush-buffer.js';
import type { LogWriter } from './writer/log-writer.js';
import { startPositions } from './writer/start-positions.js';

/** delivery.outcomes → attempts, the fates of deliveries, and the events that matched nothing. */
export class DeliveryOutcomesConsumer implements TopicConsumer {
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
    const { entries, result } = decodeAll(batch, (record) => outcomeEntry(record, arrivedMs));
    await this.writer.addOutcomes(batch.partition, entries);
    return result;
  }
}

function outcomeEntry(record: LogRecord, arrivedMs: number): OutcomeEntry {
  const outcome = DeliveryOutcome.decode(record.value);
  const entry = { offset: record.offset, arrivedMs, bytes: record.value.length, rows: 2 };
  if (outcome.fate === 'matched-nothing') {
    const acceptedAtMs = outcome.eventAcceptedAtMs || outcome.atMs;
    return { ...entry, rows: 1, attempt: null, delivery: null, unmatched: { tenantId: outcome.tenantId, eventId: outcome.eventId, acceptedAtMs, decidedAtMs: outcome.atMs } };
  }
  // A verdict alone is the registry's affair; tests, probes and resends are attempts that settle nothing.
  const isShown = outcome.attempt !== undefined || outcome.fate !== '';
  return {
    ...entry,
    attempt: isShown ? attemptRow(record.partition, outcome, record.value) : null,
    delivery: outcome.deliveryId !== '' && outcome.fate !== '' ? settledDelivery(record.partition, outcome) : null,
    unmatched: null,
  };
}
