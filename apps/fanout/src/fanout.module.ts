import { Module } from '@nestjs/common';
import { Topics } from '@hooklane/contracts/topics';
import { partitionOf } from '@hooklane/event-log';
import { toAppError } from '@hooklane/kernel';
import { TenantMatchers } from '@hooklane/routing';
import type { ServiceContext, ServiceModule } from '@hooklane/service-host';
import { EventsAcceptedConsumer, FANOUT, type Fanout } from './events-accepted.consumer.js';
import { fanoutConfig, type FanoutConfig } from './fanout.config.js';
import { fanoutMetrics } from './fanout.metrics.js';
import { DeliveryPlanner } from './match/delivery-plan.js';

@Module({})
class FanoutModule {}

/** Matches events to hooks. Stores nothing: its position and its marks stand in the log. */
export const fanoutModule: ServiceModule<FanoutConfig> = {
  name: 'fanout',
  config: fanoutConfig,
  migrations: null,
  grpc: [],
  register: (context) => ({
    module: FanoutModule,
    controllers: [EventsAcceptedConsumer],
    providers: [{ provide: FANOUT, useFactory: () => fanoutOf(context) }],
  }),
};

function fanoutOf({ config, log, directory, clock, logger, metrics }: ServiceContext<FanoutConfig>): Fanout {
  const requestPartitions = log.partitionsOf(Topics.deliveriesRequested);
  const outcomePartitions = log.partitionsOf(Topics.deliveryOutcomes);
  const matchers = new TenantMatchers((hook, error) =>
    logger.error('a hook matches nothing: its conditions cannot be prepared', { tenant: hook.tenantId, hook: hook.hookId, version: hook.version, error: toAppError(error).message }),
  );
  return {
    hooks: directory,
    log,
    clock,
    metrics: fanoutMetrics(metrics),
    matching: {
      matcherOf: (tenantId) => matchers.of(directory.hooksOf(tenantId)),
      planner: new DeliveryPlanner((hookId) => partitionOf(hookId, requestPartitions)),
      incarnationsRemembered: config.FANOUT_INCARNATIONS_REMEMBERED,
    },
    partitionOfOutcome: (eventId) => partitionOf(eventId, outcomePartitions),
  };
}
