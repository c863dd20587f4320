import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { IncidentAnswer, IncidentListQuery, IncidentPage, IncidentSummary, IncidentView } from '@hooklane/contracts/rest';
import type { Principal } from '@hooklane/directory';
import { Authorize, CurrentPrincipal, IDEMPOTENCY, Once, type KeptAnswers, type OnceRequest } from '@hooklane/service-host';
import type { IncidentDesk } from '../query/incident-desk.js';

export const INCIDENT_DESK = Symbol('log-query incident desk');
export const KEPT_ANSWERS = Symbol('log-query kept answers');

/** What a person must look at. A tenant's key sees the tenant's own; answering takes a key with `admin`. */
@ApiTags('incidents')
@ApiBearerAuth()
@Controller('v1/incidents')
export class IncidentsController {
  constructor(
    @Inject(INCIDENT_DESK) private readonly desk: IncidentDesk,
    @Inject(KEPT_ANSWERS) private readonly answers: KeptAnswers,
  ) {}

  @Get()
  @Authorize('log:read', { tenantKeys: 'narrowed' })
  @ApiOperation({ operationId: 'listIncidents', summary: 'Incidents, newest first' })
  @ApiResponse({ status: 200, standardSchema: IncidentPage } as never)
  list(@CurrentPrincipal() principal: Principal, @Query({ schema: IncidentListQuery }) query: IncidentListQuery): Promise<IncidentPage> {
    return this.desk.list(principal, query);
  }

  @Get(':id')
  @Authorize('log:read', { tenantKeys: 'narrowed' })
  @ApiOperation({ operationId: 'getIncident', summary: 'An incident with its record' })
  @ApiResponse({ status: 200, standardSchema: IncidentView } as never)
  inspect(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<IncidentView> {
    return this.desk.inspect(principal, id);
  }

  @Post(':id/reinject')
  @HttpCode(200)
  @Authorize('admin', { tenantKeys: 'narrowed' })
  @IDEMPOTENCY
  @ApiOperation({ operationId: 'reinjectIncident', summary: 'Append the record to its topic and partition again' })
  @ApiBody({ schema: IncidentAnswer as never })
  @ApiResponse({ status: 200, standardSchema: IncidentSummary } as never)
  reinject(@Once() once: OnceRequest, @CurrentPrincipal() principal: Principal, @Param('id') id: string, @Body({ schema: IncidentAnswer }) { reason }: IncidentAnswer): Promise<IncidentSummary> {
    return this.answers.once(once, () => this.desk.answer(principal, id, 'reinject', reason));
  }

  @Post(':id/skip')
  @HttpCode(200)
  @Authorize('admin', { tenantKeys: 'narrowed' })
  @IDEMPOTENCY
  @ApiOperation({ operationId: 'skipIncident', summary: 'Give the record up' })
  @ApiBody({ schema: IncidentAnswer as never })
  @ApiResponse({ status: 200, standardSchema: IncidentSummary } as never)
  skip(@Once() once: OnceRequest, @CurrentPrincipal() principal: Principal, @Param('id') id: string, @Body({ schema: IncidentAnswer }) { reason }: IncidentAnswer): Promise<IncidentSummary> {
    return this.answers.once(once, () => this.desk.answer(principal, id, 'skip', reason));
  }

  @Post(':id/acknowledge')
  @HttpCode(200)
  @Authorize('admin', { tenantKeys: 'narrowed' })
  @IDEMPOTENCY
  @ApiOperation({ operationId: 'acknowledgeIncident', summary: 'Seen; nothing is done' })
  @ApiBody({ schema: IncidentAnswer as never })
  @ApiResponse({ status: 200, standardSchema: IncidentSummary } as never)
  acknowledge(@Once() once: OnceRequest, @CurrentPrincipal() principal: Principal, @Param('id') id: string, @Body({ schema: IncidentAnswer }) { reason }: IncidentAnswer): Promise<IncidentSummary> {
    return this.answers.once(once, () => this.desk.answer(principal, id, 'acknowledge', reason));
  }
}
