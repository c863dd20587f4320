import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod, Payload } from '@nestjs/microservices';
import type * as rpc from '@hooklane/contracts/grpc';
import { LaneCommandReason, LaneRetryNow, LaneSkipHead, type LaneCommandGiven } from '@hooklane/contracts/rest';
import { Authorize, validated } from '@hooklane/service-host';
import { commandLane, type LaneWish } from '../hook/command-lane.js';
import type { Registry } from '../ports.js';
import { RpcChange, type GrpcChange } from './grpc-change.js';
import { given } from './grpc-fields.js';
import { REGISTRY } from './registry.token.js';

/** hooklane.v1.LaneCommandService. */
@Controller()
export class LaneCommandsGrpc {
  constructor(@Inject(REGISTRY) private readonly registry: Registry) {}

  @GrpcMethod('LaneCommandService', 'RetryNow')
  @Authorize('hooks:write')
  retryNow(@RpcChange() change: GrpcChange, @Payload() { hook, deliveryId, attempt, reason }: rpc.RetryNowRequest): Promise<LaneCommandGiven> {
    const wish = validated(LaneRetryNow, given({ deliveryId, attempt, reason }));
    return this.tell(change, hook, { command: 'retry-now', deliveryId: wish.deliveryId, attempt: wish.attempt });
  }

  @GrpcMethod('LaneCommandService', 'SkipHead')
  @Authorize('hooks:write')
  skipHead(@RpcChange() change: GrpcChange, @Payload() { hook, deliveryId, reason }: rpc.SkipHeadRequest): Promise<LaneCommandGiven> {
    return this.tell(change, hook, { command: 'skip-head', deliveryId: validated(LaneSkipHead, given({ deliveryId, reason })).deliveryId });
  }

  @GrpcMethod('LaneCommandService', 'HoldLane')
  @Authorize('hooks:write')
  hold(@RpcChange() change: GrpcChange, @Payload() { hook, reason }: rpc.HoldLaneRequest): Promise<LaneCommandGiven> {
    validated(LaneCommandReason, given({ reason }));
    return this.tell(change, hook, { command: 'hold' });
  }

  @GrpcMethod('LaneCommandService', 'ReleaseLane')
  @Authorize('hooks:write')
  release(@RpcChange() change: GrpcChange, @Payload() { hook, reason }: rpc.ReleaseLaneRequest): Promise<LaneCommandGiven> {
    validated(LaneCommandReason, given({ reason }));
    return this.tell(change, hook, { command: 'release' });
  }

  @GrpcMethod('LaneCommandService', 'ReleaseCatchUp')
  @Authorize('hooks:write')
  releaseCatchUp(@RpcChange() change: GrpcChange, @Payload() { hook, reason }: rpc.ReleaseCatchUpRequest): Promise<LaneCommandGiven> {
    validated(LaneCommandReason, given({ reason }));
    return this.tell(change, hook, { command: 'release-catch-up' });
  }

  private async tell(change: GrpcChange, hook: string, wish: LaneWish): Promise<LaneCommandGiven> {
    return (await commandLane(this.registry, change.requestOf(this.registry), hook, wish)).body;
  }
}
