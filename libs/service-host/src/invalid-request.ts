import { AppError } from '@hooklane/kernel';

export interface InvalidField {
  /** JSON Pointer (RFC 6901) into the body, the query's parameters or the path's. */
  readonly pointer: string;
  readonly message: string;
  /** Absent for the body. */
  readonly in?: 'query' | 'path';
}

/** An issue as Standard Schema gives it; zod adds `code` and, for unknown fields, `keys`. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
  readonly code?: string;
  readonly keys?: readonly string[];
}

const SHOWN_ISSUES = 50;

/** @returns an `invalid-request` that names every field that does not fit; unknown fields one by one. */
export function invalidRequest(issues: readonly SchemaIssue[], where?: InvalidField['in']): AppError {
  const errors = issues.flatMap((issue) => fieldsOf(issue, where)).slice(0, SHOWN_ISSUES);
  const first = errors[0];
  const detail = first ? `${first.pointer === '' ? 'The request' : first.pointer}: ${first.message}${errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''}` : 'The request does not fit its schema.';
  return new AppError('invalid-request', detail, { details: { errors } });
}

function fieldsOf(issue: SchemaIssue, where: InvalidField['in']): InvalidField[] {
  const path = (issue.path ?? []).map((segment) => (typeof segment === 'object' ? segment.key : segment));
  const at = (segments: readonly PropertyKey[], message: string): InvalidField => ({ pointer: pointerOf(segments), message, ...(where ? { in: where } : {}) });
  if (issue.code === 'unrecognized_keys' && issue.keys) return issue.keys.map((key) => at([...path, key], 'Unknown field.'));
  return [at(path, issue.message)];
}

function pointerOf(segments: readonly PropertyKey[]): string {
  return segments.map((segment) => `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
