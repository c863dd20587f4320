import type { TenantView } from '@hooklane/contracts/rest';
import type { CatalogChanged } from '@hooklane/contracts/topics';
import type { TenantState } from './tenant.decider.js';

export function tenantView(tenant: TenantState, version: number): TenantView {
  return {
    id: tenant.tenantId,
    name: tenant.name,
    unknownEventTypes: tenant.unknownEventTypes,
    quotas: { eventsPerSecond: tenant.eventsPerSecond, eventsBurst: tenant.eventsBurst, maxParkedPerHook: tenant.maxParkedPerHook },
    retentionDays: tenant.retentionDays,
    allowedTargets: [...tenant.allowedTargets],
    version,
    createdAt: new Date(tenant.createdAtMs).toISOString(),
    updatedAt: new Date(tenant.updatedAtMs).toISOString(),
  };
}

export function tenantRecord(tenant: TenantState, version: number): CatalogChanged {
  const { tenantId, name, unknownEventTypes, eventsPerSecond, eventsBurst, maxParkedPerHook, retentionDays, createdAtMs } = tenant;
  return {
    version,
    entry: {
      $case: 'tenant',
      value: { tenantId, deleted: false, name, unknownEventTypes, eventsPerSecond, eventsBurst, maxParkedPerHook, retentionDays, allowedTargets: [...tenant.allowedTargets], createdAtMs },
    },
  };
}
