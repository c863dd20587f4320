import { All, Controller, Inject, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { PublicRoute, RawJsonBody, type FailureShape } from '@hooklane/service-host';
import type { IncomingHttpHeaders } from 'node:http';
import { TIKI, type InboundCall } from '../inbound/inbound-call.js';
import type { InboundDesk } from '../inbound/inbound-desk.js';

export const INBOUND = Symbol('event-ingest inbound');

export interface Inbound {
  readonly desk: Pick<InboundDesk, 'receive'>;
  /** Of the calls to `/tiki-webhooks.php`. */
  readonly defaultTenant: string;
  /** Who calls, by the connection and, where that is from a proxy of ours, by what it says. */
  readonly remoteAddressOf: (peer: string, forwardedFor: string | undefined) => string;
}

/** What is needed of Fastify's. */
interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly params: { readonly tenant?: string; readonly source?: string };
  readonly body: Buffer | undefined;
  readonly socket: { readonly remoteAddress?: string };
}
interface Reply {
  status(code: number): Reply;
  header(name: string, value: string): Reply;
  send(text: string): unknown;
}

const PLAIN_TEXT = { 'content-type': 'text/plain; charset=utf-8' };

/** What never reaches the handlers is told in the same way: senders of calls know no problem documents. */
export const inboundFailures: FailureShape = { prefixes: ['/in', '/tiki-webhooks.php'], answer: ({ status, sentence }) => ({ status, headers: PLAIN_TEXT, body: sentence }) };

/** A body beyond it does not reach us; one beyond an event's size is refused in the sender's terms, and logged. */
const MAX_BODY_BYTES = 1024 * 1024;
const NO_BYTES = Buffer.alloc(0);

/** Where other systems call, in any method: one address a tenant for Tiki's handlers, as in Tiki, and one for each other source. */
@ApiExcludeController()
@Controller()
@PublicRoute()
export class InboundController {
  constructor(@Inject(INBOUND) private readonly inbound: Inbound) {}

  @All('tiki-webhooks.php')
  @RawJsonBody({ maxBodyBytes: MAX_BODY_BYTES })
  tikiOfDefaultTenant(@Req() request: Request, @Query() query: Record<string, unknown>, @Res() reply: Reply): Promise<void> {
    return this.receive(request, query, reply, this.inbound.defaultTenant, TIKI);
  }

  @All('in/:tenant/tiki-webhooks.php')
  @RawJsonBody({ maxBodyBytes: MAX_BODY_BYTES })
  tiki(@Req() request: Request, @Query() query: Record<string, unknown>, @Res() reply: Reply): Promise<void> {
    return this.receive(request, query, reply, request.params.tenant ?? '', TIKI);
  }

  @All('in/:tenant/:source')
  @RawJsonBody({ maxBodyBytes: MAX_BODY_BYTES })
  source(@Req() request: Request, @Query() query: Record<string, unknown>, @Res() reply: Reply): Promise<void> {
    const { tenant = '', source = '' } = request.params;
    // That word is the name of the shared address, and nobody's id.
    return this.receive(request, query, reply, tenant, source === TIKI ? '' : source);
  }

  private async receive({ method, url, headers, body, socket }: Request, query: Record<string, unknown>, reply: Reply, tenantId: string, endpoint: string): Promise<void> {
    const forwardedFor = headers['x-forwarded-for'];
    const remoteAddress = this.inbound.remoteAddressOf(socket.remoteAddress ?? '', typeof forwardedFor === 'string' ? forwardedFor : forwardedFor?.join(', '));
    const call: InboundCall = { tenantId, endpoint, method, url, remoteAddress, headers, query, body: body ?? NO_BYTES };
    const { status, text, retryAfterSeconds } = await this.inbound.desk.receive(call);
    reply.status(status).header('content-type', PLAIN_TEXT['content-type']);
    if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
    reply.send(text);
  }
}
