import { AppError } from '@hooklane/kernel';
import type { Registry } from '../ports.js';
import { tenantAggregate, type TenantState } from './tenant.decider.js';

/** @throws AppError `not-found` */
export async function tenantOf(registry: Pick<Registry, 'reads'>, tenantId: string): Promise<TenantState> {
  const tenant = await registry.reads.find<TenantState>(tenantAggregate, tenantId, tenantId);
  if (!tenant) throw new AppError('not-found', 'There is no such tenant.');
  return tenant.state;
}
