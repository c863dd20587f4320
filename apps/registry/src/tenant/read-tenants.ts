import type { TenantView } from '@hooklane/contracts/rest';
import { AppError } from '@hooklane/kernel';
import { pageAnswer, pageRequest, type Page, type PageWish } from '../page.js';
import type { Answer, Registry } from '../ports.js';
import { tenantView } from './tenant-view.js';
import { tenantAggregate, type TenantState } from './tenant.decider.js';

/** @throws AppError `not-found` */
export async function readTenant(registry: Registry, tenantId: string): Promise<Answer<TenantView>> {
  const tenant = await registry.reads.find<TenantState>(tenantAggregate, tenantId, tenantId);
  if (!tenant) throw new AppError('not-found', 'There is no such tenant.');
  return { status: 200, version: tenant.version, body: tenantView(tenant.state, tenant.version) };
}

/** @param only the one tenant that the key may see; null: all of them */
export async function listTenants(registry: Registry, only: string | null, wish: PageWish): Promise<Answer<Page<TenantView>>> {
  const request = pageRequest('tenants', only ?? '', wish);
  const found = await registry.reads.page<TenantState>(tenantAggregate, only ?? '', request);
  return { status: 200, version: null, body: pageAnswer('tenants', only ?? '', request, found, ({ state, version }) => tenantView(state, version)) };
}
