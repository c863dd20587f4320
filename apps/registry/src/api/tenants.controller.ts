import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Put, Query, UseInterceptors } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AtQuery, HistoryPage, PageQuery, TenantPage, TenantPut, TenantView } from '@hooklane/contracts/rest';
import type { Principal } from '@hooklane/directory';
import { Authorize, CurrentPrincipal } from '@hooklane/service-host';
import type { Registry } from '../ports.js';
import { deleteTenant } from '../tenant/delete-tenant.js';
import { putTenant } from '../tenant/put-tenant.js';
import { listTenants, readTenant } from '../tenant/read-tenants.js';
import { told } from '../told.js';
import { AnswerInterceptor } from './answer.interceptor.js';
import { Documented, IF_MATCH } from './documented.js';
import { Change, type HttpChange } from './http-change.js';
import { REGISTRY } from './registry.token.js';

@ApiTags('tenants')
@ApiBearerAuth()
@Controller('v1/tenants')
@UseInterceptors(AnswerInterceptor)
export class TenantsController {
  constructor(@Inject(REGISTRY) private readonly registry: Registry) {}

  @Put(':tenant')
  @Authorize('admin')
  @IF_MATCH
  @Documented('putTenant', 'Creates the tenant (201), or changes what the body names (200).', { status: [200, 201], schema: TenantView })
  put(@Change() change: HttpChange, @Body({ schema: TenantPut }) body: TenantPut): Promise<unknown> {
    return putTenant(this.registry, change.requestOf(this.registry), change.isOperator, body);
  }

  @Delete(':tenant')
  @HttpCode(204)
  @Authorize('admin')
  @IF_MATCH
  @Documented('deleteTenant', 'Deletes the tenant with its hooks, keys, event types, projects and users. Nothing can be published any more; histories stay, and the name is not given again. Takes a key of the platform.', { status: 204 })
  delete(@Change() change: HttpChange): Promise<unknown> {
    return deleteTenant(this.registry, change.requestOf(this.registry), change.isOperator);
  }

  @Get(':tenant')
  @Authorize('hooks:read')
  @Documented('readTenant', 'One tenant.', { status: 200, schema: TenantView })
  read(@Param('tenant') tenant: string, @Query({ schema: AtQuery }) { at }: AtQuery): Promise<unknown> {
    return at === undefined ? readTenant(this.registry, tenant) : told.tenant.at(this.registry, tenant, tenant, Date.parse(at));
  }

  @Get(':tenant/history')
  @Authorize('hooks:read')
  @Documented('readTenantHistory', 'Everything that happened to a tenant\'s settings.', { status: 200, schema: HistoryPage })
  history(@Param('tenant') tenant: string, @Query({ schema: PageQuery }) page: PageQuery): Promise<unknown> {
    return told.tenant.history(this.registry, tenant, tenant, page);
  }

  @Get()
  @Authorize('hooks:read', { tenantKeys: 'narrowed' })
  @Documented('listTenants', 'All tenants; with a tenant\'s key only that one.', { status: 200, schema: TenantPage })
  list(@CurrentPrincipal() principal: Principal, @Query({ schema: PageQuery }) page: PageQuery): Promise<unknown> {
    return listTenants(this.registry, principal.tenantId, page);
  }
}
