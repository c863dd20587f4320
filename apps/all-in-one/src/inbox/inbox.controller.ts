import { Body, Controller, Delete, Get, Headers, HttpCode, Inject, Param, Post, Put, Query, Res, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Clock } from '@hooklane/kernel';
import { PublicRoute, RawJsonBody } from '@hooklane/service-host';
import { z } from 'zod';
import { LoopbackGuard } from '../loopback.guard.js';
import { InboxStore } from './inbox-store.js';

export const INBOX_STORE = Symbol('inbox store');
export const INBOX_CLOCK = Symbol('inbox clock');

const MAX_BODY_BYTES = 1024 * 1024;
const nameSchema = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'An inbox is named by 1 to 64 of A-Z a-z 0-9 . _ -');
const settingsSchema = z.strictObject({
  secret: z.union([z.string().min(1), z.array(z.string().min(1)).max(10)]).optional(),
  answer: z.strictObject({ status: z.int().min(200).max(599), delayMs: z.int().min(0).max(120_000).default(0), times: z.int().min(1).nullable().default(null) }).optional(),
});
const pageSchema = z.object({ limit: z.coerce.number().int().min(1).max(100).default(20) });

interface Reply {
  code(status: number): { send(body: unknown): unknown };
}

/**
 * A receiver to try deliveries with: POST is what a hook calls, GET shows what arrived, newest first, PUT sets the secret to verify with and how to answer
 * (`{"answer": {"status": 500, "times": 3}}` fails three times).
 */
@Controller('/inbox/:name')
@ApiExcludeController()
@PublicRoute()
@UseGuards(LoopbackGuard)
export class InboxController {
  constructor(
    @Inject(INBOX_STORE) private readonly store: InboxStore,
    @Inject(INBOX_CLOCK) private readonly clock: Clock,
  ) {}

  @Post()
  @RawJsonBody({ maxBodyBytes: MAX_BODY_BYTES })
  async receive(@Param('name', { schema: nameSchema }) name: string, @Headers() headers: Record<string, string>, @Body() body: Buffer | undefined, @Res() reply: Reply): Promise<void> {
    const { status, delayMs } = this.store.receive(name, { method: 'POST', headers, body: body ?? Buffer.alloc(0) }, new Date(this.clock.nowMs()));
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    reply.code(status).send({ received: status < 300 });
  }

  @Get()
  show(@Param('name', { schema: nameSchema }) name: string, @Query({ schema: pageSchema }) { limit }: z.infer<typeof pageSchema>): unknown {
    return this.store.show(name, limit);
  }

  @Put()
  settle(@Param('name', { schema: nameSchema }) name: string, @Body({ schema: settingsSchema }) { secret, answer }: z.infer<typeof settingsSchema>): unknown {
    this.store.settle(name, { ...(secret === undefined ? {} : { secrets: [secret].flat() }), ...(answer ? { behaviour: answer } : {}) });
    const { behaviour } = this.store.show(name, 0);
    return { name, behaviour };
  }

  @Delete()
  @HttpCode(204)
  clear(@Param('name', { schema: nameSchema }) name: string): void {
    this.store.clear(name);
  }
}
