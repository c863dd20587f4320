import type { TenantView } from '@hooklane/contracts/rest';
import type { CatalogChanged } from '@hooklane/contracts/topics';
import type { TenantState } from './tenant.decider.js';

export function tenantView(tenant: TenantState, version: number): TenantView {
  return {
    id: tenant.tenantId,
    name: tenant.name,
    unknownEventTypes: tenant.unknownEventTypes,
    // Tenants as they were stored before there were these two settings.
    unknownProjects: tenant.unknownProjects ?? 'accept',
    webhookAccess: tenant.webhookAccess ?? false,
    quotas: { eventsPerSecond: tenant.eventsPerSecond, eventsBurst: tenant.eventsBurst, maxParkedPerHook: tenant.maxParkedPerHook },
    retentionDays: tenant.retentionDays,
    allowedTargets: [...tenant.allowedTargets],
    version,
    createdAt: new Date(tenant.createdAtMs).toISOString(),
    updatedAt: new Date(tenant.updatedAtMs).toISOString(),
  };
}

export function tenantRecord(tenant: TenantState, version: number): CatalogChanged {
  const { tenantId, name, status, unknownEventTypes, unknownProjects, eventsPerSecond, eventsBurst, maxParkedPerHook, retentionDays, webhookAccess, createdAtMs } = tenant;
  return {
    version,
    entry: {
      $case: 'tenant',
      value: { tenantId, deleted: status === 'deleted', name, unknownEventTypes, unknownProjects: unknownProjects ?? 'accept', eventsPerSecond, eventsBurst, maxParkedPerHook, retentionDays, allowedTargets: [...tenant.allowedTargets], webhookAccess: webhookAccess ?? false, createdAtMs },
    },
  };
}
