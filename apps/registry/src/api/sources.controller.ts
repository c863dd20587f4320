import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query, UseInterceptors } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AtQuery, HistoryPage, PageQuery, SourceCreate, SourcePage, SourcePatch, SourceView } from '@hooklane/contracts/rest';
import { Authorize, IDEMPOTENCY } from '@hooklane/service-host';
import type { Registry } from '../ports.js';
import { createSource, deleteSource, updateSource } from '../source/change-sources.js';
import { listSources, readSource, readSourceAt } from '../source/read-sources.js';
import { told } from '../told.js';
import { AnswerInterceptor } from './answer.interceptor.js';
import { Documented, IF_MATCH } from './documented.js';
import { Change, type HttpChange } from './http-change.js';
import { RequestBase } from './receiving-base.js';
import { PUBLIC_URL, REGISTRY } from './registry.token.js';

@ApiTags('sources')
@ApiBearerAuth()
@Controller('v1/tenants/:tenant/sources')
@UseInterceptors(AnswerInterceptor)
export class SourcesController {
  constructor(
    @Inject(REGISTRY) private readonly registry: Registry,
    @Inject(PUBLIC_URL) private readonly publicUrl: string,
  ) {}

  @Post()
  @Authorize('hooks:write')
  @IDEMPOTENCY
  @Documented('createSource', 'Lets another system call from outside. The answer has the address for it.', { status: 201, schema: SourceView })
  create(@Change() change: HttpChange, @RequestBase() base: string, @Body({ schema: SourceCreate }) body: SourceCreate): Promise<unknown> {
    return createSource(this.registry, change.requestOf(this.registry), body, this.publicUrl || base);
  }

  @Get()
  @Authorize('hooks:read')
  @Documented('listSources', 'The tenant\'s inbound sources in the order of their creation, in which those of the kind tiki are tried.', { status: 200, schema: SourcePage })
  list(@Param('tenant') tenant: string, @RequestBase() base: string, @Query({ schema: PageQuery }) page: PageQuery): Promise<unknown> {
    return listSources(this.registry, tenant, page, this.publicUrl || base);
  }

  @Get(':id')
  @Authorize('hooks:read')
  @Documented('readSource', 'One inbound source; its secret is masked.', { status: 200, schema: SourceView })
  read(@Param('tenant') tenant: string, @Param('id') id: string, @RequestBase() base: string, @Query({ schema: AtQuery }) { at }: AtQuery): Promise<unknown> {
    const receiving = this.publicUrl || base;
    return at === undefined ? readSource(this.registry, tenant, id, receiving) : readSourceAt(this.registry, tenant, id, Date.parse(at), receiving);
  }

  @Get(':id/history')
  @Authorize('hooks:read')
  @Documented('readSourceHistory', 'Everything that happened to an inbound source.', { status: 200, schema: HistoryPage })
  history(@Param('tenant') tenant: string, @Param('id') id: string, @Query({ schema: PageQuery }) page: PageQuery): Promise<unknown> {
    return told.source.history(this.registry, tenant, id, page);
  }

  @Patch(':id')
  @Authorize('hooks:write')
  @IF_MATCH
  @Documented('updateSource', 'Changes an inbound source by a JSON merge patch.', { status: 200, schema: SourceView })
  update(@Change() change: HttpChange, @Param('id') id: string, @RequestBase() base: string, @Body({ schema: SourcePatch }) patch: SourcePatch): Promise<unknown> {
    return updateSource(this.registry, change.requestOf(this.registry), id, patch, this.publicUrl || base);
  }

  @Delete(':id')
  @HttpCode(204)
  @Authorize('hooks:write')
  @IF_MATCH
  @Documented('deleteSource', 'Its calls are refused from then on.', { status: 204 })
  delete(@Change() change: HttpChange, @Param('id') id: string): Promise<unknown> {
    return deleteSource(this.registry, change.requestOf(this.registry), id);
  }
}
