import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query, UseInterceptors } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AtQuery, EventTypeCreate, EventTypePage, EventTypePatch, EventTypeView, HistoryPage, PageQuery } from '@hooklane/contracts/rest';
import { Authorize, IDEMPOTENCY } from '@hooklane/service-host';
import { createEventType, deleteEventType, updateEventType } from '../event-type/change-event-types.js';
import { listEventTypes, readEventType } from '../event-type/read-event-types.js';
import type { Registry } from '../ports.js';
import { told } from '../told.js';
import { AnswerInterceptor } from './answer.interceptor.js';
import { Documented, IF_MATCH } from './documented.js';
import { Change, type HttpChange } from './http-change.js';
import { REGISTRY } from './registry.token.js';

@ApiTags('event-types')
@ApiBearerAuth()
@Controller('v1/tenants/:tenant/event-types')
@UseInterceptors(AnswerInterceptor)
export class EventTypesController {
  constructor(@Inject(REGISTRY) private readonly registry: Registry) {}

  @Post()
  @Authorize('hooks:write')
  @IDEMPOTENCY
  @Documented('createEventType', 'Registers an event type, optionally with a JSON Schema and an example.', { status: 201, schema: EventTypeView })
  create(@Change() change: HttpChange, @Body({ schema: EventTypeCreate }) body: EventTypeCreate): Promise<unknown> {
    return createEventType(this.registry, change.requestOf(this.registry), body);
  }

  @Get()
  @Authorize('hooks:read')
  @Documented('listEventTypes', 'The tenant\'s event types by name.', { status: 200, schema: EventTypePage })
  list(@Param('tenant') tenant: string, @Query({ schema: PageQuery }) page: PageQuery): Promise<unknown> {
    return listEventTypes(this.registry, tenant, page);
  }

  @Get(':name')
  @Authorize('hooks:read')
  @Documented('readEventType', 'One event type.', { status: 200, schema: EventTypeView })
  read(@Param('tenant') tenant: string, @Param('name') name: string, @Query({ schema: AtQuery }) { at }: AtQuery): Promise<unknown> {
    return at === undefined ? readEventType(this.registry, tenant, name) : told['event-type'].at(this.registry, tenant, name, Date.parse(at));
  }

  @Get(':name/history')
  @Authorize('hooks:read')
  @Documented('readEventTypeHistory', 'Everything that happened to an event type.', { status: 200, schema: HistoryPage })
  history(@Param('tenant') tenant: string, @Param('name') name: string, @Query({ schema: PageQuery }) page: PageQuery): Promise<unknown> {
    return told['event-type'].history(this.registry, tenant, name, page);
  }

  @Patch(':name')
  @Authorize('hooks:write')
  @IF_MATCH
  @Documented('updateEventType', 'Changes an event type by a JSON merge patch; a schema is replaced as a whole.', { status: 200, schema: EventTypeView })
  update(@Change() change: HttpChange, @Param('name') name: string, @Body({ schema: EventTypePatch }) patch: EventTypePatch): Promise<unknown> {
    return updateEventType(this.registry, change.requestOf(this.registry), name, patch);
  }

  @Delete(':name')
  @HttpCode(204)
  @Authorize('hooks:write')
  @IF_MATCH
  @Documented('deleteEventType', 'Events of this type are of an unknown type from then on.', { status: 204 })
  delete(@Change() change: HttpChange, @Param('name') name: string): Promise<unknown> {
    return deleteEventType(this.registry, change.requestOf(this.registry), name);
  }
}
