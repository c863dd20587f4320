import type { EventTypeState, TenantState } from '@hooklane/contracts/topics';
import { AppError } from '@hooklane/kernel';
import type { EventSchema } from '@hooklane/routing';
import type { PublishedEvent } from './published-event.js';

/**
 * The tenant's own rules: which types it takes, and what their data looks like.
 * @param registered the event's type as registered; undefined when it is not
 * @param schemaOf the compiled schema of a type that has one; throws AppError `invalid-schema`
 * @returns `unknown-event-type` or `schema-violation`, whose `pointer` leads into the event
 */
export function checkEvent(event: PublishedEvent, tenant: TenantState, registered: EventTypeState | undefined, schemaOf: (type: EventTypeState) => EventSchema): AppError | null {
  if (!registered) return tenant.unknownEventTypes === 'reject' ? unknownType(event.type) : null;
  if (registered.schema === '') return null;
  if (event.parsedData === undefined) return violation('/data', 'is not JSON');
  const found = schemaOf(registered).check(event.parsedData);
  return found === null ? null : violation(`/data${found.pointer}`, found.message);
}

function unknownType(type: string): AppError {
  return new AppError('unknown-event-type', `The event type "${type}" is not registered.`, { details: { pointer: '/type' } });
}

function violation(pointer: string, message: string): AppError {
  return new AppError('schema-violation', `${pointer} ${message}.`, { details: { pointer, errors: [{ pointer, message }] } });
}
