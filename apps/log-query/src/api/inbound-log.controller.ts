import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { InboundCallListQuery, InboundCallPage, InboundCallView } from '@hooklane/contracts/rest';
import { Authorize } from '@hooklane/service-host';
import type { InboundList } from '../query/inbound-list.js';
import { TenantBook } from './tenant-book.js';

export const INBOUND_LIST = Symbol('log-query inbound list');

/** Who called from outside, and what became of it. */
@ApiTags('log')
@ApiBearerAuth()
@ApiParam({ name: 'tenant', type: String })
@Controller('v1/tenants/:tenant/inbound-calls')
export class InboundLogController {
  constructor(
    @Inject(INBOUND_LIST) private readonly calls: InboundList,
    @Inject(TenantBook) private readonly tenants: TenantBook,
  ) {}

  @Get()
  @Authorize('log:read')
  @ApiOperation({ operationId: 'listInboundCalls', summary: 'Calls to inbound sources, accepted and refused, newest first', description: 'All that were accepted; of refused ones so many a minute and source, and the number of the others (outcome `not-kept`).' })
  @ApiResponse({ status: 200, standardSchema: InboundCallPage } as never)
  list(@Param('tenant') tenant: string, @Query({ schema: InboundCallListQuery }) query: InboundCallListQuery): Promise<InboundCallPage> {
    return this.calls.page(this.tenants.known(tenant), query);
  }

  @Get(':id')
  @Authorize('log:read')
  @ApiOperation({ operationId: 'getInboundCall', summary: 'A call with its headers and the beginning of its body' })
  @ApiResponse({ status: 200, standardSchema: InboundCallView } as never)
  read(@Param('tenant') tenant: string, @Param('id') id: string): Promise<InboundCallView> {
    return this.calls.call(this.tenants.known(tenant), id);
  }
}
