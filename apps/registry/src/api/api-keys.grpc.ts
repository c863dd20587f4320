import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod, Payload } from '@nestjs/microservices';
import type * as rpc from '@hooklane/contracts/grpc';
import { ApiKeyCreate } from '@hooklane/contracts/rest';
import { Authorize, validated } from '@hooklane/service-host';
import { createApiKey } from '../api-key/create-api-key.js';
import { listApiKeys, readApiKey } from '../api-key/read-api-keys.js';
import { revokeApiKey } from '../api-key/revoke-api-key.js';
import type { Registry } from '../ports.js';
import { told } from '../told.js';
import { RpcChange, type GrpcChange } from './grpc-change.js';
import { given, momentMs, pageWish } from './grpc-fields.js';
import { REGISTRY } from './registry.token.js';

/** hooklane.v1.ApiKeyService; an empty tenant means the platform's keys. */
@Controller()
@Authorize('admin')
export class ApiKeysGrpc {
  constructor(@Inject(REGISTRY) private readonly registry: Registry) {}

  @GrpcMethod('ApiKeyService', 'CreateApiKey')
  async create(@RpcChange() change: GrpcChange, @Payload() { name, scopes, expiresAt, user, recoverable }: rpc.CreateApiKeyRequest): Promise<object> {
    const body = validated(ApiKeyCreate, { name, scopes, recoverable, ...given({ expiresAt, user }) });
    const { key, ...apiKey } = (await createApiKey(this.registry, change.requestOf(this.registry), body)).body;
    return { apiKey, key };
  }

  @GrpcMethod('ApiKeyService', 'GetApiKey')
  async get(@Payload() { tenant, id, at }: rpc.GetApiKeyRequest): Promise<object> {
    const { body } = at === '' ? await readApiKey(this.registry, tenant, id) : await told['api-key'].at(this.registry, tenant, id, momentMs(at));
    return { apiKey: body };
  }

  @GrpcMethod('ApiKeyService', 'ListApiKeys')
  async list(@Payload() request: rpc.ListApiKeysRequest): Promise<object> {
    return (await listApiKeys(this.registry, request.tenant, pageWish(request))).body;
  }

  @GrpcMethod('ApiKeyService', 'RevokeApiKey')
  async revoke(@RpcChange() change: GrpcChange, @Payload() { id }: rpc.RevokeApiKeyRequest): Promise<object> {
    return { apiKey: (await revokeApiKey(this.registry, change.requestOf(this.registry), id)).body };
  }
}
