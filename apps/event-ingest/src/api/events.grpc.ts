import { Controller, Inject, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { Ctx, GrpcMethod, GrpcStreamMethod, Payload } from '@nestjs/microservices';
import type { Metadata, ServerDuplexStream } from '@grpc/grpc-js';
import type { PublishBatchRequest, PublishBatchResponse, PublishedEvent as EventMessage, PublishRequest, PublishResponse, PublishResult, PublishStreamRequest, PublishStreamResponse } from '@hooklane/contracts/grpc';
import { limits } from '@hooklane/contracts';
import { EventFields, IdempotencyKeyHeader } from '@hooklane/contracts/rest';
import type { Principal } from '@hooklane/directory';
import { AppError, toAppError } from '@hooklane/kernel';
import { assertTenant, Authorize, CurrentPrincipal, invalidRequest, validated } from '@hooklane/service-host';
import type { Observable } from 'rxjs';
import type { Submission } from '../accept/event-acceptor.js';
import type { Acceptance } from '../accept/turn.js';
import { sha256Hex } from '../adapters/request-hash.js';
import { valueSlice } from '../publish/json-slices.js';
import type { PublishedEvent } from '../publish/published-event.js';
import { INGEST, type Ingest } from './events.controller.js';
import { assertDataDepth, declaredData, JSON_CONTENT_TYPE, publishedEvent, type Place } from './event-fields.js';
import { attempt, keyOfItem } from './native-body.js';
import { orderedAnswers } from './ordered-answers.js';

const Call = createParamDecorator((_: unknown, context: ExecutionContext) => context.getArgByIndex<unknown>(2));

/** hooklane.v1.EventService. */
@Controller()
export class EventsGrpc {
  constructor(@Inject(INGEST) private readonly ingest: Ingest) {}

  @GrpcMethod('EventService', 'Publish')
  @Authorize('publish')
  async publish(@Payload() request: PublishRequest, @Ctx() metadata: Metadata): Promise<PublishResponse> {
    const submission = attempt(() => eventOf(request.event, traceparentOf(metadata), ['event']), keyOf(request.idempotencyKey));
    const [acceptance] = await this.accept(request.tenant, [submission]);
    if (!acceptance?.ok) throw acceptance?.error ?? new Error('one submission has one acceptance');
    return answerOf(acceptance);
  }

  @GrpcMethod('EventService', 'PublishBatch')
  @Authorize('publish')
  async publishBatch(@Payload() request: PublishBatchRequest, @Ctx() metadata: Metadata): Promise<PublishBatchResponse> {
    const { events } = request;
    if (events.length === 0 || events.length > limits.batchEvents) throw this.refused(invalidRequest([{ path: ['events'], message: `Must be a list of 1 to ${limits.batchEvents} events.` }]));
    const key = keyOf(request.idempotencyKey);
    const submissions = events.map((event, index) => attempt(() => eventOf(event, traceparentOf(metadata), ['events', String(index)]), keyOfItem(key, index)));
    return { results: (await this.accept(request.tenant, submissions)).map(resultOf) };
  }

  @GrpcStreamMethod('EventService', 'PublishStream')
  @Authorize('publish')
  publishStream(@Payload() requests: Observable<PublishStreamRequest>, @Ctx() metadata: Metadata, @CurrentPrincipal() principal: Principal, @Call() call: ServerDuplexStream<unknown, unknown>): Observable<PublishStreamResponse> {
    const traceparent = traceparentOf(metadata);
    const keyHash = keyHashOf(metadata);
    return orderedAnswers(requests, call, async (batch) => {
      await this.assertStillGood(keyHash);
      return this.submitStreamed(batch, principal, traceparent);
    });
  }

  /** Promise 10 holds within a stream too: its key may have been revoked, and catalogs change, since it began. */
  private async assertStillGood(keyHash: string): Promise<void> {
    try {
      await this.ingest.acceptor.catchUp();
      if (!this.ingest.mayPublish(keyHash)) throw new AppError('unauthenticated', 'The API key is not valid any more.');
    } catch (error) {
      throw this.refused(error);
    }
  }

  /** What arrived together goes together; a stream may name several tenants. @returns once the appends are issued */
  private async submitStreamed(batch: readonly PublishStreamRequest[], principal: Principal, traceparent: string | undefined): Promise<readonly Promise<PublishStreamResponse>[]> {
    const answers: Promise<PublishStreamResponse>[] = [];
    for (let from = 0; from < batch.length; ) {
      const tenant = batch[from]?.tenant ?? '';
      let to = from + 1;
      while (batch[to]?.tenant === tenant) to += 1;
      answers.push(...(await this.submitOfTenant(tenant, batch.slice(from, to), principal, traceparent)));
      from = to;
    }
    return answers;
  }

  private async submitOfTenant(tenant: string, requests: readonly PublishStreamRequest[], principal: Principal, traceparent: string | undefined): Promise<readonly Promise<PublishStreamResponse>[]> {
    const startedMs = this.ingest.clock.monotonicMs();
    try {
      assertTenant(principal, tenant);
      const submissions = requests.map((request) => submissionOf(request, traceparent));
      const acceptances = await this.ingest.acceptor.submit(tenant, submissions);
      return acceptances.map(async (pending) => {
        const acceptance = await pending;
        this.ingest.metrics.answered([acceptance], (this.ingest.clock.monotonicMs() - startedMs) / 1000);
        return { result: resultOf(acceptance) };
      });
    } catch (error) {
      // The stream goes on: the refusal is the answer to each of these requests.
      const refusal = this.refused(error);
      return requests.map(() => Promise.resolve({ result: resultOf({ ok: false, error: refusal }) }));
    }
  }

  private async accept(tenant: string, submissions: readonly Submission[]): Promise<readonly Acceptance[]> {
    const { acceptor, metrics, clock } = this.ingest;
    const startedMs = clock.monotonicMs();
    try {
      const acceptances = await Promise.all(await acceptor.submit(tenant, submissions));
      metrics.answered(acceptances, (clock.monotonicMs() - startedMs) / 1000);
      return acceptances;
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

function submissionOf(request: PublishStreamRequest, traceparent: string | undefined): Submission {
  try {
    const key = keyOf(request.idempotencyKey);
    return attempt(() => eventOf(request.event, traceparent, ['event']), key);
  } catch (error) {
    return toAppError(error);
  }
}

/** Empty fields are absent ones (proto3). */
function eventOf(message: EventMessage | undefined | null, traceparent: string | undefined, place: Place): PublishedEvent {
  if (!message) throw invalidRequest([{ path: [...place], message: 'Required.' }]);
  const { id, type, project, orderingKey, occurredAt, attributes } = message;
  const given = Object.entries({ id, project, orderingKey, occurredAt }).filter(([, value]) => value !== '');
  const fields = validated(EventFields, { type, attributes, ...Object.fromEntries(given) }, undefined, place);
  const contentType = message.contentType || JSON_CONTENT_TYPE;
  const data = declaredData(message.data, contentType, place, 'contentType');
  if (data.parsed !== undefined) assertDataDepth(valueSlice(message.data, 0).depth, place);
  return publishedEvent(fields, data, message.traceparent || traceparent, place);
}

function keyOf(key: string): string | null {
  if (key === '') return null;
  return validated(IdempotencyKeyHeader, key, undefined, ['idempotencyKey']);
}

function keyHashOf(metadata: Metadata): string {
  const [authorization] = metadata.get('authorization');
  return sha256Hex(String(authorization).replace(/^Bearer +/i, '').trim());
}

function traceparentOf(metadata: Metadata): string | undefined {
  const [value] = metadata.get('traceparent');
  return typeof value === 'string' ? value : undefined;
}

function answerOf({ id, acceptedAtMs }: { id: string; acceptedAtMs: number }): PublishResponse {
  return { id, acceptedAt: new Date(acceptedAtMs).toISOString() };
}

function resultOf(acceptance: Acceptance): PublishResult {
  // The loader's form of a oneof: the member that is set.
  const result = acceptance.ok ? { accepted: answerOf(acceptance) } : { problem: problemMessage(acceptance.error) };
  return result as unknown as PublishResult;
}

function problemMessage(error: AppError): Record<string, unknown> {
  const { pointer, errors } = error.details as { pointer?: string; errors?: readonly { pointer: string }[] };
  return { code: error.code, detail: error.publicMessage, pointer: pointer ?? errors?.[0]?.pointer ?? '', retryable: error.retryable, retryAfterMs: error.retryAfterMs ?? 0 };
}
