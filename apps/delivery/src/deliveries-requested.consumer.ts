import { Controller, Inject } from '@nestjs/common';
import { Topics } from '@hooklane/contracts/topics';
import type { StartPosition, TopicPartition } from '@hooklane/event-log';
import { ConsumesTopic, TopicAssigned, TopicRevoked, type HandedBatch, type HandlerResult, type TopicConsumer } from '@hooklane/service-host';
import type { PartitionKeeper } from './owner/partition-keeper.js';

export const PARTITION_KEEPER = Symbol('partition keeper');

/** deliveries.requested → lanes. Where to begin is said by the partition's progress row, not by the log's committed position. */
@Controller()
export class DeliveriesRequestedConsumer implements TopicConsumer {
  constructor(@Inject(PARTITION_KEEPER) private readonly keeper: PartitionKeeper) {}

  @TopicAssigned('delivery', Topics.deliveriesRequested)
  assigned(partitions: readonly TopicPartition[]): Promise<readonly StartPosition[]> {
    return this.keeper.assigned(partitions);
  }

  @TopicRevoked('delivery', Topics.deliveriesRequested)
  revoked(partitions: readonly TopicPartition[]): Promise<void> {
    return this.keeper.revoked(partitions);
  }

  @ConsumesTopic('delivery', Topics.deliveriesRequested)
  handle(batch: HandedBatch): Promise<HandlerResult> {
    return this.keeper.handle(batch);
  }
}
