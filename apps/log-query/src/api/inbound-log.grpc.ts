import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod, Payload } from '@nestjs/microservices';
import type { GetInboundCallRequest, ListInboundCallsRequest } from '@hooklane/contracts/grpc';
import { InboundCallListQuery } from '@hooklane/contracts/rest';
import { Authorize, validated } from '@hooklane/service-host';
import type { InboundList } from '../query/inbound-list.js';
import { INBOUND_LIST } from './inbound-log.controller.js';
import { TenantBook } from './tenant-book.js';

/** hooklane.v1.InboundLogService: the same answers as REST. Nulls are left out, which proto3 reads as empty. */
@Controller()
export class InboundLogGrpc {
  constructor(
    @Inject(INBOUND_LIST) private readonly calls: InboundList,
    @Inject(TenantBook) private readonly tenants: TenantBook,
  ) {}

  @GrpcMethod('InboundLogService', 'ListInboundCalls')
  @Authorize('log:read')
  async list(@Payload() { tenant, ...asked }: ListInboundCallsRequest): Promise<unknown> {
    const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== '' && value !== 0));
    return this.calls.page(this.tenants.known(tenant), validated(InboundCallListQuery, given));
  }

  @GrpcMethod('InboundLogService', 'GetInboundCall')
  @Authorize('log:read')
  async get(@Payload() { tenant, id }: GetInboundCallRequest): Promise<unknown> {
    const { headers, body, ...call } = await this.calls.call(this.tenants.known(tenant), id);
    return { call, headers, body: Buffer.from(body.content, body.encoding), bodyCut: body.cut };
  }
}
