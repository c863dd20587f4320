export type {
  AllowedTargets,
  DeleteTenantRequest,
  DeleteTenantResponse,
  GetTenantRequest,
  GetTenantResponse,
  ListTenantsRequest,
  ListTenantsResponse,
  PutTenantRequest,
  PutTenantResponse,
  Tenant,
  TenantQuotaFields,
  TenantQuotas,
} from '../gen/hooklane/v1/tenant_service.js';
