import { Module, type Provider } from '@nestjs/common';
import { Topics, type ApiKeyState } from '@hooklane/contracts/topics';
import { partitionOf } from '@hooklane/event-log';
import { toAppError } from '@hooklane/kernel';
import type { ServiceContext, ServiceModule } from '@hooklane/service-host';
import { EventAcceptor } from './accept/event-acceptor.js';
import { AdmissionGate } from './admission/admission-gate.js';
import { LogAppend } from './accept/log-append.js';
import { orderingPartition } from './accept/ordering-partition.js';
import { TracedAcceptor } from './accept/traced-acceptor.js';
import { claimStore } from './adapters/claim-store.pg.js';
import { CLAIMS, ClaimsKeeper, type Claims } from './adapters/claims-keeper.js';
import { quotaStore } from './adapters/quota-store.pg.js';
import { remoteAddresses } from './adapters/remote-address.js';
import { requestHash, sha256Hex } from './adapters/request-hash.js';
import { EventsController, INGEST, type Ingest } from './api/events.controller.js';
import { INBOUND, InboundController, inboundFailures, type Inbound } from './api/inbound.controller.js';
import { EventsGrpc } from './api/events.grpc.js';
import { ClaimBook } from './claims/claim-book.js';
import { eventIngestConfig, type EventIngestConfig } from './event-ingest.config.js';
import { ingestMetrics, type IngestMetrics } from './event-ingest.metrics.js';
import { InboundDesk } from './inbound/inbound-desk.js';
import { InboundLog } from './inbound/inbound-log.js';
import { RefusalBudget } from './inbound/refusal-budget.js';
import { SourceVerifiers } from './inbound/source-verifiers.js';
import { INBOUND_LOG, InboundKeeper } from './inbound-keeper.js';
import { ClaimsAndQuota1763730000000 } from './migrations/1-claims-and-quota.js';
import { SchemaCache } from './publish/schema-cache.js';
import { QuotaKeeper } from './quota/quota-keeper.js';

@Module({})
class EventIngestModule {}

type Context = ServiceContext<EventIngestConfig>;

const DAY_MS = 86_400_000;
/** Claims are single-flight, reports and quota beside them: more connections would stand idle. */
const CONNECTIONS = 4;
/** Quota that waits longer for Postgres would be felt by every publisher of the tenant. */
const QUOTA_TIMEOUT_MS = 500;

/** Accepts events: checks them, claims their ids, writes them to the log, and answers when they are there. */
export const eventIngestModule: ServiceModule<EventIngestConfig> = {
  name: 'event-ingest',
  config: eventIngestConfig,
  migrations: { schema: 'event_ingest', migrations: [ClaimsAndQuota1763730000000] },
  // Only events with an id or an Idempotency-Key are refused meanwhile.
  worksWithoutDatabase: true,
  failureShapes: [inboundFailures],
  grpc: ['hooklane/v1/event_service.proto'],
  register: (context) => ({ module: EventIngestModule, controllers: [EventsController, InboundController, EventsGrpc], providers: providersOf(context) }),
};

function providersOf(context: Context): Provider[] {
  return [
    { provide: CLAIMS, useFactory: () => claimsOf(context) },
    { provide: INGEST, useFactory: (claims: Claims) => ingestOf(context, claims), inject: [CLAIMS] },
    { provide: INBOUND_LOG, useFactory: ({ metrics }: Ingest) => inboundLogOf(context, metrics), inject: [INGEST] },
    { provide: INBOUND, useFactory: (ingest: Ingest, log: InboundLog) => inboundOf(context, ingest, log), inject: [INGEST, INBOUND_LOG] },
    ClaimsKeeper,
    InboundKeeper,
  ];
}

