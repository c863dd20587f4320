import { AppError } from '@hooklane/kernel';
import type { FailureAnswer, FailureShape, PublicFailure } from '@hooklane/service-host';
import type { TaigaAnswer } from './taiga-answer.js';
import type { FieldErrors } from './webhook-form.js';

/** Names of Taiga's exceptions, which stand in `_error_type`. */
const TYPES: Readonly<Record<string, string>> = {
  'malformed-json': 'taiga.base.api.exceptions.ParseError',
  unauthenticated: 'taiga.base.exceptions.NotAuthenticated',
  'missing-scope': 'taiga.base.exceptions.PermissionDenied',
  'not-found': 'taiga.base.exceptions.NotFound',
  'method-not-allowed': 'taiga.base.api.exceptions.MethodNotAllowed',
  'unsupported-media-type': 'taiga.base.api.exceptions.UnsupportedMediaType',
  'too-many-logins': 'taiga.base.api.exceptions.Throttled',
};

const SENTENCES: Readonly<Record<string, string>> = {
  'missing-scope': 'You do not have permission to perform this action.',
  'not-found': 'Not found.',
};

/** How errors look to Taiga's clients: `{"_error_message", "_error_type"}`, or the fields with what is wrong in each (dialects design 1.2). */
export const taigaFailures: FailureShape = { prefixes: ['/api/v1'], answer: taigaFailure };

function taigaFailure(failure: PublicFailure): FailureAnswer {
  const { code, status } = failure;
  // Taiga says this of every address that is not one for the public.
  if (code === 'target-denied') return { status: 400, body: { url: ['Not allowed IP Address'] } };
  const fields = fieldsOf(failure);
  if (fields !== null) return { status: 400, body: fields };
  const headers = code === 'unauthenticated' ? { headers: { 'www-authenticate': 'Bearer realm="api"' } } : {};
  return { status: status === 422 ? 400 : status, ...headers, body: errorBody(SENTENCES[code] ?? failure.sentence, TYPES[code] ?? (status < 500 ? 'taiga.base.exceptions.BadRequest' : 'taiga.base.api.exceptions.APIException')) };
}

export interface ErrorBody {
  readonly _error_message: string;
  readonly _error_type: string;
}

export function errorBody(message: string, type: string): ErrorBody {
  return { _error_message: message, _error_type: type };
}

/** Of a project that its owner or the operator has blocked: 451. */
export const BLOCKED: TaigaAnswer = { status: 451, body: errorBody('Blocked element', 'taiga.base.exceptions.Blocked') };

export function notFound(): AppError {
  return new AppError('not-found', 'Not found.');
}

export function forbidden(): AppError {
  return new AppError('missing-scope', 'The caller does not administrate the project.');
}

export function unauthenticated(sentence: string): AppError {
  return new AppError('unauthenticated', sentence);
}

export const WRONG_CREDENTIALS = refusedLogin('No active account found with the given credentials', 'AuthenticationFailed', 'invalid_credentials');
export const INVALID_TOKEN = refusedLogin('Token is invalid or expired', 'InvalidToken', 'token_not_valid');

/** Newer clients read `detail` and `code`, older ones `_error_message`. */
function refusedLogin(detail: string, type: string, code: string): TaigaAnswer {
  return { status: 401, body: { ...errorBody(detail, `taiga.auth.exceptions.${type}`), detail, code } };
}

/** Our names of what Taiga's form asks for. */
const FIELDS: Readonly<Record<string, string>> = { name: 'name', url: 'url', secret: 'key', projects: 'project' };

/** What was wrong with the hook, where it is all about fields of the form. */
function fieldsOf({ code, details }: PublicFailure): FieldErrors | null {
  if (code !== 'invalid-hook') return null;
  const errors = details['errors'] as readonly { readonly pointer: string; readonly message: string }[] | undefined;
  const named = (errors ?? []).map(({ pointer, message }) => ({ field: FIELDS[pointer.split('/')[1] ?? ''], message }));
  if (named.length === 0 || named.some(({ field }) => field === undefined)) return null;
  const fields: Record<string, string[]> = {};
  for (const { field, message } of named) (fields[field!] ??= []).push(message);
  return fields;
}
