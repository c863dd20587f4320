import { ModulesContainer } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { cryptoRandom, systemClock, timeOrderedIds, toAppError } from '@hooklane/kernel';
import { ApiKeyAuthenticator, openDirectory, type TableProblem } from '@hooklane/directory';
import { openLogger, otlpTraces, prometheusMetrics, type Logger, type PrometheusMetrics } from '@hooklane/telemetry';
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { ADMIN_KEYS, type AdminKeys } from '../admin-keys.js';
import { Incidents } from '../consuming/incidents.js';
import { LogTransport } from '../consuming/log-transport.js';
import { httpApplication } from '../http/http-adapter.js';
import { HttpFront } from '../http/http-front.js';
import { GrpcPeers } from '../peers/grpc-peers.js';
import { PeerPasses } from '../peers/peer-pass.js';
import type { PeerAddresses } from '../peers/peers.js';
import { failureShapes } from '../problem/failure-shape.js';
import type { ServiceModule } from '../service-module.js';
import type { Bindings, OpenBindings } from './bindings.js';
import { needDatabase, watchDatabase } from './database-watch.js';
import { processEnvironment, type Environment } from './environment.config.js';
import { grpcEndpoint } from './grpc-server.js';
import { HealthBook } from './health-book.js';
import { keyUses } from './key-uses.js';
import { nestApplication } from './nest-application.js';
import type { OpenParts } from './open-parts.js';
import { answerOperator } from './operator-routes.js';
import { ProcessLoadBook } from './process-load.js';
import { maskedSummary, processConfig, readConfig, type ProcessConfig } from './process-config.js';
import { stopService } from './stop-service.js';
import { version } from './version.js';

export interface ServiceOptions {
  /** Of the process: a service's name, or `all-in-one`. */
  readonly name: string;
  readonly modules: readonly ServiceModule[];
  readonly bindings: Bindings;
  /** Default: the process's own. */
  readonly environment?: Environment;
  /** Default: JSON lines on stdout. */
  readonly logger?: Logger;
}

export interface RunningService {
  readonly host: string;
  readonly httpPort: number;
  /** Null when no service of the process speaks gRPC. */
  readonly grpcPort: number | null;
  readonly logger: Logger;
  /** Null when the registry is not in this process. */
  readonly adminKeys: AdminKeys | null;
  /** Resolves when every worker has been ready once. */
  readonly ready: Promise<void>;
  /** Orderly: unready, intake, consumers, in flight, log, stores. May be called twice. */
  stop(reason: string): Promise<void>;
}

/**
 * Starts the services of a process, without touching the process itself (signals, exit): `runService` does that.
 * The HTTP port is open, alive and not ready, from the first moment; the promise resolves when everything is open, which waits for the log and the database.
 * @throws AppError of configuration, of a port in use, or of the bindings, after closing what was open
 * @param stopping ends the waiting
 */
export async function startService(options: ServiceOptions, stopping: AbortSignal = new AbortController().signal, fatal: (error: Error) => void = () => undefined): Promise<RunningService> {
  const environment = options.environment ?? processEnvironment;
  const config = readConfig(processConfig, environment);
  const bindingsConfig = readConfig<object>(options.bindings.config as never, environment) as never;
  const moduleConfigs = options.modules.map((module) => readConfig<object>(module.config as never, environment));
  const instanceId = `${options.name}-${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`;
  const logger = options.logger ?? openLogger(config.HOOKLANE_LOG_LEVEL, { process: options.name });
  const metrics = prometheusMetrics();
  const health = new HealthBook();
  const view = { name: options.name, version, mode: options.bindings.mode, services: options.modules.map(({ name }) => name), instanceId, health, metrics };
  const shapes = failureShapes(options.modules.flatMap((module) => module.failureShapes ?? []));
  const parts: OpenParts = { health, front: new HttpFront((request, response) => answerOperator(view, request, response), shapes) };
  const host = config.HOOKLANE_HOST ?? options.bindings.host;
  logger.info('starting', { version, mode: options.bindings.mode, instanceId, services: view.services, config: maskedSummary(config, bindingsConfig, ...moduleConfigs) });
  try {
    const httpPort = await parts.front.listen(config.HOOKLANE_PORT, host);
    const process = health.worker('start');
    parts.bindings = await openBindings(options, bindingsConfig, { instanceId, logger, metrics, health, stopping, fatal });
    await openApplication(parts, options, moduleConfigs, { config, host, instanceId, logger, metrics });
    process.ready();
    const adminKeys = providerOf<AdminKeys>(parts.app!, ADMIN_KEYS);
    let stopped: Promise<void> | undefined;
    return {
      host,
      httpPort,
      grpcPort: parts.grpc?.port() ?? null,
      logger,
      adminKeys,
      ready: new Promise((resolve) => health.onChange((ready) => ready && resolve())),
      stop: (reason) => (stopped ??= stopService(parts, config, logger, reason)),
    };
  } catch (error) {
    await stopService(parts, { ...config, HOOKLANE_UNREADY_BEFORE_STOP_MS: 0 }, logger, toAppError(error).message);
    throw error;
  }
}

