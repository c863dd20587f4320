import { Controller, Inject } from '@nestjs/common';
import { Topics } from '@hooklane/contracts/topics';
import type { CommittedPosition, StartPosition, TopicPartition } from '@hooklane/event-log';
import { ConsumesTopic, TopicAssigned, TopicRevoked, type HandedBatch, type HandlerResult, type TopicConsumer } from '@hooklane/service-host';
import { GATHER_MS, INTAKE, type Intake } from './intake.js';
import { readOutcome } from './read-model/read-outcome.js';
import { ReplayKeeper } from './replay-keeper.js';

/** delivery.outcomes → attempts, the fates of deliveries, the events that matched nothing, and the catch-ups that lanes are ready for. */
@Controller()
export class DeliveryOutcomesConsumer implements TopicConsumer {
  constructor(
    @Inject(INTAKE) private readonly intake: Intake,
    @Inject(ReplayKeeper) private readonly replays: ReplayKeeper,
  ) {}

  @TopicAssigned('log-query', Topics.deliveryOutcomes)
  assigned(partitions: readonly TopicPartition[], _committed: readonly (CommittedPosition | null)[]): Promise<readonly StartPosition[]> {
    return this.intake.assign(partitions);
  }

  @TopicRevoked('log-query', Topics.deliveryOutcomes)
  revoked(partitions: readonly TopicPartition[]): Promise<void> {
    return this.intake.revoke(partitions);
  }

  @ConsumesTopic('log-query', Topics.deliveryOutcomes, { gatherMs: GATHER_MS })
  handle(batch: HandedBatch): Promise<HandlerResult> {
    return this.intake.add(batch, async ({ value, partition, offset }) => {
      const { tenantId, hookId, catchUpOpened } = readOutcome(value);
      if (catchUpOpened) await this.replays.catchUpOpened({ tenantId, hookId, partition, outcomeOffset: offset, opened: catchUpOpened });
    });
  }
}
