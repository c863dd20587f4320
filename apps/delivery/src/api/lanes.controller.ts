import { Body, Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AttemptView, HookTest, LaneView } from '@hooklane/contracts/rest';
import type { Principal } from '@hooklane/directory';
import type { Clock } from '@hooklane/kernel';
import { Authorize, CurrentPrincipal, IDEMPOTENCY, Once, type KeptAnswers, type OnceRequest } from '@hooklane/service-host';
import type { HookLanes } from '../inspect/hook-lanes.js';
import type { Receivers } from '../inspect/receivers.js';
import type { Resends } from '../inspect/resends.js';
import { attemptViewOf, laneViewOf } from './lane-view.js';

export const LANES = Symbol('lanes');

export interface Lanes {
  readonly lanes: HookLanes;
  readonly receivers: Receivers;
  readonly resends: Resends;
  readonly answers: KeptAnswers;
  readonly clock: Clock;
}

/** The lane of a hook, and trying its receiver out. */
@ApiTags('hooks')
@ApiBearerAuth()
@ApiParam({ name: 'tenant', type: String })
@ApiParam({ name: 'hook', type: String })
@Controller('v1/tenants/:tenant/hooks/:hook')
export class LanesController {
  constructor(@Inject(LANES) private readonly lanes: Lanes) {}

  @Get('lane')
  @Authorize('hooks:read')
  @ApiOperation({ operationId: 'readLane', summary: 'What waits for the hook, and for what.' })
  @ApiResponse({ status: 200, standardSchema: LaneView } as never)
  async read(@Param('tenant') tenant: string, @Param('hook') hook: string): Promise<LaneView> {
    return laneViewOf(await this.lanes.lanes.find(tenant, hook), this.lanes.clock.nowMs());
  }

  @Post('test')
  @HttpCode(200)
  @Authorize('hooks:write')
  @IDEMPOTENCY
  @ApiOperation({ operationId: 'testHook', summary: 'Sends one request to the receiver now, past the lane, and answers with the attempt.', description: 'Never counts as a failure. 200 whatever came of it: see class.' })
  @ApiResponse({ status: 200, standardSchema: AttemptView } as never)
  test(@Once() once: OnceRequest, @CurrentPrincipal() { actor }: Principal, @Param('tenant') tenant: string, @Param('hook') hook: string, @Body({ schema: HookTest.optional() }) body?: HookTest): Promise<AttemptView> {
    const wish = { type: body?.type, project: body?.project, data: body?.data === undefined ? undefined : Buffer.from(JSON.stringify(body.data)), by: body?.by };
    return this.lanes.answers.once(once, async () => attemptViewOf((await this.lanes.receivers.test(tenant, hook, wish, actor)).outcome));
  }
}