function claimsOf({ config, log, database, instanceId, logger }: Context): Claims {
  const store = claimStore(database.pool('event-ingest', CONNECTIONS), {
    owner: instanceId,
    leaseMs: config.EVENT_INGEST_CLAIM_LEASE_MS,
    keptMs: DAY_MS,
    timeoutMs: config.EVENT_INGEST_DATABASE_TIMEOUT_MS,
    soleOwner: log.soleWriter === true,
  });
  const book = new ClaimBook(store, (error) => logger.warn('claims not settled; tried again with the next renewal', { error: toAppError(error).message }));
  return { book, store, leaseMs: config.EVENT_INGEST_CLAIM_LEASE_MS, logger };
}

function ingestOf({ config, log, database, directory, clock, ids, instanceId, logger, metrics, traces, load }: Context, claims: Claims): Ingest {
  const partitions = log.partitionsOf(Topics.eventsAccepted);
  const quota = new QuotaKeeper(quotaStore(database.pool('event-ingest', CONNECTIONS), QUOTA_TIMEOUT_MS), clock, (error) =>
    logger.warn('quotas are held by this process alone: Postgres is away', { error: toAppError(error).message }),
  );
  const counted = ingestMetrics(metrics);
  const admission = new AdmissionGate({
    fullness: () => load.fullness(),
    clock,
    patienceMs: config.EVENT_INGEST_ADMISSION_WAIT_MS,
    waitingBytesMax: config.EVENT_INGEST_WAITING_BYTES,
    waited: counted.waitedForAdmission,
  });
  metrics.gauge('ingest_admission_waiting', 'Events whose publishers wait to be let in').collect(() => admission.waiting());
  const acceptor = new EventAcceptor({
    catalog: directory,
    schemas: new SchemaCache(),
    quota,
    claims: claims.book,
    append: new LogAppend(log, clock, config.EVENT_INGEST_APPEND_TIMEOUT_MS),
    admission,
    clock,
    ids,
    hashOf: requestHash,
    partitionOf: (tenantId, orderingKey) => orderingPartition(tenantId, orderingKey, (key) => partitionOf(key, partitions)),
    incarnation: instanceId,
    timeoutMs: config.EVENT_INGEST_APPEND_TIMEOUT_MS,
    defaultEventsPerSecond: config.EVENT_INGEST_EVENTS_PER_SECOND,
  });
  return { acceptor: traces ? new TracedAcceptor(acceptor, traces) : acceptor, metrics: counted, clock, mayPublish: (hash) => mayPublish(directory.apiKeyByHash(hash), clock.nowMs()) };
}

function inboundLogOf({ config, log, clock, ids, logger }: Context, counted: IngestMetrics): InboundLog {
  const partitions = log.partitionsOf(Topics.inboundCalled);
  return new InboundLog({
    log,
    budget: new RefusalBudget(config.EVENT_INGEST_REFUSED_CALLS_PER_MINUTE),
    clock,
    ids,
    partitionOf: (tenantId) => partitionOf(tenantId, partitions),
    lost(error) {
      counted.callNotLogged();
      logger.warn('a call from outside is not in the inbound log', { error: toAppError(error).message });
    },
  });
}

function inboundOf({ config, directory, secretBox, clock, logger }: Context, { acceptor, metrics }: Ingest, log: InboundLog): Inbound {
  const verifiers = new SourceVerifiers(
    (sealed, context) => secretBox.open(sealed, context).toString(),
    ({ tenantId, sourceId }, error) => logger.error('a source cannot be used', { tenantId, sourceId, error: toAppError(error).message }),
  );
  return {
    desk: new InboundDesk({ catalog: directory, acceptor, verifiers, log, clock, digestOf: sha256Hex, counted: (outcome) => metrics.called(outcome) }),
    defaultTenant: config.HOOKLANE_DEFAULT_TENANT,
    remoteAddressOf: remoteAddresses(config.EVENT_INGEST_TRUSTED_PROXIES),
  };
}

function mayPublish(key: ApiKeyState | undefined, nowMs: number): boolean {
  if (key === undefined || key.revoked || (key.expiresAtMs !== 0 && key.expiresAtMs <= nowMs)) return false;
  return key.scopes.includes('publish') || key.scopes.includes('admin');
}
