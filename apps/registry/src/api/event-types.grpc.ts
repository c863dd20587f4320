import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod, Payload } from '@nestjs/microservices';
import type * as rpc from '@hooklane/contracts/grpc';
import { EventTypeCreate, EventTypePatch, type EventTypeView } from '@hooklane/contracts/rest';
import { Authorize, validated } from '@hooklane/service-host';
import { createEventType, deleteEventType, updateEventType } from '../event-type/change-event-types.js';
import { listEventTypes, readEventType } from '../event-type/read-event-types.js';
import type { Registry } from '../ports.js';
import { told } from '../told.js';
import { RpcChange, type GrpcChange } from './grpc-change.js';
import { cleared, momentMs, pageWish, parsedJson, present } from './grpc-fields.js';
import { REGISTRY } from './registry.token.js';

/** hooklane.v1.EventTypeService. */
@Controller()
export class EventTypesGrpc {
  constructor(@Inject(REGISTRY) private readonly registry: Registry) {}

  @GrpcMethod('EventTypeService', 'CreateEventType')
  @Authorize('hooks:write')
  async create(@RpcChange() change: GrpcChange, @Payload() request: rpc.CreateEventTypeRequest): Promise<object> {
    const body = validated(EventTypeCreate, { name: request.name, ...facts(request) });
    return { eventType: message((await createEventType(this.registry, change.requestOf(this.registry), body)).body) };
  }

  @GrpcMethod('EventTypeService', 'GetEventType')
  @Authorize('hooks:read')
  async get(@Payload() { tenant, name, at }: rpc.GetEventTypeRequest): Promise<object> {
    const { body } = at === '' ? await readEventType(this.registry, tenant, name) : await told['event-type'].at(this.registry, tenant, name, momentMs(at));
    return { eventType: message(body as EventTypeView) };
  }

  @GrpcMethod('EventTypeService', 'ListEventTypes')
  @Authorize('hooks:read')
  async list(@Payload() request: rpc.ListEventTypesRequest): Promise<object> {
    const { body } = await listEventTypes(this.registry, request.tenant, pageWish(request));
    return { items: body.items.map(message), next: body.next };
  }

  @GrpcMethod('EventTypeService', 'UpdateEventType')
  @Authorize('hooks:write')
  async update(@RpcChange() change: GrpcChange, @Payload() request: rpc.UpdateEventTypeRequest): Promise<object> {
    const patch = validated(EventTypePatch, cleared(facts(request), request.clear));
    return { eventType: message((await updateEventType(this.registry, change.requestOf(this.registry), request.name, patch)).body) };
  }

  @GrpcMethod('EventTypeService', 'DeleteEventType')
  @Authorize('hooks:write')
  async delete(@RpcChange() change: GrpcChange, @Payload() { name }: rpc.DeleteEventTypeRequest): Promise<object> {
    await deleteEventType(this.registry, change.requestOf(this.registry), name);
    return {};
  }
}

function facts({ description, schemaJson, exampleJson }: Pick<rpc.CreateEventTypeRequest, 'description' | 'schemaJson' | 'exampleJson'>): Record<string, unknown> {
  return present({ description, schema: parsedJson('schemaJson', schemaJson), example: parsedJson('exampleJson', exampleJson) });
}

function message(type: EventTypeView): object {
  return { ...type, schemaJson: type.schema === null ? '' : JSON.stringify(type.schema), exampleJson: type.example === null ? '' : JSON.stringify(type.example) };
}
