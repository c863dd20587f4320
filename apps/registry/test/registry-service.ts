import { jest } from '@jest/globals';
import { startUnderTest, type Answered, type ServiceUnderTest } from '@hooklane/service-host/testing';
import type { ServiceModule } from '@hooklane/service-host';
import type { FactoryProvider, Type, ValueProvider } from '@nestjs/common';
import { REGISTRY } from '../src/api/registry.token.js';
import type { Registry } from '../src/ports.js';
import { registryModule } from '../src/registry.module.js';

// Starting a service takes a second, or ten on a machine that is doing something else.
jest.setTimeout(60_000);

export const ADMIN_KEY = 'admin-key-for-these-specs';

export interface RegistryUnderTest extends ServiceUnderTest {
  /** A new tenant with this name. */
  tenant(name: string): Promise<void>;
  /** A key of the tenant with these scopes. */
  key(tenant: string, ...scopes: string[]): Promise<string>;
  /** A new hook of the tenant. */
  hook(tenant: string, fields?: object): Promise<Answered['body']>;
}

export interface RegistryDoubles {
  /** In place of what other services answer. */
  readonly ports?: Partial<Registry>;
  /** Beside its own. */
  readonly controllers?: readonly Type[];
  readonly failureShapes?: ServiceModule['failureShapes'];
}

/** The registry alone, on the embedded log and a database of its own. */
export async function startRegistry(environment: Readonly<Record<string, string>> = {}, doubles: RegistryDoubles = {}): Promise<RegistryUnderTest> {
  const started = await startUnderTest(withDoubles(doubles), { environment: { HOOKLANE_ADMIN_KEY: ADMIN_KEY, ...environment }, key: ADMIN_KEY });
  const { service, call } = started;
  await service.adminKeys?.ensureFirst();
  return {
    ...started,
    tenant: async (name) => void (await call('PUT', `/v1/tenants/${name}`, { body: {} })),
    key: async (tenant, ...scopes) => (await call('POST', `/v1/tenants/${tenant}/api-keys`, { body: { name: 'spec', scopes } })).body.key as string,
    hook: async (tenant, fields = {}) => (await call('POST', `/v1/tenants/${tenant}/hooks`, { body: { name: 'a hook', url: 'https://receiver.example/in', ...fields } })).body,
  };
}

function withDoubles({ ports = {}, controllers = [], failureShapes = [] }: RegistryDoubles): ServiceModule {
  return {
    ...(registryModule as unknown as ServiceModule),
    failureShapes: [...(registryModule.failureShapes ?? []), ...failureShapes],
    register(context) {
      const made = registryModule.register(context as never);
      const providers = (made.providers ?? []).map((provider) => {
        const { provide, useValue } = provider as ValueProvider & FactoryProvider;
        return provide === REGISTRY ? { provide, useValue: { ...(useValue as Registry), ...ports } } : provider;
      });
      return { ...made, controllers: [...(made.controllers ?? []), ...controllers], providers };
    },
  };
}
