import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod, Payload } from '@nestjs/microservices';
import type * as rpc from '@hooklane/contracts/grpc';
import { TenantPut } from '@hooklane/contracts/rest';
import type { Principal } from '@hooklane/directory';
import { Authorize, CurrentPrincipal, validated } from '@hooklane/service-host';
import type { Registry } from '../ports.js';
import { deleteTenant } from '../tenant/delete-tenant.js';
import { putTenant } from '../tenant/put-tenant.js';
import { listTenants, readTenant } from '../tenant/read-tenants.js';
import { told } from '../told.js';
import { RpcChange, type GrpcChange } from './grpc-change.js';
import { momentMs, pageWish, present } from './grpc-fields.js';
import { REGISTRY } from './registry.token.js';

/** hooklane.v1.TenantService. */
@Controller()
export class TenantsGrpc {
  constructor(@Inject(REGISTRY) private readonly registry: Registry) {}

  @GrpcMethod('TenantService', 'PutTenant')
  @Authorize('admin')
  async put(@RpcChange() change: GrpcChange, @Payload() { name, unknownEventTypes, unknownProjects, webhookAccess, quotas, retentionDays, allowedTargets }: rpc.PutTenantRequest): Promise<object> {
    const ownQuotas = quotas ? present({ eventsPerSecond: quotas.eventsPerSecond, eventsBurst: quotas.eventsBurst, maxParkedPerHook: quotas.maxParkedPerHook }) : undefined;
    const body = validated(TenantPut, present({ name, unknownEventTypes, unknownProjects, webhookAccess, quotas: ownQuotas, retentionDays, allowedTargets: allowedTargets?.entries }));
    return { tenant: (await putTenant(this.registry, change.requestOf(this.registry), change.isOperator, body)).body };
  }

  @GrpcMethod('TenantService', 'GetTenant')
  @Authorize('hooks:read')
  async get(@Payload() { tenant, at }: rpc.GetTenantRequest): Promise<object> {
    const { body } = at === '' ? await readTenant(this.registry, tenant) : await told.tenant.at(this.registry, tenant, tenant, momentMs(at));
    return { tenant: body };
  }

  @GrpcMethod('TenantService', 'DeleteTenant')
  @Authorize('admin')
  async delete(@RpcChange() change: GrpcChange): Promise<rpc.DeleteTenantResponse> {
    await deleteTenant(this.registry, change.requestOf(this.registry), change.isOperator);
    return {};
  }

  @GrpcMethod('TenantService', 'ListTenants')
  @Authorize('hooks:read', { tenantKeys: 'narrowed' })
  async list(@CurrentPrincipal() principal: Principal, @Payload() request: rpc.ListTenantsRequest): Promise<object> {
    return (await listTenants(this.registry, principal.tenantId, pageWish(request))).body;
  }
}
