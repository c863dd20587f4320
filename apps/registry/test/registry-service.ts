import { jest } from '@jest/globals';
import { startUnderTest, type Answered, type ServiceUnderTest } from '@hooklane/service-host/testing';
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

/** The registry alone, on the embedded log and a database of its own. */
export async function startRegistry(environment: Readonly<Record<string, string>> = {}): Promise<RegistryUnderTest> {
  const started = await startUnderTest(registryModule, { environment: { HOOKLANE_ADMIN_KEY: ADMIN_KEY, ...environment }, key: ADMIN_KEY });
  const { service, call } = started;
  await service.adminKeys?.ensureFirst();
  return {
    ...started,
    tenant: async (name) => void (await call('PUT', `/v1/tenants/${name}`, { body: {} })),
    key: async (tenant, ...scopes) => (await call('POST', `/v1/tenants/${tenant}/api-keys`, { body: { name: 'spec', scopes } })).body.key as string,
    hook: async (tenant, fields = {}) => (await call('POST', `/v1/tenants/${tenant}/hooks`, { body: { name: 'a hook', url: 'https://receiver.example/in', ...fields } })).body,
  };
}
