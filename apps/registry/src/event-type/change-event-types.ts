import type { EventTypeCreate, EventTypePatch, EventTypeView } from '@hooklane/contracts/rest';
import { AppError } from '@hooklane/kernel';
import { compileEventSchema, eventTypeName, findInexact, INEXACT_NUMBER } from '@hooklane/routing';
import type { Answer, ChangeRequest, Registry } from '../ports.js';
import { tenantOf } from '../tenant/find-tenant.js';
import { eventTypeView } from './event-type-view.js';
import { eventTypeAggregate, type EventTypeCommand, type EventTypeFacts } from './event-type.decider.js';

const JSON_BYTES_MAX = 128 * 1024;

/** @throws AppError `not-found` (tenant), `already-exists`, `invalid-request`, `invalid-schema` */
export async function createEventType(registry: Registry, request: ChangeRequest, body: EventTypeCreate): Promise<Answer<EventTypeView>> {
  const { tenantId, meta } = request;
  await tenantOf(registry, tenantId);
  if (!eventTypeName.test(body.name)) {
    const message = 'Must begin with a letter, a digit or an underscore and hold only letters, digits and _ . : / -';
    throw new AppError('invalid-request', `/name: ${message}`, { details: { errors: [{ pointer: '/name', message }] } });
  }
  const facts = { description: null, schema: '', example: '', ...factsOf(body) };
  return execute(registry, request, body.name, { kind: 'create', tenantId, name: body.name, facts, atMs: meta.atMs }, 201);
}

/** A JSON merge patch; a schema and an example are replaced as a whole. @throws AppError `not-found`, `invalid-schema`, `version-mismatch` */
export async function updateEventType(registry: Registry, request: ChangeRequest, name: string, patch: EventTypePatch): Promise<Answer<EventTypeView>> {
  await tenantOf(registry, request.tenantId);
  return execute(registry, request, name, { kind: 'change', changes: factsOf(patch), atMs: request.meta.atMs }, 200);
}

/** Events of the type are then of an unknown type. @throws AppError `not-found`, `version-mismatch` */
export function deleteEventType(registry: Registry, request: ChangeRequest, name: string): Promise<Answer<null>> {
  return registry.changes.execute({
    aggregate: eventTypeAggregate,
    id: name,
    request,
    command: (): EventTypeCommand => ({ kind: 'delete', atMs: request.meta.atMs }),
    answer: () => ({ status: 204, version: null, body: null }),
  });
}

function execute(registry: Registry, request: ChangeRequest, name: string, command: EventTypeCommand, status: number): Promise<Answer<EventTypeView>> {
  return registry.changes.execute({
    aggregate: eventTypeAggregate,
    id: name,
    request,
    command: () => command,
    answer: ({ state, version }) => ({ status, version, body: eventTypeView(state, version) }),
  });
}

function factsOf(body: EventTypePatch): Partial<EventTypeFacts> {
  const facts: { -readonly [Name in keyof EventTypeFacts]?: EventTypeFacts[Name] } = {};
  if (body.description !== undefined) facts.description = body.description;
  if (body.schema !== undefined) facts.schema = body.schema === null ? '' : JSON.stringify(body.schema);
  if (body.example !== undefined) facts.example = body.example === null ? '' : JSON.stringify(body.example);
  if (facts.schema) {
    assertSize('/schema', facts.schema);
    compileEventSchema(facts.schema);
    assertExact('/schema', body.schema);
  }
  if (facts.example) assertSize('/example', facts.example);
  return facts;
}

/** When it is stored only: what ingest compiles may be from before this rule. */
function assertExact(place: string, schema: unknown): void {
  const pointer = findInexact(schema, place);
  if (pointer === null) return;
  throw new AppError('invalid-schema', `The JSON Schema cannot be used: ${pointer} ${INEXACT_NUMBER}.`, { details: { errors: [{ pointer, message: INEXACT_NUMBER }] } });
}

function assertSize(pointer: string, json: string): void {
  const message = `Has more than ${JSON_BYTES_MAX} bytes.`;
  if (Buffer.byteLength(json) > JSON_BYTES_MAX) throw new AppError('invalid-request', `${pointer}: ${message}`, { details: { errors: [{ pointer, message }] } });
}
