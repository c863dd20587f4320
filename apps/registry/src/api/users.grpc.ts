import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod, Payload } from '@nestjs/microservices';
import type * as rpc from '@hooklane/contracts/grpc';
import { UserCreate, UserPatch } from '@hooklane/contracts/rest';
import { Authorize, validated } from '@hooklane/service-host';
import { deleteFacts, listFacts, readFacts, updateFacts } from '../facts-use-cases.js';
import type { Registry } from '../ports.js';
import { createUser, users } from '../user/users.js';
import { told } from '../told.js';
import { RpcChange, type GrpcChange } from './grpc-change.js';
import { cleared, momentMs, pageWish, present } from './grpc-fields.js';
import { REGISTRY } from './registry.token.js';

/** hooklane.v1.UserService. */
@Controller()
@Authorize('admin')
export class UsersGrpc {
  constructor(@Inject(REGISTRY) private readonly registry: Registry) {}

  @GrpcMethod('UserService', 'CreateUser')
  async create(@RpcChange() change: GrpcChange, @Payload() { name, email, role }: rpc.CreateUserRequest): Promise<object> {
    return { user: (await createUser(this.registry, change.requestOf(this.registry), validated(UserCreate, present({ name, email, role })))).body };
  }

  @GrpcMethod('UserService', 'GetUser')
  async get(@Payload() { tenant, id, at }: rpc.GetUserRequest): Promise<object> {
    const { body } = at === '' ? await readFacts(this.registry, tenant, users, id) : await told.user.at(this.registry, tenant, id, momentMs(at));
    return { user: body };
  }

  @GrpcMethod('UserService', 'ListUsers')
  async list(@Payload() request: rpc.ListUsersRequest): Promise<object> {
    return (await listFacts(this.registry, request.tenant, users, pageWish(request))).body;
  }

  @GrpcMethod('UserService', 'UpdateUser')
  async update(@RpcChange() change: GrpcChange, @Payload() { id, name, email, role, clear }: rpc.UpdateUserRequest): Promise<object> {
    const patch = validated(UserPatch, cleared(present({ name, email, role }), clear));
    return { user: (await updateFacts(this.registry, change.requestOf(this.registry), users, id, patch)).body };
  }

  @GrpcMethod('UserService', 'DeleteUser')
  async delete(@RpcChange() change: GrpcChange, @Payload() { id }: rpc.DeleteUserRequest): Promise<object> {
    await deleteFacts(this.registry, change.requestOf(this.registry), users, id);
    return {};
  }
}
