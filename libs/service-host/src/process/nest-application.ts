import 'reflect-metadata';
import { Module, type DynamicModule, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { NestMicroservice } from '@nestjs/microservices';
import type { IdSource } from '@hooklane/kernel';
import type { Logger } from '@hooklane/telemetry';
import { ApiKeyGuard, type Authenticator } from '../api-key.guard.js';
import type { LogTransport } from '../consuming/log-transport.js';
import { PassThroughFilter } from '../consuming/pass-through.filter.js';
import type { HttpApplication } from '../http/http-adapter.js';
import type { PeerPasses } from '../peers/peer-pass.js';
import { NulGuard } from '../nul.guard.js';
import { ProblemFilter } from '../problem/problem.filter.js';
import { QueryGuard } from '../query.guard.js';
import { SchemaPipe } from '../schema.pipe.js';
import { assertAccessRules } from './access-rules.js';
import type { GrpcEndpoint } from './grpc-server.js';
import { nestLogger } from './nest-logger.js';

@Module({})
class ProcessModule {}

export interface NestApplicationSettings {
  readonly modules: readonly DynamicModule[];
  readonly http: HttpApplication;
  readonly authenticator: Authenticator;
  readonly passes: Pick<PeerPasses, 'isPass' | 'admit'>;
  /** Null when no service of the process speaks gRPC. */
  readonly grpc: GrpcEndpoint | null;
  readonly consumers: LogTransport;
  readonly logger: Logger;
  readonly ids: IdSource;
}

export interface OneApplication {
  readonly app: NestFastifyApplication;
  /** Opens the gRPC port, and only then reads from the log: a port in use must not find consumers at work. After `app.init()`. */
  listen(): Promise<void>;
}

/** One Nest application for all services of a process: their controllers on one Fastify, their gRPC services on one port, their consumers on one log. */
export async function nestApplication(settings: NestApplicationSettings): Promise<OneApplication> {
  const { modules, http, authenticator, passes, grpc, consumers, logger, ids } = settings;
  const root: DynamicModule = { module: ProcessModule, imports: [...modules] };
  const app = await NestFactory.create<NestFastifyApplication>(root, http.adapter, { logger: nestLogger(logger), abortOnError: false, bodyParser: false });
  assertAccessRules(app);
  // On the application rather than as APP_… providers: modules stay embeddable, and gRPC gets the same.
  app.useGlobalGuards(new ApiKeyGuard(authenticator, passes), new NulGuard(), new QueryGuard());
  app.useGlobalPipes(new SchemaPipe());
  app.useGlobalFilters(new ProblemFilter(logger, ids, (path) => http.routes.methodsOf(path), http.shapes));
  const calls = grpc ? app.connectMicroservice(grpc.options, { inheritAppConfig: true }) : null;
  const reading = connectConsumers(app, consumers);
  const listen = async (): Promise<void> => {
    await calls?.listen();
    await reading.listen();
  };
  return { app, listen };
}

/** Without the application's guards and pipes: nobody calls a consumer from outside. */
function connectConsumers(app: NestFastifyApplication, consumers: LogTransport): INestMicroservice {
  const microservice = app.connectMicroservice({ strategy: consumers }, { deferInitialization: true }) as unknown as NestMicroservice & { setIsInitHookCalled(called: boolean): void };
  microservice.useGlobalFilters(new PassThroughFilter());
  // The application runs the modules' lifecycle hooks; the microservice shares its container and would run them again.
  microservice.setIsInitHookCalled(true);
  return microservice;
}
