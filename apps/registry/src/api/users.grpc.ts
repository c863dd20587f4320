import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod, Payload } from '@nestjs/microservices';
import type * as rpc from '@hooklane/contracts/grpc';
import { PasswordPut, UserCreate, UserPatch } from '@hooklane/contracts/rest';
import { Authorize, validated } from '@hooklane/service-host';
import { listFacts, readFacts } from '../facts-use-cases.js';
import type { Registry } from '../ports.js';
import { deleteUser } from '../user/delete-user.js';
import { createUser, setPassword, updateUser, users } from '../user/users.js';
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
  async create(@RpcChange() change: GrpcChange, @Payload() { name, userName, email, role }: rpc.CreateUserRequest): Promise<object> {
    return { user: (await createUser(this.registry, change.requestOf(this.registry), validated(UserCreate, present({ name, userName, email, role })))).body };
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
  async update(@RpcChange() change: GrpcChange, @Payload() { id, name, userName, email, role, clear }: rpc.UpdateUserRequest): Promise<object> {
    const patch = validated(UserPatch, cleared(present({ name, userName, email, role }), clear));
    return { user: (await updateUser(this.registry, change.requestOf(this.registry), id, patch)).body };
  }

  @GrpcMethod('UserService', 'SetUserPassword')
  async setPassword(@RpcChange() change: GrpcChange, @Payload() { id, password }: rpc.SetUserPasswordRequest): Promise<object> {
    const body = validated(PasswordPut, { password: password ?? null });
    return { user: (await setPassword(this.registry, change.requestOf(this.registry), id, body.password)).body };
  }

  @GrpcMethod('UserService', 'DeleteUser')
  async delete(@RpcChange() change: GrpcChange, @Payload() { id }: rpc.DeleteUserRequest): Promise<object> {
    await deleteUser(this.registry, change.requestOf(this.registry), id);
    return {};
  }
}
