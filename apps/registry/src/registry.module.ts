import { Module, type DynamicModule } from '@nestjs/common';
import type { DomainEvent, RecordedEvent } from '@hooklane/event-sourcing';
import { PostgresEventStore, rebuildProjections, Relay } from '@hooklane/event-sourcing/postgres';
import { targetPolicyOf } from '@hooklane/routing';
import { ADMIN_KEYS, KeptAnswers, type ServiceContext, type ServiceModule } from '@hooklane/service-host';
import { aggregateProjection } from './adapters/aggregate.projection.js';
import { PeerDeliveryLogs } from './adapters/delivery-logs.peer.js';
import { EventSourcedChanges } from './adapters/event-sourced-changes.js';
import { PostgresHealths, PostgresKeyUses } from './adapters/health-store.pg.js';
import { IdempotentAnswers } from './adapters/idempotent-answers.js';
import { lanePartition } from './adapters/lane-command-records.js';
import { registryMigrations } from './adapters/migrations/index.js';
import { PostgresLogins } from './adapters/logins.pg.js';
import { PostgresNumbers } from './adapters/numbers.pg.js';
import { numbersProjection } from './adapters/numbers.projection.js';
import { ScryptPasswords } from './adapters/passwords.js';
import { PostgresReadModels } from './adapters/read-models.js';
import { registrySource } from './adapters/registry-source.js';
import { boxedSealer } from './adapters/sealer.js';
import { boxedSecrets, hashOfApiKey } from './adapters/secrets.js';
import { PeerReceivers } from './adapters/receivers.peer.js';
import { relayPublisher } from './adapters/relay-publisher.js';
import { TableWatch } from './adapters/table-watch.js';
import { RegistryAdminKeys } from './admin-keys.js';
import { AnswerInterceptor } from './api/answer.interceptor.js';
import { PlatformApiKeysController, TenantApiKeysController } from './api/api-keys.controller.js';
import { ApiKeysGrpc } from './api/api-keys.grpc.js';
import { dialectFailureShapes } from './api/dialects/failure-shapes.js';
import { DialectsController } from './api/dialects.controller.js';
import { DialectsGrpc } from './api/dialects.grpc.js';
import { EventTypesController } from './api/event-types.controller.js';
import { EventTypesGrpc } from './api/event-types.grpc.js';
import { HistoryGrpc } from './api/history.grpc.js';
import { HooksController } from './api/hooks.controller.js';
import { HooksGrpc } from './api/hooks.grpc.js';
import { IcescrumHooksController } from './api/icescrum/icescrum-hooks.controller.js';
import { ICESCRUM_SETTINGS, type IcescrumSettings } from './api/icescrum/icescrum.settings.js';
import { ImportsController } from './api/imports.controller.js';
import { ImportsGrpc } from './api/imports.grpc.js';
import { LaneCommandsController } from './api/lane-commands.controller.js';
import { LaneCommandsGrpc } from './api/lane-commands.grpc.js';
import { ProjectsController } from './api/projects.controller.js';
import { ProjectsGrpc } from './api/projects.grpc.js';
import { KEPT_ANSWERS, REBUILD, REGISTRY, REGISTRY_POOL } from './api/registry.token.js';
import { ReadModelsController } from './api/read-models.controller.js';
import { TenantsController } from './api/tenants.controller.js';
import { TenantsGrpc } from './api/tenants.grpc.js';
import { UsersController } from './api/users.controller.js';
import { UsersGrpc } from './api/users.grpc.js';
import { RegistryDialectCallers } from './caller/dialect-callers.js';
import { DeliveryOutcomesConsumer } from './delivery-outcomes.consumer.js';
import { operatorDialects } from './hook/operator-dialects.js';
import { KeysUsedConsumer } from './keys-used.consumer.js';
import type { Registry } from './ports.js';
import { registryConfig, type RegistryConfig } from './registry.config.js';
import { RegistryWorkers } from './registry.workers.js';

@Module({})
class RegistryNestModule {}

const restControllers = [TenantsController, TenantApiKeysController, PlatformApiKeysController, HooksController, LaneCommandsController, EventTypesController, ProjectsController, UsersController, DialectsController, ImportsController, ReadModelsController];
const dialectControllers = [IcescrumHooksController];
const grpcControllers = [TenantsGrpc, ApiKeysGrpc, HooksGrpc, LaneCommandsGrpc, EventTypesGrpc, ProjectsGrpc, UsersGrpc, HistoryGrpc, DialectsGrpc, ImportsGrpc];

const ORM_CONNECTIONS = 8;
const RAW_CONNECTIONS = 4;

