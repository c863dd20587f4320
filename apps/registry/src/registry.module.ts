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
    sealer,
    passwords,
    numbers,
    callers,
    logs: new PeerDeliveryLogs(context.peers, numbers),
    ids,
    clock,
    lanePartitionOf: (hookId) => lanePartition(log, hookId),
    targetPolicy: (tenantAllowed) => targetPolicyOf(targets, tenantAllowed),
  };
  return {
    module: RegistryNestModule,
    controllers: [...restControllers, ...grpcControllers, KeysUsedConsumer, DeliveryOutcomesConsumer],
    providers: [
      AnswerInterceptor,
      { provide: REGISTRY, useValue: registry },
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
