import { jest } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startService, type RunningService, type ServiceContext, type ServiceModule } from '@hooklane/service-host';
import { embeddedBindings } from '@hooklane/service-host/embedded';
import { testDatabase } from '@hooklane/testkit';
import { z } from 'zod';
import { registryModule } from '../src/registry.module.js';

// Starting a service takes a second, or ten on a machine that is doing something else.
jest.setTimeout(60_000);

export const ADMIN_KEY = 'admin-key-for-these-specs';

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  // Specs look into answers freely.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Null: without one. */
  readonly key?: string | null;
}

export interface RegistryUnderTest {
  readonly service: RunningService;
  readonly databaseUrl: string;
  /** What a service of the same process is given: the log and the directory. */
  readonly context: ServiceContext;
  call(method: string, path: string, options?: CallOptions): Promise<Answered>;
  /** A new tenant with this name. */
  tenant(name: string): Promise<void>;
  /** A key of the tenant with these scopes. */
  key(tenant: string, ...scopes: string[]): Promise<string>;
  /** A new hook of the tenant. */
  hook(tenant: string, fields?: object): Promise<Answered['body']>;
  stop(): Promise<void>;
}

/** The registry alone, on the embedded log and a database of its own. */
export async function startRegistry(environment: Readonly<Record<string, string>> = {}): Promise<RegistryUnderTest> {
  const database = await testDatabase();
  const directory = await mkdtemp(join(tmpdir(), 'hooklane-registry-'));
  const neighbour = neighbourModule();
  const service = await startService({
    name: 'registry',
    modules: [registryModule as never, neighbour.module as never],
    bindings: embeddedBindings as never,
    environment: { DATABASE_URL: database.url, HOOKLANE_DATA_DIR: directory, HOOKLANE_PORT: '0', HOOKLANE_GRPC_PORT: '0', HOOKLANE_HOST: '127.0.0.1', HOOKLANE_LOG_LEVEL: 'error', HOOKLANE_ADMIN_KEY: ADMIN_KEY, ...environment },
  });
  await service.adminKeys?.ensureFirst();
  const call = async (method: string, path: string, { body, headers = {}, key = ADMIN_KEY }: CallOptions = {}): Promise<Answered> => {
    const response = await fetch(`http://127.0.0.1:${service.httpPort}${path}`, {
      method,
      headers: { ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
  };
  return {
    service,
    databaseUrl: database.url,
    context: neighbour.context(),
    call,
    tenant: async (name) => void (await call('PUT', `/v1/tenants/${name}`, { body: {} })),
    key: async (tenant, ...scopes) => (await call('POST', `/v1/tenants/${tenant}/api-keys`, { body: { name: 'spec', scopes } })).body.key as string,
    hook: async (tenant, fields = {}) => (await call('POST', `/v1/tenants/${tenant}/hooks`, { body: { name: 'a hook', url: 'https://receiver.example/in', ...fields } })).body,
    async stop() {
      await service.stop('spec ended');
      await database.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A service that does nothing but keep what it is given. */
function neighbourModule(): { module: ServiceModule; context: () => ServiceContext } {
  let kept: ServiceContext | undefined;
  class Neighbour {}
  return {
    context: () => kept!,
    module: {
      name: 'delivery',
      config: z.object({}),
      migrations: null,
      grpc: [],
      register(context) {
        kept = context;
        return { module: Neighbour };
      },
    },
  };
}
