import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, UseInterceptors } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { ApiKeyCreate, ApiKeyCreated, ApiKeyPage, ApiKeyView, AtQuery, HistoryPage, NoFields, PageQuery } from '@hooklane/contracts/rest';
import { Authorize, IDEMPOTENCY } from '@hooklane/service-host';
import { createApiKey } from '../api-key/create-api-key.js';
import { listApiKeys, readApiKey } from '../api-key/read-api-keys.js';
import { revokeApiKey } from '../api-key/revoke-api-key.js';
import type { Registry } from '../ports.js';
import { told } from '../told.js';
import { AnswerInterceptor } from './answer.interceptor.js';
import { Documented } from './documented.js';
import { Change, type HttpChange } from './http-change.js';
import { REGISTRY } from './registry.token.js';

/** Keys of one tenant, and (without a tenant in the address) of the platform. */
abstract class KeyRoutes {
  constructor(protected readonly registry: Registry) {}

  protected createKey(change: HttpChange, body: ApiKeyCreate): Promise<unknown> {
    return createApiKey(this.registry, change.requestOf(this.registry), body);
  }

  protected readKey(tenantId: string, key: string, at: string | undefined): Promise<unknown> {
    return at === undefined ? readApiKey(this.registry, tenantId, key) : told['api-key'].at(this.registry, tenantId, key, Date.parse(at));
  }

  protected revokeKey(change: HttpChange, key: string): Promise<unknown> {
    return revokeApiKey(this.registry, change.requestOf(this.registry), key);
  }
}

@ApiTags('api-keys')
@ApiBearerAuth()
@Controller('v1/tenants/:tenant/api-keys')
@UseInterceptors(AnswerInterceptor)
@Authorize('admin')
export class TenantApiKeysController extends KeyRoutes {
  constructor(@Inject(REGISTRY) registry: Registry) {
    super(registry);
  }

  @Post()
  @IDEMPOTENCY
  @Documented('createApiKey', 'A new key of the tenant; it is in this answer only.', { status: 201, schema: ApiKeyCreated })
  create(@Change() change: HttpChange, @Body({ schema: ApiKeyCreate }) body: ApiKeyCreate): Promise<unknown> {
    return this.createKey(change, body);
  }

  @Get()
  @Documented('listApiKeys', 'The tenant\'s keys, revoked ones included.', { status: 200, schema: ApiKeyPage })
  list(@Param('tenant') tenant: string, @Query({ schema: PageQuery }) page: PageQuery): Promise<unknown> {
    return listApiKeys(this.registry, tenant, page);
  }

  @Get(':key')
  @Documented('readApiKey', 'One key of the tenant.', { status: 200, schema: ApiKeyView })
  read(@Param('tenant') tenant: string, @Param('key') key: string, @Query({ schema: AtQuery }) { at }: AtQuery): Promise<unknown> {
    return this.readKey(tenant, key, at);
  }

  @Get(':key/history')
  @Documented('readApiKeyHistory', 'Everything that happened to a key.', { status: 200, schema: HistoryPage })
  history(@Param('tenant') tenant: string, @Param('key') key: string, @Query({ schema: PageQuery }) page: PageQuery): Promise<unknown> {
    return told['api-key'].history(this.registry, tenant, key, page);
  }

  @Post(':key/revoke')
  @HttpCode(200)
  @IDEMPOTENCY
  @Documented('revokeApiKey', 'Nothing accepts the key from this answer on.', { status: 200, schema: ApiKeyView })
  revoke(@Change() change: HttpChange, @Param('key') key: string, @Body({ schema: NoFields }) _body: NoFields): Promise<unknown> {
    return this.revokeKey(change, key);
  }

  @Delete(':key')
  @Documented('deleteApiKey', 'The same as revoking: the key stays listed as revoked.', { status: 200, schema: ApiKeyView })
  delete(@Change() change: HttpChange, @Param('key') key: string): Promise<unknown> {
    return this.revokeKey(change, key);
  }
}

@ApiTags('api-keys')
@ApiBearerAuth()
@Controller('v1/api-keys')
@UseInterceptors(AnswerInterceptor)
@Authorize('admin')
export class PlatformApiKeysController extends KeyRoutes {
  constructor(@Inject(REGISTRY) registry: Registry) {
    super(registry);
  }

  @Post()
  @IDEMPOTENCY
  @Documented('createPlatformApiKey', 'A new key for every tenant and the platform; it is in this answer only.', { status: 201, schema: ApiKeyCreated })
  create(@Change() change: HttpChange, @Body({ schema: ApiKeyCreate }) body: ApiKeyCreate): Promise<unknown> {
    return this.createKey(change, body);
  }

  @Get()
  @Documented('listPlatformApiKeys', 'The platform\'s keys, revoked ones included.', { status: 200, schema: ApiKeyPage })
  list(@Query({ schema: PageQuery }) page: PageQuery): Promise<unknown> {
    return listApiKeys(this.registry, '', page);
  }

  @Get(':key')
  @Documented('readPlatformApiKey', 'One key of the platform.', { status: 200, schema: ApiKeyView })
  read(@Param('key') key: string, @Query({ schema: AtQuery }) { at }: AtQuery): Promise<unknown> {
    return this.readKey('', key, at);
  }

  @Get(':key/history')
  @Documented('readPlatformApiKeyHistory', 'Everything that happened to a key of the platform.', { status: 200, schema: HistoryPage })
  history(@Param('key') key: string, @Query({ schema: PageQuery }) page: PageQuery): Promise<unknown> {
    return told['api-key'].history(this.registry, '', key, page);
  }

  @Post(':key/revoke')
  @HttpCode(200)
  @IDEMPOTENCY
  @Documented('revokePlatformApiKey', 'Nothing accepts the key from this answer on.', { status: 200, schema: ApiKeyView })
  revoke(@Change() change: HttpChange, @Param('key') key: string, @Body({ schema: NoFields }) _body: NoFields): Promise<unknown> {
    return this.revokeKey(change, key);
  }

  @Delete(':key')
  @Documented('deletePlatformApiKey', 'The same as revoking: the key stays listed as revoked.', { status: 200, schema: ApiKeyView })
  delete(@Change() change: HttpChange, @Param('key') key: string): Promise<unknown> {
    return this.revokeKey(change, key);
  }
}