interface Means {
  readonly instanceId: string;
  readonly logger: Logger;
  readonly metrics: PrometheusMetrics;
}

async function openBindings(options: ServiceOptions, config: never, means: Means & { health: HealthBook; stopping: AbortSignal; fatal: (error: Error) => void }): Promise<OpenBindings> {
  const migrations = options.modules.flatMap((module) => (module.migrations ? [module.migrations] : []));
  return options.bindings.open({ ...means, config, processName: options.name, migrations, clock: systemClock, ids: timeOrderedIds, random: cryptoRandom, metrics: means.metrics.of(options.name) });
}

async function openApplication(parts: OpenParts, options: ServiceOptions, moduleConfigs: readonly object[], means: Means & { config: ProcessConfig; host: string }): Promise<void> {
  const { log, database, secretBox, targets } = parts.bindings!;
  const { config, host, instanceId, logger, metrics } = means;
  const { health } = parts;
  if (needDatabase(options.modules)) parts.unwatchDatabase = watchDatabase(database, health.worker('database answers'));
  const directory = openDirectory(log, instanceId, (problem) => logger.error('table not followed', tableProblem(problem)));
  parts.directory = directory;
  const tables = health.worker('directory');
  directory.ready.then(() => tables.ready(), (error: unknown) => tables.notReady(toAppError(error).message));

  if (config.OTEL_EXPORTER_OTLP_ENDPOINT) parts.traces = await otlpTraces(config.OTEL_EXPORTER_OTLP_ENDPOINT, options.name, version, logger);
  const passes = new PeerPasses(secretBox, systemClock);
  const peers = new GrpcPeers(() => peerAddresses(parts, host), passes);
  parts.peers = peers;
  const authenticator = new ApiKeyAuthenticator(directory, systemClock, keyUses(log, logger));
  const load = new ProcessLoadBook(() => systemClock.monotonicMs());
  const modules = options.modules.map((module, index) =>
    module.register({
      config: moduleConfigs[index] as never,
      log, database, directory, secretBox, instanceId, version, health, load, peers,
      clock: systemClock,
      authenticate: (apiKey) => authenticator.authenticate(apiKey, { strict: false }),
      ids: timeOrderedIds,
      random: cryptoRandom,
      logger: logger.with({ service: module.name }),
      metrics: metrics.of(module.name),
      ...(parts.traces ? { traces: parts.traces.of(module.name) } : {}),
      targets: { ...targets, allowedTargets: config.HOOKLANE_ALLOWED_TARGETS },
    }),
  );
  const fullness = metrics.of(options.name).gauge('load_fullness', 'How much waits in this process, by where: 1 is as much as should ever wait', ['source']);
  for (const [source, read] of load.all()) fullness.collect(read, source);
  const protos = options.modules.flatMap((module) => module.grpc).filter((file) => file.endsWith('.proto'));
  parts.grpc = protos.length > 0 ? grpcEndpoint(protos, host, config.HOOKLANE_GRPC_PORT, health) : null;
  parts.http = httpApplication(parts.front);
  parts.consumers = new LogTransport({ log, incidents: new Incidents(log, systemClock), logger, metrics: metrics.of(options.name), health });
  const { app, listen } = await nestApplication({ modules, http: parts.http, authenticator, passes, grpc: parts.grpc, consumers: parts.consumers, logger, ids: timeOrderedIds });
  parts.app = app;
  await app.init();
  await parts.http.instance.ready();
  await listen();
  parts.front.open();
}

/** In one process they are all behind its own port, on whatever interface it listens. */
function peerAddresses({ bindings, grpc }: OpenParts, host: string): PeerAddresses {
  if (bindings!.peers !== 'here') return bindings!.peers;
  if (!grpc) return {};
  const own = ANY_INTERFACE.get(host) ?? host;
  const address = `${own.includes(':') ? `[${own}]` : own}:${grpc.port()}`;
  return { delivery: address, 'log-query': address };
}

const ANY_INTERFACE: ReadonlyMap<string, string> = new Map([['0.0.0.0', '127.0.0.1'], ['::', '::1']]);

/** Like `app.get`, which logs an error when there is none. */
function providerOf<Provider>(app: NestFastifyApplication, token: symbol): Provider | null {
  for (const module of app.get(ModulesContainer).values()) {
    const wrapper = module.providers.get(token);
    if (wrapper) return wrapper.instance as Provider;
  }
  return null;
}

function tableProblem(problem: TableProblem): Record<string, unknown> {
  if (problem.kind === 'stopped') return { ...problem.failure, error: problem.failure.error === undefined ? undefined : toAppError(problem.failure.error).message };
  const { topic, partition, offset, key } = problem.record;
  return { kind: problem.kind, topic, partition, offset, key, error: toAppError(problem.error).message };
}
