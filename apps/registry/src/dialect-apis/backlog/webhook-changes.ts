import { HookCreate, HookPatch } from '@hooklane/contracts/rest';
import { eventTypeOfActivity } from '@hooklane/dialects';
import type { z } from 'zod';
import type { HookState } from '../../hook/hook-state.js';
import { invalidFields, type WebhookFields } from './webhook-fields.js';

/** Where a hook keeps the description, which native hooks do not have. */
export const DESCRIPTION = 'description';

/**
 * The hook that a client asks for. Whoever says nothing about events wants all of them.
 * @param project the names under which events of the project come
 * @throws AppError `invalid-request`
 */
export function newHook({ name, hookUrl, description, allEvent, activityTypeIds }: WebhookFields, project: readonly string[]): HookCreate {
  const missing = [...required('name', name), ...required('hookUrl', hookUrl)];
  if (missing.length > 0) throw invalidFields(missing);
  const isSilent = allEvent === undefined && activityTypeIds === undefined;
  return checked(HookCreate, {
    dialect: 'backlog',
    name,
    url: hookUrl,
    projects: [...project],
    eventTypes: allEvent === true || isSilent ? ['*'] : chosen(activityTypeIds ?? []),
    ...(description ? { metadata: { [DESCRIPTION]: description } } : {}),
  });
}

/**
 * What a client asks to be changed.
 * @throws AppError `invalid-request`, also where no event would be left
 */
export function changedHook({ name, hookUrl, description, allEvent, activityTypeIds }: WebhookFields, { config }: Pick<HookState, 'config'>): HookPatch {
  const empty = [...(name === '' ? required('name', name) : []), ...(hookUrl === '' ? required('hookUrl', hookUrl) : [])];
  if (empty.length > 0) throw invalidFields(empty);
  const choosesEvents = activityTypeIds !== undefined || (allEvent === false && config.eventTypes.includes('*'));
  return checked(HookPatch, {
    ...(name === undefined ? {} : { name }),
    ...(hookUrl === undefined ? {} : { url: hookUrl }),
    ...(description === undefined ? {} : { metadata: { [DESCRIPTION]: description || null } }),
    ...(allEvent === true ? { eventTypes: ['*'] } : choosesEvents ? { eventTypes: chosen(activityTypeIds ?? []) } : {}),
  });
}

function chosen(ids: readonly number[]): string[] {
  if (ids.length === 0) throw invalidFields([{ pointer: '/activityTypeIds', message: 'Choose an event, or set allEvent to true.' }]);
  return ids.map(eventTypeOfActivity);
}

function required(name: string, value: string | undefined): { pointer: string; message: string }[] {
  return value ? [] : [{ pointer: `/${name}`, message: 'Required.' }];
}

/** By the native API's own rules for names, addresses and metadata. */
function checked<Schema extends z.ZodType>(schema: Schema, hook: object): z.output<Schema> {
  const result = schema.safeParse(hook);
  if (result.success) return result.data;
  throw invalidFields(result.error.issues.map(({ path, message }) => ({ pointer: `/${path.map(String).join('/')}`, message })));
}
