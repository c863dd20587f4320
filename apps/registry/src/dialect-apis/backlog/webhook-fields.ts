import { AppError } from '@hooklane/kernel';

/** What a client says of a webhook; undefined: nothing. */
export interface WebhookFields {
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly hookUrl: string | undefined;
  readonly allEvent: boolean | undefined;
  /** Each once. */
  readonly activityTypeIds: readonly number[] | undefined;
}

/** Receivers read numbers of activities into an int of 32 bits. */
const NUMBER_MAX = 2 ** 31 - 1;
/** As many types as a hook may be subscribed to. */
const IDS_MAX = 200;

type Problems = { pointer: string; message: string }[];

/**
 * Reads the fields of a request, which come as texts from a form, or as what they are from JSON. Others are left alone, as Backlog does.
 * @throws AppError `invalid-request` with a pointer for each field that is none
 */
export function webhookFieldsOf(given: Readonly<Record<string, unknown>>): WebhookFields {
  const problems: Problems = [];
  const fields: WebhookFields = {
    name: textOf('name', given, problems),
    description: textOf('description', given, problems),
    hookUrl: textOf('hookUrl', given, problems),
    allEvent: flagOf('allEvent', given, problems),
    activityTypeIds: idsOf('activityTypeIds', given, problems),
  };
  if (problems.length > 0) throw invalidFields(problems);
  return fields;
}

export function invalidFields(errors: readonly { readonly pointer: string; readonly message: string }[]): AppError {
  return new AppError('invalid-request', errors.map(({ pointer, message }) => `${pointer}: ${message}`).join(' '), { details: { errors } });
}

function textOf(name: string, given: Readonly<Record<string, unknown>>, problems: Problems): string | undefined {
  const value = valueOf(name, given);
  if (value === undefined || typeof value === 'string') return value;
  problems.push({ pointer: `/${name}`, message: 'Must be one text.' });
  return undefined;
}

function flagOf(name: string, given: Readonly<Record<string, unknown>>, problems: Problems): boolean | undefined {
  const value = valueOf(name, given);
  if (value === undefined || value === '') return undefined;
  const text = String(value).toLowerCase();
  if (text === 'true' || text === 'false') return text === 'true';
  problems.push({ pointer: `/${name}`, message: 'Must be true or false.' });
  return undefined;
}

/** A list with one empty text is an empty list: forms have no other. */
function idsOf(name: string, given: Readonly<Record<string, unknown>>, problems: Problems): readonly number[] | undefined {
  const value = valueOf(name, given);
  if (value === undefined) return undefined;
  const texts = (Array.isArray(value) ? (value as readonly unknown[]) : [value]).filter((item) => item !== '');
  const ids = texts.map((item) => (typeof item === 'number' || (typeof item === 'string' && /^\d{1,10}$/.test(item)) ? Number(item) : NaN));
  if (ids.every((id) => Number.isInteger(id) && id >= 1 && id <= NUMBER_MAX) && ids.length <= IDS_MAX) return [...new Set(ids)];
  problems.push({ pointer: `/${name}`, message: `Must be at most ${IDS_MAX} numbers of event types, from 1 on.` });
  return undefined;
}

function valueOf(name: string, given: Readonly<Record<string, unknown>>): unknown {
  const value = Object.hasOwn(given, name) ? given[name] : undefined;
  return value === null ? undefined : value;
}
