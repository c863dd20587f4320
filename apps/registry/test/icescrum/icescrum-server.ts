import { startRegistry, type RegistryUnderTest } from '../registry-service.js';
import type { Answered } from '@hooklane/service-host/testing';

/** A registry with two tenants, projects in each, and people with every role, called as iceScrum's clients call. */
export interface IcescrumServer {
  readonly registry: RegistryUnderTest;
  readonly tokens: Readonly<Record<'admin' | 'reader' | 'owner' | 'master' | 'member' | 'viewer' | 'stranger', string>>;
  readonly projectId: string;
  ws(method: string, path: string, options?: WsOptions): Promise<Answered>;
  /** A new hook of the project SHOP, made by its Product Owner. */
  hook(fields?: object, headers?: Readonly<Record<string, string>>): Promise<Answered['body']>;
}

export interface WsOptions {
  /** Default: the Product Owner of SHOP. Null: none. */
  readonly as?: keyof IcescrumServer['tokens'] | null;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export async function startIcescrum(environment: Readonly<Record<string, string>> = {}): Promise<IcescrumServer> {
  const registry = await startRegistry(environment);
  for (const tenant of ['acme', 'rival']) await registry.tenant(tenant);
  const project = async (tenant: string, key: string): Promise<string> => (await registry.call('POST', `/v1/tenants/${tenant}/projects`, { body: { key, name: key } })).body.id as string;
  const projectId = await project('acme', 'SHOP');
  await project('acme', 'SECOND');
  const rivalProject = await project('rival', 'RIVAL');
  const person = (tenant: string, name: string, projectOf: string, role: string): Promise<string> => tokenOf(registry, { tenant, name, project: projectOf, role });
  const tokens = {
    admin: await registry.key('acme', 'hooks:write'),
    reader: await registry.key('acme', 'hooks:read'),
    owner: await person('acme', 'owner', projectId, 'product-owner'),
    master: await person('acme', 'master', projectId, 'scrum-master'),
    member: await person('acme', 'member', projectId, 'member'),
    viewer: await person('acme', 'viewer', projectId, 'viewer'),
    stranger: await person('rival', 'stranger', rivalProject, 'product-owner'),
  };
  const ws: IcescrumServer['ws'] = (method, path, { as = 'owner', body, headers = {} } = {}) =>
    registry.call(method, `/ws${path}`, { key: null, body, headers: { accept: 'application/json', ...(as === null ? {} : { 'x-icescrum-token': tokens[as] }), ...headers } });
  return {
    registry,
    tokens,
    projectId,
    ws,
    async hook(fields = {}, headers = {}) {
      const { status, body, text } = await ws('POST', '/project/SHOP/hook', { headers, body: { hook: { url: 'https://receiver.example/in', events: ['story.create'], ...fields } } });
      if (status !== 201) throw new Error(`${status} ${text}`);
      return body;
    },
  };
}

/** An API key that speaks for a new user with this role in the project. */
async function tokenOf(registry: RegistryUnderTest, { tenant, name, project, role }: { tenant: string; name: string; project: string; role: string }): Promise<string> {
  const user = (await registry.call('POST', `/v1/tenants/${tenant}/users`, { body: { name, role: 'member' } })).body.id as string;
  await registry.call('PUT', `/v1/tenants/${tenant}/projects/${project}/members/${user}`, { body: { role } });
  return (await registry.call('POST', `/v1/tenants/${tenant}/api-keys`, { body: { name, scopes: ['hooks:write'], user } })).body.key as string;
}
