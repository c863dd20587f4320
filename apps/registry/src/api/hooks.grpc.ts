import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod, Payload } from '@nestjs/microservices';
import type * as rpc from '@hooklane/contracts/grpc';
import { HookCreate, HookDisable, HookEnable, HookPatch, HookRotate, type HookCreated, type HookView } from '@hooklane/contracts/rest';
import { Authorize, validated } from '@hooklane/service-host';
import { hookHistory } from '../hook/hook-history.js';
import { createHook } from '../hook/create-hook.js';
import { deleteHook } from '../hook/delete-hook.js';
import { hookSnapshot } from '../hook/hook-view.js';
import { hookAggregate } from '../hook/hook.decider.js';
import { listHooks, readHook } from '../hook/read-hooks.js';
import { rotateSecrets } from '../hook/rotate-secrets.js';
import { disableHook, enableHook } from '../hook/switch-hook.js';
import { updateHook } from '../hook/update-hook.js';
import type { Registry } from '../ports.js';
import { readAt, readHistory } from '../read-history.js';
import { RpcChange, type GrpcChange } from './grpc-change.js';
import { cleared, filled, given, momentMs, pageWish, present } from './grpc-fields.js';
import { historyMessage, hookFields, hookMessage } from './hook-message.js';
import { REGISTRY } from './registry.token.js';

/** hooklane.v1.HookService. */
@Controller()
export class HooksGrpc {
  constructor(@Inject(REGISTRY) private readonly registry: Registry) {}

  @GrpcMethod('HookService', 'CreateHook')
  @Authorize('hooks:write')
  async create(@RpcChange() change: GrpcChange, @Payload() { hook, dialect, signatures, secret }: rpc.CreateHookRequest): Promise<object> {
    const body = validated(HookCreate, present({ ...hookFields(hook), dialect, signatures: filled(signatures), secret }));
    return withSecret(await createHook(this.registry, change.requestOf(this.registry), body, { origin: change.origin }));
  }

  @GrpcMethod('HookService', 'GetHook')
  @Authorize('hooks:read')
  async get(@Payload() { tenant, id, at }: rpc.GetHookRequest): Promise<object> {
    if (at === '') return onlyHook(await readHook(this.registry, tenant, id));
    return { hook: hookMessage((await readAt(this.registry, { aggregate: hookAggregate, tenantId: tenant, id }, hookSnapshot, momentMs(at))).body) };
  }

  @GrpcMethod('HookService', 'ListHooks')
  @Authorize('hooks:read')
  async list(@Payload() request: rpc.ListHooksRequest): Promise<object> {
    const { body } = await listHooks(this.registry, request.tenant, pageWish(request));
    return { items: body.items.map(hookMessage), next: body.next };
  }

  @GrpcMethod('HookService', 'UpdateHook')
  @Authorize('hooks:write')
  async update(@RpcChange() change: GrpcChange, @Payload() { id, hook, clear, secret }: rpc.UpdateHookRequest): Promise<object> {
    const patch = validated(HookPatch, cleared(present({ ...hookFields(hook), secret }), clear));
    return onlyHook(await updateHook(this.registry, change.requestOf(this.registry), id, patch));
  }

  @GrpcMethod('HookService', 'DeleteHook')
  @Authorize('hooks:write')
  async delete(@RpcChange() change: GrpcChange, @Payload() { id }: rpc.DeleteHookRequest): Promise<object> {
    await deleteHook(this.registry, change.requestOf(this.registry), id);
    return {};
  }

  @GrpcMethod('HookService', 'EnableHook')
  @Authorize('hooks:write')
  async enable(@RpcChange() change: GrpcChange, @Payload() { id, reason, catchUp }: rpc.EnableHookRequest): Promise<object> {
    const wish = validated(HookEnable, given({ reason, catchUp }));
    return onlyHook(await enableHook(this.registry, change.requestOf(this.registry), id, wish.catchUp ?? null));
  }

  @GrpcMethod('HookService', 'DisableHook')
  @Authorize('hooks:write')
  async disable(@RpcChange() change: GrpcChange, @Payload() { id, reason }: rpc.DisableHookRequest): Promise<object> {
    validated(HookDisable, given({ reason }));
    return onlyHook(await disableHook(this.registry, change.requestOf(this.registry), id));
  }

  @GrpcMethod('HookService', 'RotateHookSecret')
  @Authorize('hooks:write')
  async rotate(@RpcChange() change: GrpcChange, @Payload() { id, overlapHours, signatures, secret }: rpc.RotateHookSecretRequest): Promise<object> {
    const body = validated(HookRotate, present({ overlapHours, signatures: filled(signatures), secret }));
    return withSecret(await rotateSecrets(this.registry, change.requestOf(this.registry), id, body));
  }

  @GrpcMethod('HookService', 'ListHookHistory')
  @Authorize('hooks:read')
  async history(@Payload() request: rpc.ListHookHistoryRequest): Promise<object> {
    const { body } = await readHistory(this.registry, { aggregate: hookAggregate, tenantId: request.tenant, id: request.id }, hookHistory, pageWish(request));
    return { items: body.items.map(historyMessage), next: body.next };
  }
}

const onlyHook = ({ body }: { body: HookView }): object => ({ hook: hookMessage(body) });
const withSecret = ({ body }: { body: HookCreated }): object => ({ hook: hookMessage(body), secret: body.secret, publicKey: body.publicKey });
