import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query, UseInterceptors } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiTags } from '@nestjs/swagger';
import { AtQuery, HistoryPage, HookCreate, HookCreated, HookDisable, HookEnable, HookPage, HookPatch, HookRotate, HookView, PageQuery } from '@hooklane/contracts/rest';
import { Authorize, IDEMPOTENCY } from '@hooklane/service-host';
import { createHook } from '../hook/create-hook.js';
import { deleteHook } from '../hook/delete-hook.js';
import { hookHistory } from '../hook/hook-history.js';
import { hookSnapshot } from '../hook/hook-view.js';
import { hookAggregate } from '../hook/hook.decider.js';
import { listHooks, readHook } from '../hook/read-hooks.js';
import { rotateSecrets } from '../hook/rotate-secrets.js';
import { disableHook, enableHook } from '../hook/switch-hook.js';
import { updateHook } from '../hook/update-hook.js';
import type { Registry } from '../ports.js';
import { readAt, readHistory } from '../read-history.js';
import { AnswerInterceptor } from './answer.interceptor.js';
import { because } from './change-request.js';
import { Documented, IF_MATCH } from './documented.js';
import { Change, type HttpChange } from './http-change.js';
import { REGISTRY } from './registry.token.js';

@ApiTags('hooks')
@ApiBearerAuth()
@Controller('v1/tenants/:tenant/hooks')
@UseInterceptors(AnswerInterceptor)
export class HooksController {
  constructor(@Inject(REGISTRY) private readonly registry: Registry) {}

  @Post()
  @Authorize('hooks:write')
  @IDEMPOTENCY
  @ApiHeader({ name: 'Hooklane-Client', required: false, description: '`console`: a person makes the hook by hand in the console. Kept as its origin, which decides whether it begins enabled where its dialect distinguishes.' })
  @Documented('createHook', 'Creates a hook; its signing secret is in this answer only.', { status: 201, schema: HookCreated })
  create(@Change() change: HttpChange, @Body({ schema: HookCreate }) body: HookCreate): Promise<unknown> {
    return createHook(this.registry, change.requestOf(this.registry), body, { origin: change.origin });
  }

  @Get()
  @Authorize('hooks:read')
  @Documented('listHooks', 'The tenant\'s hooks, in the order of their creation.', { status: 200, schema: HookPage })
  list(@Param('tenant') tenant: string, @Query({ schema: PageQuery }) page: PageQuery): Promise<unknown> {
    return listHooks(this.registry, tenant, page);
  }

  @Get(':hook')
  @Authorize('hooks:read')
  @Documented('readHook', 'One hook; with `at` its configuration at that time.', { status: 200, schema: HookView })
  read(@Param('tenant') tenant: string, @Param('hook') hook: string, @Query({ schema: AtQuery }) { at }: AtQuery): Promise<unknown> {
    return at === undefined ? readHook(this.registry, tenant, hook) : readAt(this.registry, { aggregate: hookAggregate, tenantId: tenant, id: hook }, hookSnapshot, Date.parse(at));
  }

  @Patch(':hook')
  @Authorize('hooks:write')
  @IF_MATCH
  @Documented('updateHook', 'Changes a hook by a JSON merge patch (RFC 7396).', { status: 200, schema: HookView })
  update(@Change() change: HttpChange, @Param('hook') hook: string, @Body({ schema: HookPatch }) patch: HookPatch): Promise<unknown> {
    return updateHook(this.registry, change.requestOf(this.registry), hook, patch);
  }

  @Delete(':hook')
  @HttpCode(204)
  @Authorize('hooks:write')
  @IF_MATCH
  @Documented('deleteHook', 'Deletes a hook; its history stays.', { status: 204 })
  delete(@Change() change: HttpChange, @Param('hook') hook: string): Promise<unknown> {
    return deleteHook(this.registry, change.requestOf(this.registry), hook);
  }

  @Post(':hook/enable')
  @HttpCode(200)
  @Authorize('hooks:write')
  @IDEMPOTENCY
  @IF_MATCH
  @Documented('enableHook', 'Enables a hook and begins a new count of failures; what it missed is sent first where the request or the hook says so.', { status: 200, schema: HookView })
  enable(@Change() change: HttpChange, @Param('hook') hook: string, @Body({ schema: HookEnable }) { reason, catchUp }: HookEnable): Promise<unknown> {
    return enableHook(this.registry, because(change.requestOf(this.registry), reason), hook, catchUp ?? null);
  }

  @Post(':hook/disable')
  @HttpCode(200)
  @Authorize('hooks:write')
  @IDEMPOTENCY
  @IF_MATCH
  @Documented('disableHook', 'Disables a hook.', { status: 200, schema: HookView })
  disable(@Change() change: HttpChange, @Param('hook') hook: string, @Body({ schema: HookDisable }) { reason }: HookDisable): Promise<unknown> {
    return disableHook(this.registry, because(change.requestOf(this.registry), reason), hook);
  }

  @Post(':hook/rotate-secret')
  @HttpCode(200)
  @Authorize('hooks:write')
  @IDEMPOTENCY
  @IF_MATCH
  @Documented('rotateHookSecret', 'New signing secrets; the present ones go on signing beside them for the overlap.', { status: 200, schema: HookCreated })
  rotate(@Change() change: HttpChange, @Param('hook') hook: string, @Body({ schema: HookRotate }) body: HookRotate): Promise<unknown> {
    return rotateSecrets(this.registry, change.requestOf(this.registry), hook, body);
  }

  @Get(':hook/history')
  @Authorize('hooks:read')
  @Documented('readHookHistory', 'Everything that happened to a hook: who, when, why, and what differed afterwards.', { status: 200, schema: HistoryPage })
  history(@Param('tenant') tenant: string, @Param('hook') hook: string, @Query({ schema: PageQuery }) page: PageQuery): Promise<unknown> {
    return readHistory(this.registry, { aggregate: hookAggregate, tenantId: tenant, id: hook }, hookHistory, page);
  }
}
