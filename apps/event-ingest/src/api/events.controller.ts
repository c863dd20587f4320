import { Body, Controller, Headers, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiHeader, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { EventAnswer, EventBatchAnswer, EventBatchPublishDocument, EventPublish, IdempotencyKeyHeader } from '@hooklane/contracts/rest';
import { AppError, toAppError, type Clock } from '@hooklane/kernel';
import { Authorize, RawJsonBody } from '@hooklane/service-host';
import type { IncomingHttpHeaders } from 'node:http';
import { inflated } from '../adapters/inflate.js';
import type { EventAcceptor, Submission } from '../accept/event-acceptor.js';
import type { Acceptance } from '../accept/turn.js';
import type { IngestMetrics } from '../event-ingest.metrics.js';
import { binaryCloudEvent, cloudEventBatch, structuredCloudEvent } from './cloud-event.js';
import { itemProblem, retryAfterOf } from './item-problem.js';
import { bodyLimits, nativeBatch, nativeEvent } from './native-body.js';

export const INGEST = Symbol('event-ingest');

export interface Ingest {
  readonly acceptor: Pick<EventAcceptor, 'catchUp' | 'submit'>;
  /** Whether a key, by hex SHA-256 of its text, may still publish: streams outlive the check at their beginning. */
  readonly mayPublish: (keyHash: string) => boolean;
  readonly metrics: IngestMetrics;
  readonly clock: Clock;
}

/** What is needed of Fastify's. */
interface Request {
  readonly params: { readonly tenant: string };
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer | undefined;
}
interface Reply {
  header(name: string, value: string): unknown;
  send(answer: object): unknown;
}

const NO_BYTES = Buffer.alloc(0);
const CLOUD_EVENT = 'application/cloudevents+json';
const CLOUD_EVENT_BATCH = 'application/cloudevents-batch+json';
const JSON_BODY = 'application/json';
const IDEMPOTENCY_KEY = { name: 'Idempotency-Key', required: false, description: 'The same request with the same key within 24 hours gets the first answer again; another request with it gets 409.' };

/** `POST /v1/tenants/{tenant}/events` and `…/events:batch`, native and as CloudEvents. */
@ApiTags('events')
@ApiBearerAuth()
@ApiParam({ name: 'tenant', type: String })
@Controller('v1/tenants/:tenant')
export class EventsController {
  constructor(@Inject(INGEST) private readonly ingest: Ingest) {}

  /** Takes the request as a whole and answers itself: each parameter and the result would cost a promise of Nest's, on the path of every event. */
  @Post('events')
  @HttpCode(202)
  @Authorize('publish')
  @RawJsonBody({ maxBodyBytes: bodyLimits.eventBytes })
  @ApiOperation({ operationId: 'publishEvent', summary: 'Publish an event', description: '202: the event is in the log. Also takes CloudEvents 1.0 in binary and structured mode, and gzip.' })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiConsumes(JSON_BODY, CLOUD_EVENT)
  @ApiBody({ schema: EventPublish as never })
  @ApiResponse({ status: 202, standardSchema: EventAnswer } as never)
  async publish(@Req() request: Request, @Res() reply: Reply): Promise<void> {
    const startedMs = this.ingest.clock.monotonicMs();
    const { headers } = request;
    const bytes = this.bytesOf(request.body, headers, bodyLimits.eventBytes);
    const submission = this.submissionOf(bytes instanceof Promise ? await bytes : bytes, headers);
    const [acceptance] = await this.submit(request.params.tenant, [submission], startedMs);
    if (!acceptance) throw new Error('one submission has one acceptance');
    if (!acceptance.ok) throw acceptance.error;
    reply.send(answerOf(acceptance));
  }

  /** The second colon makes the first one a character of the path. */
  @Post('events::batch')
  @HttpCode(200)
  @Authorize('publish')
  @RawJsonBody({ maxBodyBytes: bodyLimits.batchBytes })
  @ApiOperation({ operationId: 'publishEvents', summary: 'Publish up to 1,000 events', description: 'One result for each, in order; the order of those accepted is kept.' })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiConsumes(JSON_BODY, CLOUD_EVENT_BATCH)
  @ApiBody({ schema: EventBatchPublishDocument as never })
  @ApiResponse({ status: 200, standardSchema: EventBatchAnswer, headers: { 'Retry-After': { description: 'Where nothing was accepted and a repeat may be: the seconds to wait.', schema: { type: 'integer' } } } } as never)
  async batch(@Param('tenant') tenant: string, @Headers() headers: IncomingHttpHeaders, @Body() body: Buffer, @Res({ passthrough: true }) reply: Reply): Promise<EventBatchAnswer> {
    const startedMs = this.ingest.clock.monotonicMs();
    const bytes = await this.bytesOf(body, headers, bodyLimits.batchBytes);
    const submissions = await this.readingAll(() => batchOf(bytes, headers));
    const acceptances = await this.submit(tenant, submissions, startedMs);
    const retryAfter = retryAfterOf(acceptances);
    if (retryAfter !== null) reply.header('retry-after', retryAfter);
    return {
      results: acceptances.map((acceptance) => {
        if (acceptance.ok) return { status: 202 as const, ...answerOf(acceptance) };
        const problem = itemProblem(acceptance.error);
        return { status: problem.status, problem };
      }),
    };
  }

  private async submit(tenant: string, submissions: readonly Submission[], startedMs: number): Promise<readonly Acceptance[]> {
    const { acceptor, metrics, clock } = this.ingest;
    try {
      const pending = await acceptor.submit(tenant, submissions);
      const acceptances = pending.length === 1 ? [(await pending[0]) as Acceptance] : await Promise.all(pending);
      metrics.answered(acceptances, (clock.monotonicMs() - startedMs) / 1000);
      return acceptances;
    } catch (error) {
      throw this.refused(error);
    }
  }

  private bytesOf(body: Buffer | undefined, headers: IncomingHttpHeaders, maxBytes: number): Buffer | Promise<Buffer> {
    const bytes = body ?? NO_BYTES;
    if (bytes.length > maxBytes) throw this.refused(new AppError('too-large', `The body is larger than ${maxBytes} bytes.`, { details: { maxBytes } }));
    const encoding = headers['content-encoding'];
    return encoding === undefined ? bytes : this.readingAll(() => inflated(bytes, encoding, maxBytes));
  }

  private submissionOf(bytes: Buffer, headers: IncomingHttpHeaders): Submission {
    try {
      return { event: eventOf(bytes, headers), idempotencyKey: idempotencyKeyOf(headers) };
    } catch (error) {
      throw this.refused(error);
    }
  }

  private async readingAll<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      throw this.refused(error);
    }
  }

  private refused(error: unknown): AppError {
    const refusal = toAppError(error);
    this.ingest.metrics.refused(refusal.code);
    return refusal;
  }
}

