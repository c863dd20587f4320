import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod, Payload } from '@nestjs/microservices';
import type * as rpc from '@hooklane/contracts/grpc';
import { SourceCreate, SourcePatch } from '@hooklane/contracts/rest';
import { Authorize, validated } from '@hooklane/service-host';
import type { Registry } from '../ports.js';
import { createSource, deleteSource, updateSource } from '../source/change-sources.js';
import { listSources, readSource, readSourceAt } from '../source/read-sources.js';
import { RpcChange, type GrpcChange } from './grpc-change.js';
import { cleared, momentMs, pageWish, present } from './grpc-fields.js';
import { PUBLIC_URL, REGISTRY } from './registry.token.js';

/** hooklane.v1.SourceService. */
@Controller()
export class SourcesGrpc {
  constructor(
    @Inject(REGISTRY) private readonly registry: Registry,
    @Inject(PUBLIC_URL) private readonly publicUrl: string,
  ) {}

  @GrpcMethod('SourceService', 'CreateSource')
  @Authorize('hooks:write')
  async create(@RpcChange() change: GrpcChange, @Payload() { kind, source }: rpc.CreateSourceRequest): Promise<object> {
    const body = validated(SourceCreate, { kind, ...fields(source) });
    return { source: (await createSource(this.registry, change.requestOf(this.registry), body, this.publicUrl)).body };
  }

  @GrpcMethod('SourceService', 'GetSource')
  @Authorize('hooks:read')
  async get(@Payload() { tenant, id, at }: rpc.GetSourceRequest): Promise<object> {
    const { body } = at === '' ? await readSource(this.registry, tenant, id, this.publicUrl) : await readSourceAt(this.registry, tenant, id, momentMs(at), this.publicUrl);
    return { source: body };
  }

  @GrpcMethod('SourceService', 'ListSources')
  @Authorize('hooks:read')
  async list(@Payload() request: rpc.ListSourcesRequest): Promise<object> {
    return (await listSources(this.registry, request.tenant, pageWish(request), this.publicUrl)).body;
  }

  @GrpcMethod('SourceService', 'UpdateSource')
  @Authorize('hooks:write')
  async update(@RpcChange() change: GrpcChange, @Payload() { id, source, clear }: rpc.UpdateSourceRequest): Promise<object> {
    const patch = validated(SourcePatch, cleared(fields(source), clear));
    return { source: (await updateSource(this.registry, change.requestOf(this.registry), id, patch, this.publicUrl)).body };
  }

  @GrpcMethod('SourceService', 'DeleteSource')
  @Authorize('hooks:write')
  async delete(@RpcChange() change: GrpcChange, @Payload() { id }: rpc.DeleteSourceRequest): Promise<object> {
    await deleteSource(this.registry, change.requestOf(this.registry), id);
    return {};
  }
}

/** By name: the message also has members that say which of the optional fields are there. */
function fields(source: rpc.SourceFields | undefined | null): Record<string, unknown> {
  if (!source) return {};
  const { name, enabled, user, verification, algorithm, header, query, basicAuthUser, toleranceSeconds, replays, idHeader, eventType, project, forwardedHeaders, secret } = source;
  return present({ name, enabled, user, verification, algorithm, header, query, basicAuthUser, toleranceSeconds, replays, idHeader, eventType, project, forwardedHeaders: forwardedHeaders?.names, secret });
}
