import type { EventTypeView } from '@hooklane/contracts/rest';
import type { CatalogChanged } from '@hooklane/contracts/topics';
import type { EventTypeState } from './event-type.decider.js';

export function eventTypeView(type: EventTypeState, version: number): EventTypeView {
  return {
    name: type.name,
    tenant: type.tenantId,
    description: type.description,
    schema: type.schema === '' ? null : (JSON.parse(type.schema) as Record<string, unknown> | boolean),
    example: type.example === '' ? null : JSON.parse(type.example),
    version,
    createdAt: new Date(type.createdAtMs).toISOString(),
    updatedAt: new Date(type.updatedAtMs).toISOString(),
  };
}

export function eventTypeRecord({ tenantId, name, status, schema }: EventTypeState, version: number): CatalogChanged {
  return { version, entry: { $case: 'eventType', value: { tenantId, name, deleted: status === 'deleted', schema } } };
}
