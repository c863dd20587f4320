import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ReplayChange, ReplayListQuery, ReplayPage, ReplayPreview, ReplayRequest, ReplayView } from '@hooklane/contracts/rest';
import type { Principal } from '@hooklane/directory';
import { Authorize, CurrentPrincipal, IDEMPOTENCY, Once, type KeptAnswers, type OnceRequest } from '@hooklane/service-host';
import type { FastifyReply } from 'fastify';
import type { ReplayChangeKind } from '../replay/change-replay.js';
import type { ReplayDesk } from '../replay/replay-desk.js';
import { KEPT_ANSWERS } from './incidents.controller.js';
import { TenantBook } from './tenant-book.js';

export const REPLAY_DESK = Symbol('log-query replay desk');

const LOCATION = { Location: { description: 'The path of what was made.', schema: { type: 'string' } } } as const;
const ID = { name: 'id', type: String, description: 'Percent-encoded: that of a catch-up holds slashes.' } as const;

/** Deliveries made again. */
@ApiTags('replays')
@ApiBearerAuth()
@ApiParam({ name: 'tenant', type: String })
@Controller('v1/tenants/:tenant/replays')
export class ReplaysController {
  constructor(
    @Inject(REPLAY_DESK) private readonly desk: ReplayDesk,
    @Inject(KEPT_ANSWERS) private readonly answers: KeptAnswers,
    @Inject(TenantBook) private readonly tenants: TenantBook,
  ) {}

  @Post()
  @Authorize('replay')
  @IDEMPOTENCY
  @ApiOperation({ operationId: 'createReplay', summary: 'Make deliveries again, or count them', description: 'In the order of acceptance for each hook. Pending deliveries are left out. Each one made is a delivery of its own in the log, with its own fate.' })
  @ApiBody({ schema: ReplayRequest as never })
  @ApiResponse({ status: 201, headers: LOCATION, standardSchema: ReplayView } as never)
  @ApiResponse({ status: 200, description: 'With `dryRun`.', standardSchema: ReplayPreview } as never)
  async create(
    @Once() once: OnceRequest,
    @CurrentPrincipal() principal: Principal,
    @Param('tenant') tenant: string,
    @Body({ schema: ReplayRequest }) request: ReplayRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReplayView | ReplayPreview> {
    const tenantId = this.tenants.known(tenant);
    if (request.dryRun === true) {
      void reply.status(200);
      return this.answers.once(once, () => this.desk.preview(tenantId, request));
    }
    const replay = await this.answers.once(once, () => this.desk.create(tenantId, principal.actor, request));
    void reply.status(201).header('Location', `/v1/tenants/${encodeURIComponent(tenant)}/replays/${encodeURIComponent(replay.id)}`);
    return replay;
  }

  @Get()
  @Authorize('replay')
  @ApiOperation({ operationId: 'listReplays', summary: 'Replays and catch-ups, newest first' })
  @ApiResponse({ status: 200, standardSchema: ReplayPage } as never)
  list(@Param('tenant') tenant: string, @Query({ schema: ReplayListQuery }) query: ReplayListQuery): Promise<ReplayPage> {
    return this.desk.list(this.tenants.known(tenant), query);
  }

  @Get(':id')
  @Authorize('replay')
  @ApiParam(ID)
  @ApiOperation({ operationId: 'getReplay', summary: 'A replay: how far it is and what came of it' })
  @ApiResponse({ status: 200, standardSchema: ReplayView } as never)
  inspect(@Param('tenant') tenant: string, @Param('id') id: string): Promise<ReplayView> {
    return this.desk.inspect(this.tenants.known(tenant), id);
  }

  @Post(':id/pause')
  @HttpCode(200)
  @Authorize('replay')
  @IDEMPOTENCY
  @ApiParam(ID)
  @ApiOperation({ operationId: 'pauseReplay', summary: 'Make no more deliveries until it is resumed', description: 'What was made already goes on; a few hundred that have their numbers are still made.' })
  @ApiBody({ schema: ReplayChange as never, required: false })
  @ApiResponse({ status: 200, standardSchema: ReplayView } as never)
  pause(@Once() once: OnceRequest, @CurrentPrincipal() principal: Principal, @Param('tenant') tenant: string, @Param('id') id: string, @Body({ schema: ReplayChange.optional() }) body?: ReplayChange): Promise<ReplayView> {
    return this.change('pause', once, principal, tenant, id, body);
  }

  @Post(':id/resume')
  @HttpCode(200)
  @Authorize('replay')
  @IDEMPOTENCY
  @ApiParam(ID)
  @ApiOperation({ operationId: 'resumeReplay', summary: 'Go on with a paused replay' })
  @ApiBody({ schema: ReplayChange as never, required: false })
  @ApiResponse({ status: 200, standardSchema: ReplayView } as never)
  resume(@Once() once: OnceRequest, @CurrentPrincipal() principal: Principal, @Param('tenant') tenant: string, @Param('id') id: string, @Body({ schema: ReplayChange.optional() }) body?: ReplayChange): Promise<ReplayView> {
    return this.change('resume', once, principal, tenant, id, body);
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Authorize('replay')
  @IDEMPOTENCY
  @ApiParam(ID)
  @ApiOperation({ operationId: 'cancelReplay', summary: 'Give up what is not made yet', description: 'Of a catch-up: the hook goes on with what came after its enabling.' })
  @ApiBody({ schema: ReplayChange as never, required: false })
  @ApiResponse({ status: 200, standardSchema: ReplayView } as never)
  cancel(@Once() once: OnceRequest, @CurrentPrincipal() principal: Principal, @Param('tenant') tenant: string, @Param('id') id: string, @Body({ schema: ReplayChange.optional() }) body?: ReplayChange): Promise<ReplayView> {
    return this.change('cancel', once, principal, tenant, id, body);
  }

  private change(change: ReplayChangeKind, once: OnceRequest, principal: Principal, tenant: string, id: string, body: ReplayChange | undefined): Promise<ReplayView> {
    const tenantId = this.tenants.known(tenant);
    return this.answers.once(once, () => this.desk.change(tenantId, principal.actor, id, change, body?.reason ?? ''));
  }
}
