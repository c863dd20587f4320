import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testDatabase } from '@hooklane/testkit';
import { z } from 'zod';
import { embeddedBindings } from '../embedded/index.js';
import { startService, type RunningService } from '../process/start-service.js';
import type { ServiceContext, ServiceModule } from '../service-module.js';
import { apiOf, type Api } from './api.js';

export interface UnderTestOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Of an earlier start, to go on with its data; then whoever made it drops it. Default: one of its own. */
  readonly databaseUrl?: string;
  /** As `databaseUrl`. */
  readonly directory?: string;
  /** The API key of calls that name none. */
  readonly key: string;
}

/** A service alone in its process, on the embedded log. */
export interface ServiceUnderTest {
  readonly service: RunningService;
  /** What a neighbour in the same process is given: the log, the directory, the secret box. A spec writes the topics in the other services' place with it. */
  readonly context: ServiceContext;
  readonly databaseUrl: string;
  /** Of its REST API, without a slash at the end. */
  readonly url: string;
  readonly call: Api;
  stop(): Promise<void>;
}

/** Starts it on free ports of 127.0.0.1; `service.ready` says when its workers are. */
export async function startUnderTest(module: ServiceModule, options: UnderTestOptions): Promise<ServiceUnderTest> {
  const database = options.databaseUrl === undefined ? await testDatabase() : null;
  const databaseUrl = options.databaseUrl ?? database?.url ?? '';
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), `hooklane-${module.name}-`)));
  const neighbour = neighbourModule();
  const service = await startService({
    name: module.name,
    modules: [module, neighbour.module],
    bindings: embeddedBindings,
    environment: { DATABASE_URL: databaseUrl, HOOKLANE_DATA_DIR: directory, HOOKLANE_PORT: '0', HOOKLANE_GRPC_PORT: '0', HOOKLANE_HOST: '127.0.0.1', HOOKLANE_LOG_LEVEL: 'error', ...options.environment },
  });
  const url = `http://127.0.0.1:${service.httpPort}`;
  return {
    service,
    context: neighbour.context(),
    databaseUrl,
    url,
    call: apiOf(url, options.key),
    async stop() {
      await service.stop('spec ended');
      await database?.drop();
      if (options.directory === undefined) await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A service that does nothing but keep what it is given. */
function neighbourModule(): { readonly module: ServiceModule; context(): ServiceContext } {
  class Neighbour {}
  let kept: ServiceContext | null = null;
  return {
    module: {
      name: 'inbox',
      config: z.object({}),
      migrations: null,
      grpc: [],
      register(context) {
        kept = context;
        return { module: Neighbour };
      },
    },
    context() {
      if (kept === null) throw new Error('the service has not started');
      return kept;
    },
  };
}
