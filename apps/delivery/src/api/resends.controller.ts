import { Controller, Inject, Param, Post, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AttemptView, ResendScheduled } from '@hooklane/contracts/rest';
import type { Principal } from '@hooklane/directory';
import { Authorize, CurrentPrincipal, IDEMPOTENCY, Once, type OnceRequest } from '@hooklane/service-host';
import type { FastifyReply } from 'fastify';
import { resentViewOf } from './lane-view.js';
import { LANES, type Lanes } from './lanes.controller.js';

/** One delivery again. */
@ApiTags('replays')
@ApiBearerAuth()
@ApiParam({ name: 'tenant', type: String })
@Controller('v1/tenants/:tenant/deliveries/:id')
export class ResendsController {
  constructor(@Inject(LANES) private readonly lanes: Lanes) {}

  @Post('resend')
  @Authorize('replay')
  @IDEMPOTENCY
  @ApiOperation({ operationId: 'resendDelivery', summary: 'Bring one delivery to its receiver again', description: 'One that has its fate: a request now, past the lane, with the bytes of the log; its fate stays. One that waits: its lane tries it now, if it is its turn.' })
  @ApiResponse({ status: 200, description: 'It had its fate; the attempt, whatever came of it.', standardSchema: AttemptView } as never)
  @ApiResponse({ status: 202, description: 'It waits.', standardSchema: ResendScheduled } as never)
  async resend(@Once() once: OnceRequest, @CurrentPrincipal() principal: Principal, @Param('tenant') tenant: string, @Param('id') id: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<AttemptView | ResendScheduled> {
    const { answers, resends } = this.lanes;
    const answer = await answers.once(once, async () => resentViewOf(await resends.run(tenant, id, principal.actor)));
    void reply.status('commandId' in answer ? 202 : 200);
    return answer;
  }
}
