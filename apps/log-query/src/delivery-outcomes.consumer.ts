import { Controller, Inject } from '@nestjs/common';
import { Topics } from '@hooklane/contracts/topics';
import type { CommittedPosition, LogRecord, StartPosition, TopicPartition } from '@hooklane/event-log';
import { ConsumesTopic, TopicAssigned, TopicRevoked, type HandedBatch, type HandlerResult, type TopicConsumer } from '@hooklane/service-host';
import { GATHER_MS, INTAKE, type Intake } from './intake.js';
import { attemptRow } from './read-model/attempt-row.js';
import { decodeAll } from './read-model/decode-all.js';
import { settledDelivery } from './read-model/delivery-row.js';
import { readOutcome, type ReadOutcome } from './read-model/read-outcome.js';
import { ReplayKeeper } from './replay-keeper.js';
import type { OpenedCatchUp } from './replay/catch-up-opener.js';
import type { OutcomeEntry } from './writer/flush-buffer.js';
import { startPositions } from './writer/start-positions.js';

/** delivery.outcomes → attempts, the fates of deliveries, the events that matched nothing, and the catch-ups that lanes are ready for. */
@Controller()
export class DeliveryOutcomesConsumer implements TopicConsumer {
  constructor(
    @Inject(INTAKE) private readonly intake: Intake,
    @Inject(ReplayKeeper) private readonly replays: ReplayKeeper,
  ) {}

  @TopicAssigned('log-query', Topics.deliveryOutcomes)
  async assigned(partitions: readonly TopicPartition[], _committed: readonly (CommittedPosition | null)[]): Promise<readonly StartPosition[]> {
    return startPositions(await this.intake.writer.assign(partitions));
  }

  @TopicRevoked('log-query', Topics.deliveryOutcomes)
  revoked(partitions: readonly TopicPartition[]): Promise<void> {
    return this.intake.writer.revoke(partitions);
  }

  @ConsumesTopic('log-query', Topics.deliveryOutcomes, { gatherMs: GATHER_MS })
  async handle(batch: HandedBatch): Promise<HandlerResult> {
    const arrivedMs = this.intake.clock.monotonicMs();
    const opened: OpenedCatchUp[] = [];
    const { entries, result } = decodeAll(batch, (record) => {
      const outcome = readOutcome(record.value);
      if (outcome.catchUpOpened) opened.push({ tenantId: outcome.tenantId, hookId: outcome.hookId, partition: record.partition, outcomeOffset: record.offset, opened: outcome.catchUpOpened });
      return outcomeEntry(record, outcome, arrivedMs);
    });
    // Kept before the position passes them. Rejecting brings the batch again.
    for (const catchUp of opened) await this.replays.catchUpOpened(catchUp);
    await this.intake.writer.addOutcomes(batch.partition, entries);
    return result;
  }
}

function outcomeEntry(record: LogRecord, outcome: ReadOutcome, arrivedMs: number): OutcomeEntry {
  const entry = { offset: record.offset, arrivedMs, loggedMs: record.timestampMs, bytes: record.value.length, rows: 2 };
  if (outcome.fate === 'matched-nothing') {
    const acceptedAtMs = outcome.eventAcceptedAtMs || outcome.atMs;
    return { ...entry, rows: 1, attempt: null, delivery: null, unmatched: { tenantId: outcome.tenantId, eventId: outcome.eventId, acceptedAtMs, decidedAtMs: outcome.atMs } };
  }
  // A verdict alone is the registry's affair; tests, probes and resends are attempts that settle nothing.
  const isShown = outcome.attempt !== null || outcome.fate !== '';
  return {
    ...entry,
    attempt: isShown ? attemptRow(record, outcome) : null,
    delivery: outcome.deliveryId !== '' && outcome.fate !== '' ? settledDelivery(record.partition, outcome) : null,
    unmatched: null,
  };
}
