import { Controller, Inject } from '@nestjs/common';
import { decodeDeliveriesRequested, Topics } from '@hooklane/contracts/topics';
import type { CommittedPosition, StartPosition, TopicPartition } from '@hooklane/event-log';
import { ConsumesTopic, TopicAssigned, TopicRevoked, type HandedBatch, type HandlerResult, type TopicConsumer } from '@hooklane/service-host';
import { GATHER_MS, INTAKE, type Intake } from './intake.js';
import { ReplayKeeper } from './replay-keeper.js';

/** deliveries.requested → deliveries, through the fold that delivery runs too; and the lanes that a person lets go before their catch-up is over. */
@Controller()
export class DeliveriesRequestedConsumer implements TopicConsumer {
  constructor(
    @Inject(INTAKE) private readonly intake: Intake,
    @Inject(ReplayKeeper) private readonly replays: ReplayKeeper,
  ) {}

  @TopicAssigned('log-query', Topics.deliveriesRequested)
  assigned(partitions: readonly TopicPartition[], _committed: readonly (CommittedPosition | null)[]): Promise<readonly StartPosition[]> {
    return this.intake.assign(partitions);
  }

  @TopicRevoked('log-query', Topics.deliveriesRequested)
  revoked(partitions: readonly TopicPartition[]): Promise<void> {
    return this.intake.revoke(partitions);
  }

  @ConsumesTopic('log-query', Topics.deliveriesRequested, { gatherMs: GATHER_MS })
  handle(batch: HandedBatch): Promise<HandlerResult> {
    return this.intake.add(batch, async ({ value, offset }) => {
      const { kind } = decodeDeliveriesRequested(value);
      if (kind?.$case === 'command') await this.replays.catchUpReleased(kind.value, offset);
    });
  }
}
