import { Body, Controller, HttpCode, Inject, Param, Post, UseInterceptors } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { LaneCommandGiven, LaneCommandReason, LaneRetryNow, LaneSkipHead } from '@hooklane/contracts/rest';
import { Authorize, IDEMPOTENCY } from '@hooklane/service-host';
import { commandLane, type LaneWish } from '../hook/command-lane.js';
import type { Registry } from '../ports.js';
import { AnswerInterceptor } from './answer.interceptor.js';
import { because } from './change-request.js';
import { Documented, IF_MATCH } from './documented.js';
import { Change, type HttpChange } from './http-change.js';
import { REGISTRY } from './registry.token.js';

const GIVEN = { status: 202, schema: LaneCommandGiven } as const;

/** What a person may tell the lane of a hook. Reading the lane is delivery's (`GET …/lane`). */
@ApiTags('hooks')
@ApiBearerAuth()
@Controller('v1/tenants/:tenant/hooks/:hook/lane')
@UseInterceptors(AnswerInterceptor)
export class LaneCommandsController {
  constructor(@Inject(REGISTRY) private readonly registry: Registry) {}

  @Post('retry-now')
  @HttpCode(202)
  @Authorize('hooks:write')
  @IDEMPOTENCY
  @IF_MATCH
  @Documented('retryLaneNow', 'What the lane waits for is tried now; the attempt counts like any other.', GIVEN)
  retryNow(@Change() change: HttpChange, @Param('hook') hook: string, @Body({ schema: LaneRetryNow }) { reason, deliveryId, attempt }: LaneRetryNow): Promise<unknown> {
    return this.tell(change, hook, { command: 'retry-now', deliveryId, attempt }, reason);
  }

  @Post('skip-head')
  @HttpCode(202)
  @Authorize('hooks:write')
  @IDEMPOTENCY
  @IF_MATCH
  @Documented('skipLaneHead', 'The delivery that the lane waits for is given up, and the lane goes on.', GIVEN)
  skipHead(@Change() change: HttpChange, @Param('hook') hook: string, @Body({ schema: LaneSkipHead }) { reason, deliveryId }: LaneSkipHead): Promise<unknown> {
    return this.tell(change, hook, { command: 'skip-head', deliveryId }, reason);
  }

  @Post('hold')
  @HttpCode(202)
  @Authorize('hooks:write')
  @IDEMPOTENCY
  @IF_MATCH
  @Documented('holdLane', 'Nothing more is sent until the lane is released; what comes meanwhile waits.', GIVEN)
  hold(@Change() change: HttpChange, @Param('hook') hook: string, @Body({ schema: LaneCommandReason }) { reason }: LaneCommandReason): Promise<unknown> {
    return this.tell(change, hook, { command: 'hold' }, reason);
  }

  @Post('release')
  @HttpCode(202)
  @Authorize('hooks:write')
  @IDEMPOTENCY
  @IF_MATCH
  @Documented('releaseLane', 'Goes on after `hold`, or after an exhausted delivery that holds.', GIVEN)
  release(@Change() change: HttpChange, @Param('hook') hook: string, @Body({ schema: LaneCommandReason }) { reason }: LaneCommandReason): Promise<unknown> {
    return this.tell(change, hook, { command: 'release' }, reason);
  }

  @Post('release-catch-up')
  @HttpCode(202)
  @Authorize('hooks:write')
  @IDEMPOTENCY
  @IF_MATCH
  @Documented('releaseLaneCatchUp', 'What waits for the end of a catch-up goes on now.', GIVEN)
  releaseCatchUp(@Change() change: HttpChange, @Param('hook') hook: string, @Body({ schema: LaneCommandReason }) { reason }: LaneCommandReason): Promise<unknown> {
    return this.tell(change, hook, { command: 'release-catch-up' }, reason);
  }

  private tell(change: HttpChange, hook: string, wish: LaneWish, reason: string | undefined): Promise<unknown> {
    return commandLane(this.registry, because(change.requestOf(this.registry), reason), hook, wish);
  }
}
