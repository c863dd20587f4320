import { Controller, Inject } from '@nestjs/common';
import { Topics } from '@hooklane/contracts/topics';
import type { CommittedPosition, StartPosition, TopicPartition } from '@hooklane/event-log';
import { ConsumesTopic, TopicAssigned, TopicRevoked, type HandedBatch, type HandlerResult, type TopicConsumer } from '@hooklane/service-host';
import { GATHER_MS, INTAKE, type Intake } from './intake.js';

/** events.accepted → events. The position is stored with the rows. */
@Controller()
export class EventsAcceptedConsumer implements TopicConsumer {
  constructor(@Inject(INTAKE) private readonly intake: Intake) {}

  @TopicAssigned('log-query', Topics.eventsAccepted)
  assigned(partitions: readonly TopicPartition[], _committed: readonly (CommittedPosition | null)[]): Promise<readonly StartPosition[]> {
    return this.intake.assign(partitions);
  }

  @TopicRevoked('log-query', Topics.eventsAccepted)
  revoked(partitions: readonly TopicPartition[]): Promise<void> {
    return this.intake.revoke(partitions);
  }

  @ConsumesTopic('log-query', Topics.eventsAccepted, { gatherMs: GATHER_MS })
  handle(batch: HandedBatch): Promise<HandlerResult> {
    return this.intake.add(batch);
  }
}
