import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod, Payload } from '@nestjs/microservices';
import type { CountLoggedAttemptsRequest, ListLoggedAttemptsRequest } from '@hooklane/contracts/grpc';
import { CountLoggedAttempts, ListLoggedAttempts } from '@hooklane/contracts/rest';
import { Authorize, validated } from '@hooklane/service-host';
import type { AttemptLog } from '../query/attempt-log.js';
import { TenantBook } from './tenant-book.js';

export const ATTEMPT_LOG = Symbol('attempt log');

/** hooklane.v1.AttemptLogService: what the registry shows in the dialects' APIs. */
@Controller()
@Authorize('log:read')
export class AttemptLogGrpc {
  constructor(
    @Inject(ATTEMPT_LOG) private readonly log: AttemptLog,
    @Inject(TenantBook) private readonly tenants: TenantBook,
  ) {}

  @GrpcMethod('AttemptLogService', 'ListLoggedAttempts')
  async list(@Payload() { tenant, ...wish }: ListLoggedAttemptsRequest): Promise<object> {
    const items = await this.log.list(this.tenants.known(tenant), validated(ListLoggedAttempts, wish));
    return { items: items.map(({ eventData, ...item }) => ({ ...item, ...(eventData ? { eventData } : {}) })) };
  }

  @GrpcMethod('AttemptLogService', 'CountLoggedAttempts')
  async count(@Payload() { tenant, ...wish }: CountLoggedAttemptsRequest): Promise<object> {
    const { hooks, atMost } = validated(CountLoggedAttempts, wish);
    return { items: [...(await this.log.counts(this.tenants.known(tenant), hooks, atMost))].map(([hook, count]) => ({ hook, count })) };
  }
}
