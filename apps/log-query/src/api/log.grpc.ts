import { Controller, Inject } from '@nestjs/common';
import { Ctx, GrpcMethod, Payload } from '@nestjs/microservices';
import type { Metadata } from '@grpc/grpc-js';
import type {
  AnswerIncidentRequest, ExplainMissedRequest, GetAttemptRequest, GetDeliveryRequest, GetEventRequest, GetIncidentRequest,
  ListAttemptsRequest, ListDeliveriesRequest, ListEventsRequest, ListIncidentsRequest, ListUndeliveredRequest, TailRequest,
} from '@hooklane/contracts/grpc';
import { AttemptListQuery, DeliveryListQuery, EventListQuery, IncidentAnswer, IncidentListQuery, MissedQuery, TailQuery, UndeliveredListQuery } from '@hooklane/contracts/rest';
import type { Principal } from '@hooklane/directory';
import { Authorize, CurrentPrincipal, invalidRequest, Once, validated, type KeptAnswers, type OnceRequest } from '@hooklane/service-host';
import { from, map, Observable } from 'rxjs';
import { incidentAnswers, INCIDENT_ANSWER_KINDS, type IncidentAnswerKind, type IncidentDesk } from '../query/incident-desk.js';
import type { LogReader } from '../query/log-reader.js';
import type { UndeliveredList } from '../query/undelivered-list.js';
import type { LogTail, TailStep } from '../query/log-tail.js';
import { Followers } from './followers.js';
import { ReadingRight } from './reading-right.js';
import { INCIDENT_DESK, KEPT_ANSWERS } from './incidents.controller.js';
import { LOG_READER, UNDELIVERED } from './log.controller.js';
import { LOG_TAIL } from './tail.controller.js';
import { TenantBook } from './tenant-book.js';

/** hooklane.v1.LogService: the same answers as REST. Nulls are left out, which proto3 reads as empty. */
@Controller()
export class LogGrpc {
  constructor(
    @Inject(LOG_READER) private readonly reader: LogReader,
    @Inject(UNDELIVERED) private readonly undelivered: UndeliveredList,
    @Inject(LOG_TAIL) private readonly tail: LogTail,
    @Inject(INCIDENT_DESK) private readonly desk: IncidentDesk,
    @Inject(KEPT_ANSWERS) private readonly answers: KeptAnswers,
    @Inject(TenantBook) private readonly tenants: TenantBook,
    @Inject(Followers) private readonly followers: Followers,
    @Inject(ReadingRight) private readonly rights: ReadingRight,
  ) {}

  @GrpcMethod('LogService', 'ListEvents')
  @Authorize('log:read')
  async listEvents(@Payload() request: ListEventsRequest): Promise<unknown> {
    return this.reader.events(this.tenants.known(request.tenant), validated(EventListQuery, given(request)));
  }

  @GrpcMethod('LogService', 'GetEvent')
  @Authorize('log:read')
  async getEvent(@Payload() request: GetEventRequest): Promise<unknown> {
    const { event, view } = await this.reader.event(this.tenants.known(request.tenant), request.id);
    const { traceparent, matching, deliveries, deliveriesCut, ...summary } = view;
    return { event: summary, data: event.data, traceparent, matching, deliveries, deliveriesCut };
  }

  @GrpcMethod('LogService', 'ListDeliveries')
  @Authorize('log:read')
  async listDeliveries(@Payload() request: ListDeliveriesRequest): Promise<unknown> {
    return this.reader.deliveries(this.tenants.known(request.tenant), validated(DeliveryListQuery, given(request)));
  }

  @GrpcMethod('LogService', 'GetDelivery')
  @Authorize('log:read')
  async getDelivery(@Payload() request: GetDeliveryRequest): Promise<unknown> {
    const { timeline, ...delivery } = await this.reader.delivery(this.tenants.known(request.tenant), request.id);
    return { delivery, timeline };
  }

  @GrpcMethod('LogService', 'ListUndelivered')
  @Authorize('log:read')
  async listUndelivered(@Payload() request: ListUndeliveredRequest): Promise<unknown> {
    return this.undelivered.page(this.tenants.known(request.tenant), validated(UndeliveredListQuery, given(request)));
  }

  @GrpcMethod('LogService', 'ListAttempts')
  @Authorize('log:read')
  async listAttempts(@Payload() request: ListAttemptsRequest): Promise<unknown> {
    return this.reader.attempts(this.tenants.known(request.tenant), validated(AttemptListQuery, given(request)));
  }

