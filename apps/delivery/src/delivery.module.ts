import { Module, type DynamicModule } from '@nestjs/common';
import { Topics } from '@hooklane/contracts/topics';
import { partitionOf } from '@hooklane/event-log';
import { KeptAnswers, type ServiceContext, type ServiceModule } from '@hooklane/service-host';
import { PgDeliveryStates } from './adapters/delivery-states.pg.js';
import { UndiciSender } from './adapters/http-sender.js';
import { PgLaneRowStore } from './adapters/lane-store.pg.js';
import { PgLeaseStore } from './adapters/lease-store.pg.js';
import { PgParkingStore } from './adapters/parking-store.pg.js';
import { LANES, LanesController, type Lanes } from './api/lanes.controller.js';
import { LanesGrpc } from './api/lanes.grpc.js';
import { ReceiversGrpc } from './api/receivers.grpc.js';
import { ResendsController } from './api/resends.controller.js';
import { DeliveriesRequestedConsumer, PARTITION_KEEPER } from './deliveries-requested.consumer.js';
import { deliveryConfig, type DeliveryConfig } from './delivery.config.js';
import { deliveryMetrics } from './delivery.metrics.js';
import { HookLanes } from './inspect/hook-lanes.js';
import { PastLane } from './inspect/past-lane.js';
import { Receivers } from './inspect/receivers.js';
import { Resends } from './inspect/resends.js';
import { CreateDelivery1763700000000 } from './migrations/create-delivery-1763700000000.js';
import { KeepAnswers1763700000001 } from './migrations/keep-answers-1763700000001.js';
import { LaneModes1763700000002 } from './migrations/lane-modes-1763700000002.js';
import { SuspectReleases1763700000003 } from './migrations/suspect-releases-1763700000003.js';
import { DeliveryWorkers } from './delivery.workers.js';
import { HookProfiles } from './owner/hook-profile.js';
import { LaneOwner } from './owner/lane-owner.js';
import { backlogAgeMs, lanesPaced, parkedDeliveries, pressureOf } from './owner/lane-totals.js';
import { PartitionKeeper } from './owner/partition-keeper.js';
import { PostgresTime } from './owner/postgres-time.js';

@Module({})
class DeliveryNestModule {}

/** Leases, rows and parking each have their own connections: a large page of parked events must not hold up a renewal. */
const LEASE_CONNECTIONS = 2;
const PARKING_CONNECTIONS = 6;
const ROW_CONNECTIONS = 2;
const ANSWER_CONNECTIONS = 2;
/** Records of deliveries.requested that may wait to be read before publishers are slowed down, where both share a process. */
const UNREAD_LIMIT = 2_000;

/** Brings events to hooks: lanes, signing, sending, parking, retry. */
export const deliveryModule: ServiceModule<DeliveryConfig> = {
  name: 'delivery',
  config: deliveryConfig,
  migrations: { schema: 'delivery', migrations: [CreateDelivery1763700000000, KeepAnswers1763700000001, LaneModes1763700000002, SuspectReleases1763700000003] },
  grpc: ['hooklane/v1/lane_service.proto', 'hooklane/v1/receiver_service.proto'],
  register,
};

function register(context: ServiceContext<DeliveryConfig>): DynamicModule {
  const { config, log, database, directory, clock, ids, random, logger, metrics, health, instanceId, load, secretBox, targets, traces, version } = context;
  const time = new PostgresTime(() => clock.monotonicMs());
  time.observe(clock.nowMs(), clock.monotonicMs());
  const stores = {
    leases: new PgLeaseStore(database.pool('delivery-leases', LEASE_CONNECTIONS)),
    laneRows: new PgLaneRowStore(database.pool('delivery-lanes', ROW_CONNECTIONS)),
    parking: new PgParkingStore(database.pool('delivery-parking', PARKING_CONNECTIONS)),
  };
  const sender = new UndiciSender(() => clock.monotonicMs());
  const profiles = new HookProfiles({ secretBox, targets, userAgent: `Hooklane/${version}` });
  const counts = deliveryMetrics(metrics);
  const owner: LaneOwner = new LaneOwner({
    ...stores,
    log, hooks: directory, sender, profiles, clock, time, ids, random, logger, instanceId,
    metrics: counts,
    traces: traces ?? null,
    slots: { total: config.DELIVERY_IN_FLIGHT, unproven: config.DELIVERY_IN_FLIGHT_UNPROVEN },
    maxParkedPerHook: config.DELIVERY_MAX_PARKED_PER_HOOK,
    maxParkedPerTenant: config.DELIVERY_MAX_PARKED_PER_TENANT,
    memoryBytes: config.DELIVERY_MEMORY_BYTES,
    lost: (owned) => keeper.lost(owned),
  });
  const leaseHealth = health.worker('delivery leases');
  leaseHealth.ready();
  const keeper = new PartitionKeeper({
    ...stores,
    owner, log, hooks: directory, clock, time, instanceId, logger,
    health: (reason) => (reason === '' ? leaseHealth.ready() : leaseHealth.notReady(reason)),
  });
  counts.read({ inFlight: () => owner.requestsInFlight, parked: () => parkedDeliveries(owner.partitions.values()), backlogAgeMs: () => backlogAgeMs(owner.partitions.values(), clock.nowMs()), liveBytes: () => owner.machine.liveBytes, slotsUsed: (standing) => owner.slotsUsed(standing), lanesPaced: (reason) => lanesPaced(owner.partitions.values(), reason) });
  load.source('delivery-intake', () => (log.lag?.(`delivery.${Topics.deliveriesRequested}`) ?? 0) / UNREAD_LIMIT);
  load.source('delivery-lanes', () => pressureOf(owner.partitions.values(), load.busyShare(), clock.monotonicMs()));
  const placeOf = (hookId: string): number => partitionOf(hookId, log.partitionsOf(Topics.deliveriesRequested));
  const answers = database.pool('delivery-answers', ANSWER_CONNECTIONS);
  const pastLane = new PastLane({ hooks: directory, profiles, sender, log, clock, ids, partitionOf: placeOf });
  const lanes: Lanes = {
    lanes: new HookLanes({ ...stores, hooks: directory, partitionOf: placeOf, laneOf: (partition, hookId) => owner.laneOfHook(partition, hookId) }),
    answers: new KeptAnswers(answers, 'delivery', clock),
    receivers: new Receivers({ pastLane, hooks: directory, profiles, clock, ids }),
    resends: new Resends({ pastLane, hooks: directory, profiles, log, states: new PgDeliveryStates(answers), clock, ids, partitionOf: placeOf }),
    clock,
  };
  const workers = { owner, keeper, hooks: directory, sender, logger, health: health.worker('delivery lanes'), shutdownMs: config.DELIVERY_SHUTDOWN_MS };
  return {
    module: DeliveryNestModule,
    controllers: [DeliveriesRequestedConsumer, LanesController, ResendsController, LanesGrpc, ReceiversGrpc],
    providers: [
      { provide: LANES, useValue: lanes },
      { provide: PARTITION_KEEPER, useValue: keeper },
      { provide: DeliveryWorkers, useFactory: () => new DeliveryWorkers(workers) },
    ],
  };
}
