import type { Answered } from '@hooklane/service-host/testing';
import { startRegistry, type RegistryUnderTest } from '../registry-service.js';

export interface BacklogCall {
  /** Default: a key that may change the tenant's hooks. Null: none. */
  readonly key?: string | null;
  /** Pairs of a urlencoded body, in their order. */
  readonly form?: readonly (readonly [name: string, value: string])[];
  /** Of the body as it is; with the Content-Type among the headers. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface BacklogUnderTest {
  readonly registry: RegistryUnderTest;
  /** May change the hooks of the tenant `acme`, which has the project SHOP. */
  readonly key: string;
  readonly shop: { readonly id: string; readonly number: number };
  /** @param path below `/api/v2`, authenticated by Backlog's own header */
  api(method: string, path: string, call?: BacklogCall): Promise<Answered>;
  /** A webhook of SHOP made by this API; fields given take the place of what it has otherwise. */
  webhook(...form: readonly (readonly [name: string, value: string])[]): Promise<Answered['body']>;
  /** The newest hook with this name, as the native API shows it. */
  native(name: string): Promise<Answered['body']>;
  project(key: string): Promise<{ readonly id: string; readonly number: number }>;
}

/** The registry with a tenant and its project SHOP, spoken to as Backlog. */
export async function startBacklog(environment: Readonly<Record<string, string>> = {}): Promise<BacklogUnderTest> {
  const registry = await startRegistry(environment);
  await registry.tenant('acme');
  const key = await registry.key('acme', 'hooks:write');
  let projects = 0;
  const project = async (projectKey: string) => {
    const { body } = await registry.call('POST', '/v1/tenants/acme/projects', { body: { key: projectKey, name: `The ${projectKey}` } });
    projects += 1;
    return { id: body.id as string, number: projects };
  };
  const shop = await project('SHOP');
  const api: BacklogUnderTest['api'] = async (method, path, { key: own = key, form, body, headers = {} } = {}) => {
    const response = await fetch(`${registry.url}/api/v2${path}`, {
      method,
      headers: { ...(own === null ? {} : { 'Backlog-API-Key': own }), ...(form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}), ...headers },
      ...(form ? { body: new URLSearchParams(form as [string, string][]).toString() } : body === undefined ? {} : { body }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: text === '' ? null : JSON.parse(text) };
  };
  return {
    registry,
    key,
    shop,
    api,
    project,
    async webhook(...form) {
      const usual = ([['name', 'chat'], ['hookUrl', 'https://chat.example/in']] as const).filter(([name]) => !form.some((field) => field[0] === name));
      return (await api('POST', '/projects/SHOP/webhooks', { form: [...usual, ...form] })).body;
    },
    async native(name) {
      const { body } = await registry.call('GET', '/v1/tenants/acme/hooks?limit=100');
      return body.items.findLast((hook: { name: string }) => hook.name === name);
    },
  };
}
