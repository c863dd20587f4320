import { setTimeout as pause } from 'node:timers/promises';
import { Delete, Get, Inject, Param, Patch, Post, Put, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { changeWebhook, createWebhook, deleteWebhook, type WebhookChange } from '../../dialect-apis/taiga/change-webhook.js';
import { listWebhooks, readWebhook } from '../../dialect-apis/taiga/list-webhooks.js';
import type { TaigaAnswer } from '../../dialect-apis/taiga/taiga-answer.js';
import { testWebhook } from '../../dialect-apis/taiga/webhook-logs.js';
import type { Registry } from '../../ports.js';
import { changeRequestOf } from '../dialects/change-request-of.js';
import { DialectRoute } from '../dialects/dialect-route.js';
import { formOf } from '../dialects/form.js';
import { REGISTRY } from '../registry.token.js';
import { callerOf, listWish, originOf, someCallerOf } from './taiga-call.js';

/** Taiga's webhooks (dialects design 1.2). */
@DialectRoute('api/v1/webhooks')
export class TaigaWebhooksController {
  constructor(@Inject(REGISTRY) private readonly registry: Registry) {}

  @Get()
  async list(@Req() request: FastifyRequest): Promise<TaigaAnswer> {
    return listWebhooks(this.registry, await callerOf(this.registry, request), listWish(request, 'project'));
  }

  @Post()
  async create(@Req() request: FastifyRequest): Promise<TaigaAnswer> {
    return createWebhook(await this.changeOf(request), formOf(request).body);
  }

  @Get(':id')
  async read(@Req() request: FastifyRequest, @Param('id') id: string): Promise<TaigaAnswer> {
    return readWebhook(this.registry, await someCallerOf(this.registry, request), id);
  }

  @Put(':id')
  async replace(@Req() request: FastifyRequest, @Param('id') id: string): Promise<TaigaAnswer> {
    return changeWebhook(await this.changeOf(request), id, formOf(request).body, 'PUT');
  }

  @Patch(':id')
  async change(@Req() request: FastifyRequest, @Param('id') id: string): Promise<TaigaAnswer> {
    return changeWebhook(await this.changeOf(request), id, formOf(request).body, 'PATCH');
  }

  @Delete(':id')
  async delete(@Req() request: FastifyRequest, @Param('id') id: string): Promise<TaigaAnswer> {
    return deleteWebhook(await this.changeOf(request), id);
  }

  @Post(':id/test')
  async test(@Req() request: FastifyRequest, @Param('id') id: string): Promise<TaigaAnswer> {
    const caller = await someCallerOf(this.registry, request);
    return testWebhook({ registry: this.registry, caller, pause }, id, originOf(request));
  }

  private async changeOf(request: FastifyRequest): Promise<WebhookChange> {
    const caller = await someCallerOf(this.registry, request);
    return { registry: this.registry, caller, request: changeRequestOf(this.registry, caller) };
  }
}