  @GrpcMethod('LogService', 'GetAttempt')
  @Authorize('log:read')
  async getAttempt(@Payload() request: GetAttemptRequest): Promise<unknown> {
    const { startedAt, connectMs, firstByteMs, errorSentence, hookVersion, request: sent, response, ...attempt } = await this.reader.attempt(this.tenants.known(request.tenant), request.id);
    return {
      attempt,
      startedAt,
      connectMs,
      firstByteMs,
      errorSentence,
      hookVersion,
      requestUrl: sent.url,
      requestHeaders: sent.headers,
      requestBody: bytesOf(sent.body),
      requestBodyExpired: sent.body === null,
      responseHeaders: response?.headers ?? [],
      responseBody: bytesOf(response?.body ?? null),
      responseBodyCut: response?.body.cut ?? false,
    };
  }

  @GrpcMethod('LogService', 'ExplainMissed')
  @Authorize('log:read')
  async explainMissed(@Payload() request: ExplainMissedRequest): Promise<unknown> {
    const { event } = validated(MissedQuery, { event: request.event });
    return this.reader.missed(this.tenants.known(request.tenant), request.hook, event);
  }

  @GrpcMethod('LogService', 'Tail')
  @Authorize('log:read')
  follow(@Payload() request: TailRequest, @Ctx() metadata: Metadata): Observable<unknown> {
    const { after, ...query } = given(request);
    const filters = validated(TailQuery, query);
    const tenantId = this.tenants.known(request.tenant);
    return new Observable((subscriber) => {
      const follower = this.followers.add();
      try {
        const steps = this.tail.start(tenantId, filters, after as string | undefined, follower.signal, this.rights.of(metadata.get('authorization')[0]));
        const answers = from(steps).pipe(map(answerOf)).subscribe(subscriber);
        return () => {
          follower.end();
          answers.unsubscribe();
        };
      } catch (error) {
        follower.end();
        subscriber.error(error);
        return undefined;
      }
    });
  }

  @GrpcMethod('LogService', 'ListIncidents')
  @Authorize('log:read', { tenantKeys: 'narrowed' })
  async listIncidents(@Payload() request: ListIncidentsRequest, @CurrentPrincipal() principal: Principal): Promise<unknown> {
    const { items, next } = await this.desk.list(principal, validated(IncidentListQuery, given(request)));
    return { items: items.map(incidentOf), next };
  }

  @GrpcMethod('LogService', 'GetIncident')
  @Authorize('log:read', { tenantKeys: 'narrowed' })
  async getIncident(@Payload() request: GetIncidentRequest, @CurrentPrincipal() principal: Principal): Promise<unknown> {
    const { recordKey, recordValueBase64, recordAttachmentBase64, ...incident } = await this.desk.inspect(principal, request.id);
    return { incident: incidentOf(incident), recordKey, recordValue: fromBase64(recordValueBase64), recordAttachment: fromBase64(recordAttachmentBase64) };
  }

  @GrpcMethod('LogService', 'AnswerIncident')
  @Authorize('admin', { tenantKeys: 'narrowed' })
  async answerIncident(@Payload() request: AnswerIncidentRequest, @Once() once: OnceRequest, @CurrentPrincipal() principal: Principal): Promise<unknown> {
    if (!Object.hasOwn(incidentAnswers, request.answer)) throw invalidRequest([{ path: ['answer'], message: `Must be one of ${INCIDENT_ANSWER_KINDS.join(', ')}.` }]);
    const { reason } = validated(IncidentAnswer, { reason: request.reason });
    return { incident: incidentOf(await this.answers.once(once, () => this.desk.answer(principal, request.id, request.answer as IncidentAnswerKind, reason))) };
  }
}

/** Without the tenant, and without what proto3 fills in for absent fields. */
function given(request: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(request).filter(([name, value]) => name !== 'tenant' && value !== '' && value !== 0));
}

function incidentOf<Summary extends { readonly tenant: string | null }>({ tenant, ...incident }: Summary): unknown {
  return { ...incident, tenantId: tenant };
}

function answerOf({ cursor, item }: TailStep): unknown {
  return item === null ? { cursor } : { cursor, [item.kind]: 'event' in item ? item.event : 'attempt' in item ? item.attempt : item.decision };
}

function bytesOf(body: { readonly encoding: 'utf8' | 'base64'; readonly content: string } | null): Buffer {
  return body ? Buffer.from(body.content, body.encoding) : Buffer.alloc(0);
}

function fromBase64(text: string | null): Buffer {
  return Buffer.from(text ?? '', 'base64');
}
