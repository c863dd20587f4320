import { Body, Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AttemptView, HookTest, LaneView } from '@hooklane/contracts/rest';
import type { Clock } from '@hooklane/kernel';
import { Authorize, IDEMPOTENCY, Once, type KeptAnswers, type OnceRequest } from '@hooklane/service-host';
import type { HookLanes } from '../inspect/hook-lanes.js';
import type { HookTests } from '../inspect/hook-tests.js';
import type { Resends } from '../inspect/resends.js';
import { attemptViewOf, laneViewOf } from './lane-view.js';

export const LANES = Symbol('lanes');

export interface Lanes {
  readonly lanes: HookLanes;
  readonly tests: HookTests;
  readonly resends: Resends;
  readonly answers: KeptAnswers;
  readonly clock: Clock;
}

const SAMPLE = '{"test":true,"message":"This is a test from Hooklane."}';

/** What a test sends where its caller has no wishes. */
export function sampleData(data: unknown): Buffer {
  return Buffer.from(data === undefined ? SAMPLE : JSON.stringify(data));
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
  test(@Once() once: OnceRequest, @Param('tenant') tenant: string, @Param('hook') hook: string, @Body({ schema: HookTest.optional() }) body?: HookTest): Promise<AttemptView> {
    const sample = { type: body?.type ?? 'hooklane.test', project: body?.project ?? '', data: sampleData(body?.data) };
    return this.lanes.answers.once(once, async () => attemptViewOf(await this.lanes.tests.run(tenant, hook, sample), sample.data));
  }
}
