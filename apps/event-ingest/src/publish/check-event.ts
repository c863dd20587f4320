import type { EventTypeState, ProjectState, TenantState } from '@hooklane/contracts/topics';
import { AppError } from '@hooklane/kernel';
import type { EventSchema } from '@hooklane/routing';
import type { PublishedEvent } from './published-event.js';

/** What the tenant has registered under the names that the event uses; undefined where there is none. */
export interface Registered {
  readonly type: EventTypeState | undefined;
  readonly project: ProjectState | undefined;
}

/**
 * The tenant's own rules: which types and projects it takes, and what their data looks like.
 * @param schemaOf the compiled schema of a type that has one; throws AppError `invalid-schema`
 * @returns `unknown-event-type`, `unknown-project` or `schema-violation`, whose `pointer` leads into the event
 */
export function checkEvent(event: PublishedEvent, tenant: TenantState, { type, project }: Registered, schemaOf: (type: EventTypeState) => EventSchema): AppError | null {
  if (!type && tenant.unknownEventTypes === 'reject') return unknownType(event.type);
  // Many publishers name projects that only they know (numbers of another product's, say), so this is the tenant's to choose.
  if (!project && event.project !== '' && tenant.unknownProjects === 'reject') return unknownProject(event.project);
  if (!type || type.schema === '') return null;
  if (event.parsedData === undefined) return violation('/data', 'is not JSON');
  const found = schemaOf(type).check(event.parsedData);
  return found === null ? null : violation(`/data${found.pointer}`, found.message);
}

function unknownType(type: string): AppError {
  return new AppError('unknown-event-type', `The event type "${type}" is not registered.`, { details: { pointer: '/type' } });
}

function unknownProject(project: string): AppError {
  return new AppError('unknown-project', `The tenant has no project with the id or key "${project}".`, { details: { pointer: '/project' } });
}

function violation(pointer: string, message: string): AppError {
  return new AppError('schema-violation', `${pointer} ${message}.`, { details: { pointer, errors: [{ pointer, message }] } });
}
