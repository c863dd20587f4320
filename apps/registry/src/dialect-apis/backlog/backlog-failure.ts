import type { FailureShape, PublicFailure } from '@hooklane/service-host';

/** Backlog's own codes of errors (dialects design 2.2). */
const code = { internal: 1, unauthorizedOperation: 5, noResource: 6, invalidRequest: 7, authentication: 11, tooManyRequests: 13 } as const;

interface BacklogError {
  readonly message: string;
  readonly code: number;
  readonly moreInfo: string;
}

interface Problem {
  readonly pointer?: string;
  readonly message: string;
}

/** Errors as Backlog's clients read them: below `/api/v2` all of them look so, whatever went wrong. */
export const backlogFailure: FailureShape = {
  prefixes: ['/api/v2'],
  answer: (failure) => ({ status: statusOf(failure.status), body: { errors: errorsOf(failure) } }),
};

/** Backlog knows no 422: what a request asks for and cannot be is a bad request there. */
function statusOf(status: number): number {
  return status === 422 ? 400 : status;
}

function errorsOf({ status, sentence, details }: PublicFailure): readonly BacklogError[] {
  const found = codeOf(status);
  const problems = found === code.invalidRequest ? ((details['errors'] as readonly Problem[] | undefined) ?? []) : [];
  if (problems.length === 0) return [{ message: sentence, code: found, moreInfo: '' }];
  return problems.map(({ pointer = '', message }) => ({ message: `${fieldOf(pointer)}${message}`, code: found, moreInfo: '' }));
}

function codeOf(status: number): number {
  if (status === 401) return code.authentication;
  if (status === 403) return code.unauthorizedOperation;
  if (status === 404 || status === 410) return code.noResource;
  if (status === 429) return code.tooManyRequests;
  return status >= 500 ? code.internal : code.invalidRequest;
}

/** Backlog's names for the fields of a hook. */
const FIELDS: Readonly<Record<string, string>> = { url: 'hookUrl', eventTypes: 'activityTypeIds', metadata: 'description' };

/** `/eventTypes/3` is a problem of `activityTypeIds`. */
function fieldOf(pointer: string): string {
  const [, field = ''] = pointer.split('/');
  return field === '' ? '' : `${Object.hasOwn(FIELDS, field) ? FIELDS[field]! : field}: `;
}
