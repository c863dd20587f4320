import { Controller, Get, Header, Inject, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AttemptListQuery, AttemptSummaryPage, AttemptView, DeliveryListQuery, DeliverySummaryPage, DeliveryView, EventListQuery, EventSummaryPage, EventView, MissedQuery, MissedView, UndeliveredListQuery, UndeliveredPage } from '@hooklane/contracts/rest';
import { Authorize } from '@hooklane/service-host';
import type { LogReader } from '../query/log-reader.js';
import type { UndeliveredList } from '../query/undelivered-list.js';
import { eventDocument } from './event-document.js';
import { TenantBook } from './tenant-book.js';

export const LOG_READER = Symbol('log-query reader');
export const UNDELIVERED = Symbol('log-query undelivered');

/** What was published and what became of it. */
@ApiTags('log')
@ApiBearerAuth()
@ApiParam({ name: 'tenant', type: String })
@Controller('v1/tenants/:tenant')
export class LogController {
  constructor(
    @Inject(LOG_READER) private readonly reader: LogReader,
    @Inject(UNDELIVERED) private readonly undeliveredList: UndeliveredList,
    @Inject(TenantBook) private readonly tenants: TenantBook,
  ) {}

  @Get('events')
  @Authorize('log:read')
  @ApiOperation({ operationId: 'listEvents', summary: 'Events, newest first' })
  @ApiResponse({ status: 200, standardSchema: EventSummaryPage } as never)
  events(@Param('tenant') tenant: string, @Query({ schema: EventListQuery }) query: EventListQuery): Promise<EventSummaryPage> {
    return this.reader.events(this.tenants.known(tenant), query);
  }

  @Get('events/:id')
  @Authorize('log:read')
  @Header('content-type', 'application/json; charset=utf-8')
  @ApiOperation({ operationId: 'getEvent', summary: 'An event, its data as published, and its deliveries' })
  @ApiResponse({ status: 200, standardSchema: EventView } as never)
  async event(@Param('tenant') tenant: string, @Param('id') id: string): Promise<Buffer> {
    return eventDocument(await this.reader.event(this.tenants.known(tenant), id));
  }

  @Get('deliveries')
  @Authorize('log:read')
  @ApiOperation({ operationId: 'listDeliveries', summary: 'Deliveries, those of the newest events first' })
  @ApiResponse({ status: 200, standardSchema: DeliverySummaryPage } as never)
  deliveries(@Param('tenant') tenant: string, @Query({ schema: DeliveryListQuery }) query: DeliveryListQuery): Promise<DeliverySummaryPage> {
    return this.reader.deliveries(this.tenants.known(tenant), query);
  }

  @Get('deliveries/:id')
  @Authorize('log:read')
  @ApiOperation({ operationId: 'getDelivery', summary: 'A delivery with its timeline' })
  @ApiResponse({ status: 200, standardSchema: DeliveryView } as never)
  delivery(@Param('tenant') tenant: string, @Param('id') id: string): Promise<DeliveryView> {
    return this.reader.delivery(this.tenants.known(tenant), id);
  }

  @Get('undelivered')
  @Authorize('log:read')
  @ApiOperation({ operationId: 'listUndelivered', summary: 'Everything that did not arrive, or not yet, with its reason; the newest events first', description: 'Each event and hook once: a delivery that was followed by another one, such as a replay, is left out.' })
  @ApiResponse({ status: 200, standardSchema: UndeliveredPage } as never)
  undelivered(@Param('tenant') tenant: string, @Query({ schema: UndeliveredListQuery }) query: UndeliveredListQuery): Promise<UndeliveredPage> {
    return this.undeliveredList.page(this.tenants.known(tenant), query);
  }

  @Get('attempts')
  @Authorize('log:read')
  @ApiOperation({ operationId: 'listAttempts', summary: 'Attempts, newest first' })
  @ApiResponse({ status: 200, standardSchema: AttemptSummaryPage } as never)
  attempts(@Param('tenant') tenant: string, @Query({ schema: AttemptListQuery }) query: AttemptListQuery): Promise<AttemptSummaryPage> {
    return this.reader.attempts(this.tenants.known(tenant), query);
  }

  @Get('attempts/:id')
  @Authorize('log:read')
  @ApiOperation({ operationId: 'getAttempt', summary: 'An attempt: what was sent and what came back' })
  @ApiResponse({ status: 200, standardSchema: AttemptView } as never)
  attempt(@Param('tenant') tenant: string, @Param('id') id: string): Promise<AttemptView> {
    return this.reader.attempt(this.tenants.known(tenant), id);
  }

  @Get('hooks/:hook/missed')
  @Authorize('log:read')
  @ApiOperation({ operationId: 'explainMissed', summary: 'Why did this hook not get this event' })
  @ApiResponse({ status: 200, standardSchema: MissedView } as never)
  missed(@Param('tenant') tenant: string, @Param('hook') hook: string, @Query({ schema: MissedQuery }) query: MissedQuery): Promise<MissedView> {
    return this.reader.missed(this.tenants.known(tenant), hook, query.event);
  }
}