const projections = [aggregateProjection, numbersProjection];

export const registryModule: ServiceModule<RegistryConfig> = {
  name: 'registry',
  config: registryConfig,
  migrations: registryMigrations,
  grpc: ['tenant', 'api_key', 'hook', 'lane_command', 'event_type', 'project', 'user', 'history', 'dialect', 'import'].map((service) => `hooklane/v1/${service}_service.proto`),
  failureShapes: dialectFailureShapes,
  register,
};

function register(context: ServiceContext<RegistryConfig>): DynamicModule {
  const { config, log, database, secretBox, clock, ids, random, logger, targets } = context;
  const source = registrySource(database, ORM_CONNECTIONS);
  const pool = database.pool('registry', RAW_CONNECTIONS);
  const store = new PostgresEventStore(source, { schema: 'registry', projections, onCommitted: () => relay.wake() });
  const relay: Relay = relayOf(context, source, store);
  const answers = new IdempotentAnswers(source, secretBox);
  const changes = new EventSourcedChanges({ store, answers, relay, effectTimeoutMs: config.HOOKLANE_CHANGE_TIMEOUT_MS });
  const tables = new TableWatch({ log, source, store, changes, clock, logger, instanceId: context.instanceId });
  const reads = new PostgresReadModels(source, store);
  const numbers = new PostgresNumbers(pool);
  const sealer = boxedSealer(secretBox);
  const passwords = new ScryptPasswords(random);
  const callers = new RegistryDialectCallers({ reads, numbers, sealer, passwords, clock, logins: new PostgresLogins(pool), defaultTenant: config.HOOKLANE_DEFAULT_TENANT, authenticate: context.authenticate });
  const registry: Registry = {
    changes,
    reads,
    healths: new PostgresHealths(pool),
    keyUses: new PostgresKeyUses(pool),
    secrets: boxedSecrets(secretBox, random),
    receivers: new PeerReceivers(context.peers),
    sealer,
    passwords,
    numbers,
    callers,
    logs: new PeerDeliveryLogs(context.peers, numbers),
    ids,
    clock,
    dialectOf: operatorDialects({ icescrum: config.HOOKLANE_ICESCRUM_FAILURE_LIMIT }),
    lanePartitionOf: (hookId) => lanePartition(log, hookId),
    targetPolicy: (tenantAllowed) => targetPolicyOf(targets, tenantAllowed),
  };
  return {
    module: RegistryNestModule,
    controllers: [...restControllers, ...dialectControllers, ...grpcControllers, KeysUsedConsumer, DeliveryOutcomesConsumer],
    providers: [
      AnswerInterceptor,
      { provide: REGISTRY, useValue: registry },
      { provide: ICESCRUM_SETTINGS, useValue: { serverHooks: config.HOOKLANE_ICESCRUM_SERVER_HOOKS } satisfies IcescrumSettings },
      { provide: REGISTRY_POOL, useValue: pool },
      { provide: KEPT_ANSWERS, useValue: new KeptAnswers(pool, 'registry', clock) },
      { provide: REBUILD, useValue: () => rebuildProjections(source, 'registry', projections) },
      { provide: ADMIN_KEYS, useFactory: () => new RegistryAdminKeys(registry, config.HOOKLANE_ADMIN_KEY, hashOfApiKey) },
      { provide: RegistryWorkers, useFactory: () => new RegistryWorkers({ source, relay, tables, answers, logger }) },
    ],
    exports: [ADMIN_KEYS],
  };
}

function relayOf({ log, health, instanceId, logger, metrics, clock }: ServiceContext<RegistryConfig>, source: ConstructorParameters<typeof Relay>[0], store: PostgresEventStore): Relay {
  const worker = health.worker('registry relay');
  const publish = relayPublisher(log, store);
  let underWay: readonly RecordedEvent<DomainEvent>[] = [];
  const lag = metrics.gauge('relay_lag_seconds', 'Age of the oldest change that is handed to the log and not yet acked; 0: none.');
  lag.collect(() => (underWay[0] ? Math.max(0, clock.nowMs() - underWay[0].meta.atMs) / 1_000 : 0));
  let problemBefore: string | null = '';
  return new Relay(source, store, {
    schema: 'registry',
    name: 'tables',
    holder: instanceId,
    async publish(events) {
      underWay = events;
      await publish(events);
      underWay = [];
    },
    onState(problem) {
      if (problem === problemBefore) return;
      problemBefore = problem;
      if (problem === null) return worker.ready();
      worker.notReady(problem);
      logger.warn('relay waits', { reason: problem });
    },
  });
}
