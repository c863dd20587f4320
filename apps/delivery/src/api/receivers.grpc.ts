import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod, Payload } from '@nestjs/microservices';
import type { ProbeReceiverRequest, ProbeReceiverResponse, ResendAttemptRequest, ResendAttemptResponse, SampleEvent, TestReceiverRequest, TestReceiverResponse } from '@hooklane/contracts/grpc';
import { DeliveryOutcome, HookChanged } from '@hooklane/contracts/topics';
import type { Principal } from '@hooklane/directory';
import { AppError } from '@hooklane/kernel';
import { Authorize, CurrentPrincipal } from '@hooklane/service-host';
import type { Sent } from '../inspect/past-lane.js';
import { LANES, type Lanes } from './lanes.controller.js';

/** hooklane.v1.ReceiverService: what the registry asks for. What a key may do here it may do by TestHook too: the address and the secrets are the hook's. */
@Controller()
export class ReceiversGrpc {
  constructor(@Inject(LANES) private readonly lanes: Lanes) {}

  @GrpcMethod('ReceiverService', 'TestReceiver')
  @Authorize('hooks:write')
  async test(@Payload() { tenant, hook, sample }: TestReceiverRequest, @CurrentPrincipal() { actor }: Principal): Promise<TestReceiverResponse> {
    return answerOf(await this.lanes.receivers.test(tenant, hook, sampleOf(sample), actor));
  }

  @GrpcMethod('ReceiverService', 'ProbeReceiver')
  @Authorize('hooks:write')
  async probe(@Payload() { tenant, hook, sample }: ProbeReceiverRequest): Promise<ProbeReceiverResponse> {
    return answerOf(await this.lanes.receivers.probe(tenant, hookOf(hook), sampleOf(sample)));
  }

  @GrpcMethod('ReceiverService', 'ResendAttempt')
  @Authorize('hooks:write')
  async resend(@Payload() { tenant, hook, eventId, eventType, project, headers, body }: ResendAttemptRequest): Promise<ResendAttemptResponse> {
    return answerOf(await this.lanes.receivers.resend(tenant, hook, { eventId, eventType, project, headers, body: Buffer.from(body) }));
  }
}

function sampleOf(sample: SampleEvent | undefined): { type: string; project: string; data: Buffer } {
  if (!sample || sample.type === '') throw new AppError('invalid-request', 'sample: Required, with its type.');
  return { type: sample.type, project: sample.project, data: Buffer.from(sample.data) };
}

function hookOf(bytes: Uint8Array): HookChanged {
  try {
    return HookChanged.decode(bytes);
  } catch (cause) {
    throw new AppError('invalid-request', 'hook: Is no HookChanged.', { cause });
  }
}

function answerOf({ outcome, place }: Sent): TestReceiverResponse {
  return { sent: { outcome: Buffer.from(DeliveryOutcome.encode(outcome).finish()), ...place } };
}
