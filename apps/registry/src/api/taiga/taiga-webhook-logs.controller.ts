import { setTimeout as pause } from 'node:timers/promises';
import { Get, Inject, Param, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { listWebhookLogs } from '../../dialect-apis/taiga/list-webhooks.js';
import { jsonAnswer, type TaigaAnswer } from '../../dialect-apis/taiga/taiga-answer.js';
import { readRow, resendRow } from '../../dialect-apis/taiga/webhook-logs.js';
import type { Registry } from '../../ports.js';
import { DialectRoute } from '../dialects/dialect-route.js';
import { REGISTRY } from '../registry.token.js';
import { callerOf, listWish, someCallerOf } from './taiga-call.js';

/** The calls of Taiga's webhooks (T17); rows are read and sent again, never changed. */
@DialectRoute('api/v1/webhooklogs')
export class TaigaWebhookLogsController {
  constructor(@Inject(REGISTRY) private readonly registry: Registry) {}

  @Get()
  async list(@Req() request: FastifyRequest): Promise<TaigaAnswer> {
    return listWebhookLogs(this.registry, await callerOf(this.registry, request), listWish(request, 'webhook'));
  }

  @Get(':id')
  async read(@Req() request: FastifyRequest, @Param('id') id: string): Promise<TaigaAnswer> {
    return jsonAnswer(200, await readRow(this.registry, await someCallerOf(this.registry, request), id));
  }

  @Post(':id/resend')
  async resend(@Req() request: FastifyRequest, @Param('id') id: string): Promise<TaigaAnswer> {
    const caller = await someCallerOf(this.registry, request);
    return resendRow({ registry: this.registry, caller, pause }, id);
  }
}
