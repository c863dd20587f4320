/** What the form of a webhook has (T14), as far as it was filled in. */
export interface WebhookFields {
  /** The project's number. */
  readonly project?: number;
  readonly name?: string;
  readonly url?: string;
  readonly key?: string;
}

/** What is wrong, in Taiga's words, by the name of the field. */
export type FieldErrors = Readonly<Record<string, readonly string[]>>;

export type WebhookForm = { readonly ok: true; readonly fields: WebhookFields } | { readonly ok: false; readonly errors: FieldErrors };

const REQUIRED = 'This field is required.';
const NAME_LENGTH_MAX = 250;
const URL_LENGTH_MAX = 200;

/**
 * Reads the body of a POST, a PUT or a PATCH of a webhook (dialects design 1.2). Fields that a webhook does not have are left alone, as Taiga's clients send back what they were given.
 * @param method what is not there stays as it is in a PATCH; in a PUT the project does, as clients send what one may edit
 */
export function webhookForm(body: Readonly<Record<string, unknown>>, method: 'POST' | 'PUT' | 'PATCH'): WebhookForm {
  const errors: Record<string, string[]> = {};
  const read = <Value>(name: string, reader: (value: unknown) => Read<Value>): Value | undefined => {
    const value = body[name];
    if (value === undefined && (method === 'PATCH' || (method === 'PUT' && name === 'project'))) return undefined;
    const result: Read<Value> = value === undefined || value === null || value === '' ? { error: REQUIRED } : reader(value);
    if ('value' in result) return result.value;
    errors[name] = [result.error];
    return undefined;
  };
  const fields = { project: read('project', projectNumber), name: read('name', name), url: read('url', url), key: read('key', text) };
  if (Object.keys(errors).length > 0) return { ok: false, errors };
  return { ok: true, fields: Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as WebhookFields };
}

type Read<Value> = { readonly value: Value } | { readonly error: string };

/** What Taiga says of a project that is not there; also where the client may not know that it is. */
export const noSuchProject = (given: unknown): string => `Invalid pk '${String(given)}' - object does not exist.`;

function projectNumber(given: unknown): Read<number> {
  if (typeof given !== 'number' && typeof given !== 'string') return { error: `Incorrect type.  Expected pk value, received ${kindOf(given)}.` };
  return /^\d{1,15}$/.test(String(given)) ? { value: Number(given) } : { error: noSuchProject(given) };
}

/** A number is taken for its text, as by Taiga's form fields. */
function text(given: unknown): Read<string> {
  if (typeof given === 'number' || typeof given === 'boolean') return { value: String(given) };
  if (typeof given !== 'string') return { error: 'Not a valid string.' };
  return given.includes('\u0000') ? { error: 'Null characters are not allowed.' } : { value: given };
}

function name(given: unknown): Read<string> {
  const read = text(given);
  return 'value' in read ? atMost(NAME_LENGTH_MAX, read.value) : read;
}

function url(given: unknown): Read<string> {
  const read = text(given);
  if (!('value' in read)) return read;
  const address = read.value.trim();
  if (!/^https?:\/\/[^\s/?#]/i.test(address) || !URL.canParse(address)) return { error: 'Enter a valid URL.' };
  return atMost(URL_LENGTH_MAX, address);
}

/** Characters as Python counts them. */
function atMost(max: number, value: string): Read<string> {
  const { length } = [...value];
  return length <= max ? { value } : { error: `Ensure this value has at most ${max} characters (it has ${length}).` };
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'list' : typeof value === 'object' ? 'dict' : typeof value === 'boolean' ? 'bool' : typeof value;
}
