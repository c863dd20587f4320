import { Controller, Get, Headers, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiOperation, ApiParam, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { TailQuery } from '@hooklane/contracts/rest';
import { isAppError } from '@hooklane/kernel';
import { Authorize } from '@hooklane/service-host';
import type { FastifyReply } from 'fastify';
import { Readable } from 'node:stream';
import type { LogTail, TailStep } from '../query/log-tail.js';
import { Followers } from './followers.js';
import { ReadingRight } from './reading-right.js';
import { TenantBook } from './tenant-book.js';

export const LOG_TAIL = Symbol('log-query tail');

/** The live log as server-sent events; `Last-Event-ID` goes on where a reader broke off. */
@ApiTags('log')
@ApiBearerAuth()
@ApiParam({ name: 'tenant', type: String })
@Controller('v1/tenants/:tenant')
export class TailController {
  constructor(
    @Inject(LOG_TAIL) private readonly tail: LogTail,
    @Inject(TenantBook) private readonly tenants: TenantBook,
    @Inject(Followers) private readonly followers: Followers,
    @Inject(ReadingRight) private readonly rights: ReadingRight,
  ) {}

  @Get('tail')
  @Authorize('log:read')
  @ApiOperation({ operationId: 'tail', summary: 'What is logged from now on', description: 'Server-sent events named event, attempt and decision. With the header Last-Event-ID: from behind that one, without gap or repeat.' })
  @ApiHeader({ name: 'last-event-id', required: false })
  @ApiProduces('text/event-stream')
  @ApiResponse({ status: 200, content: { 'text/event-stream': { schema: { type: 'string' } } } })
  async follow(@Param('tenant') tenant: string, @Query({ schema: TailQuery }) query: TailQuery, @Headers('last-event-id') after: string | undefined, @Res() reply: FastifyReply): Promise<void> {
    const follower = this.followers.add();
    reply.raw.on('close', () => follower.end());
    try {
      const steps = this.tail.start(this.tenants.known(tenant), query, after === '' ? undefined : after, follower.signal, this.rights.of(reply.request.headers.authorization));
      const frames = Readable.from(framed(steps), { objectMode: false, highWaterMark: 64 * 1024 });
      void reply.header('content-type', 'text/event-stream; charset=utf-8').header('cache-control', 'no-store').header('x-accel-buffering', 'no').send(frames);
    } catch (error) {
      follower.end();
      throw error;
    }
    await Promise.resolve();
  }
}

/** Backpressure is the stream's: a reader that does not read stops the looking, not the memory of this process. */
async function* framed(steps: AsyncIterable<TailStep>): AsyncGenerator<Buffer> {
  try {
    for await (const { cursor, item } of steps) yield Buffer.from(item === null ? `id: ${cursor}\n\n` : `id: ${cursor}\nevent: ${item.kind}\ndata: ${JSON.stringify(bodyOf(item))}\n\n`);
  } catch (error) {
    // The stream ends; who comes again with that key gets 401.
    if (!isAppError(error) || error.code !== 'unauthenticated') throw error;
  }
}

function bodyOf(item: NonNullable<TailStep['item']>): unknown {
  switch (item.kind) {
    case 'event': return item.event;
    case 'attempt': return item.attempt;
    case 'decision': return item.decision;
    default: return item satisfies never;
  }
}
