import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod, Payload } from '@nestjs/microservices';
import type { GetLaneRequest, GetLaneResponse, ResendDeliveryRequest, ResendDeliveryResponse, TestAuthor, TestHookRequest, TestHookResponse } from '@hooklane/contracts/grpc';
import { HookTest, type AttemptView } from '@hooklane/contracts/rest';
import type { Principal } from '@hooklane/directory';
import { AppError } from '@hooklane/kernel';
import { Authorize, CurrentPrincipal, Once, validated, type OnceRequest } from '@hooklane/service-host';
import { LANES, type Lanes } from './lanes.controller.js';
import { attemptViewOf, laneViewOf, resentViewOf } from './lane-view.js';

/** hooklane.v1.LaneService. */
@Controller()
export class LanesGrpc {
  constructor(@Inject(LANES) private readonly lanes: Lanes) {}

  @GrpcMethod('LaneService', 'GetLane')
  @Authorize('hooks:read')
  async getLane(@Payload() request: GetLaneRequest): Promise<GetLaneResponse> {
    const view = laneViewOf(await this.lanes.lanes.find(request.tenant, request.hook), this.lanes.clock.nowMs());
    return {
      state: view.state,
      waitsFor: view.waitsFor ?? '',
      sentence: view.sentence,
      headDeliveryId: view.head?.deliveryId ?? '',
      headAttempts: view.head?.attempts ?? 0,
      nextAttemptAt: view.nextAttemptAt ?? '',
      failures: view.failures,
      inFlight: view.inFlight,
      blocked: view.blocked,
      lastError: view.lastError ?? '',
      backlogCount: view.backlog.count,
      backlogOldestAgeMs: view.backlog.oldestAgeMs ?? 0,
    };
  }

  @GrpcMethod('LaneService', 'TestHook')
  @Authorize('hooks:write')
  async testHook(@Payload() request: TestHookRequest, @Once() once: OnceRequest, @CurrentPrincipal() { actor }: Principal): Promise<TestHookResponse> {
    const { type, project, by } = validated(HookTest, { ...filled({ type: request.type, project: request.project }), ...(request.by ? { by: filled<TestAuthor>(request.by) } : {}) });
    const data = request.data.length > 0 ? jsonOf(request.data) : undefined;
    const attempt = await this.lanes.answers.once(once, async () => attemptViewOf((await this.lanes.receivers.test(request.tenant, request.hook, { type, project, data, by }, actor)).outcome));
    return answerOf(attempt);
  }

  @GrpcMethod('LaneService', 'ResendDelivery')
  @Authorize('replay')
  async resendDelivery(@Payload() request: ResendDeliveryRequest, @Once() once: OnceRequest, @CurrentPrincipal() principal: Principal): Promise<Partial<ResendDeliveryResponse>> {
    const { answers, resends } = this.lanes;
    const answer = await answers.once(once, async () => resentViewOf(await resends.run(request.tenant, request.id, principal.actor)));
    return 'commandId' in answer ? answer : answerOf(answer);
  }
}

function answerOf(attempt: AttemptView): TestHookResponse {
  const body = attempt.response?.body;
  return {
    attemptId: attempt.id,
    outcomeClass: attempt.class,
    errorCode: attempt.errorCode ?? '',
    errorSentence: attempt.errorSentence ?? '',
    status: attempt.status ?? 0,
    totalMs: attempt.totalMs,
    responseBody: body ? Buffer.from(body.content, body.encoding) : Buffer.alloc(0),
  };
}

/** On the wire an empty field is an absent one. */
function filled<Fields extends object>(fields: Fields): Partial<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== '' && value !== 0)) as Partial<Fields>;
}

/** The bytes as they are, if they are JSON. */
function jsonOf(bytes: Uint8Array): Buffer {
  const data = Buffer.from(bytes);
  try {
    JSON.parse(data.toString('utf8'));
  } catch {
    throw new AppError('malformed-json', 'data is not well-formed JSON.', { details: { pointer: '/data' } });
  }
  return data;
}