function mediaTypeOf(headers: IncomingHttpHeaders): string {
  const header = headers['content-type'];
  if (header === undefined || header === JSON_BODY) return header ?? '';
  const [type = '', ...parameters] = header.split(';');
  const charset = parameters.map((parameter) => parameter.trim().toLowerCase()).find((parameter) => parameter.startsWith('charset='));
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset) && headers['ce-specversion'] === undefined) throw new AppError('unsupported-media-type', 'The only charset is UTF-8.');
  return type.trim().toLowerCase();
}

function eventOf(bytes: Buffer, headers: IncomingHttpHeaders): ReturnType<typeof nativeEvent> {
  const mediaType = mediaTypeOf(headers);
  const traceparent = headers.traceparent as string | undefined;
  if (mediaType === CLOUD_EVENT) return structuredCloudEvent(bytes, traceparent);
  if (headers['ce-specversion'] !== undefined) return binaryCloudEvent(bytes, headers);
  if (mediaType === JSON_BODY) return nativeEvent(bytes, traceparent);
  throw new AppError('unsupported-media-type', `Send the event as ${JSON_BODY} or as a CloudEvent, and batches to events:batch.`);
}

async function batchOf(bytes: Buffer, headers: IncomingHttpHeaders): Promise<readonly Submission[]> {
  const mediaType = mediaTypeOf(headers);
  const traceparent = headers.traceparent as string | undefined;
  if (mediaType === CLOUD_EVENT_BATCH) return cloudEventBatch(bytes, idempotencyKeyOf(headers), traceparent);
  if (mediaType === JSON_BODY) return nativeBatch(bytes, idempotencyKeyOf(headers), traceparent);
  throw new AppError('unsupported-media-type', `Send the events as ${JSON_BODY} or ${CLOUD_EVENT_BATCH}.`);
}

function idempotencyKeyOf(headers: IncomingHttpHeaders): string | null {
  const header = headers['idempotency-key'];
  if (header === undefined) return null;
  const parsed = IdempotencyKeyHeader.safeParse(header);
  if (!parsed.success) throw new AppError('invalid-request', 'The header Idempotency-Key must be 1 to 255 visible ASCII characters.', { details: { errors: [{ pointer: '', message: 'The header Idempotency-Key must be 1 to 255 visible ASCII characters.' }] } });
  return parsed.data;
}

function answerOf({ id, acceptedAtMs }: { id: string; acceptedAtMs: number }): EventAnswer {
  return { id, acceptedAt: new Date(acceptedAtMs).toISOString() };
}
