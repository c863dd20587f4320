import { Module } from '@nestjs/common';
import { Topics } from '@hooklane/contracts/topics';
import { partitionOf } from '@hooklane/event-log';
import { TenantMatchers } from '@hooklane/routing';
import type { ServiceContext, ServiceModule } from '@hooklane/service-host';
import { EventsAcceptedConsumer, FANOUT, type Fanout } from './events-accepted.consumer.js';
import { fanoutConfig, type FanoutConfig } from './fanout.config.js';
import { fanoutMetrics } from './fanout.metrics.js';
import { DeliveryPlanner } from './match/delivery-plan.js';
import { unusableHooks } from './unusable-hooks.js';

@Module({})
class FanoutModule {}

/** Events that may wait to be matched before publishers are slowed down, where both share a process. */
const UNREAD_LIMIT = 1_000;

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

function fanoutOf({ config, log, directory, clock, logger, metrics, traces, load }: ServiceContext<FanoutConfig>): Fanout {
  load.source('fanout', () => (log.lag?.(`fanout.${Topics.eventsAccepted}`) ?? 0) / UNREAD_LIMIT);
  const requestPartitions = log.partitionsOf(Topics.deliveriesRequested);
  const outcomePartitions = log.partitionsOf(Topics.deliveryOutcomes);
  const counted = fanoutMetrics(metrics);
  const matchers = new TenantMatchers(unusableHooks({ log, clock, logger, metrics: counted }));
  return {
    hooks: directory,
    log,
    clock,
    metrics: counted,
    traces: traces ?? null,
    matching: {
      matcherOf: (tenantId) => matchers.of(directory.hooksOf(tenantId)),
      projectNamed: (tenantId, name) => directory.projectNamed(tenantId, name),
      planner: new DeliveryPlanner((hookId) => partitionOf(hookId, requestPartitions)),
      incarnationsRemembered: config.FANOUT_INCARNATIONS_REMEMBERED,
    },
    partitionOfOutcome: (eventId) => partitionOf(eventId, outcomePartitions),
  };
}
