import { errorShapeOf } from '@hooklane/contracts';
import type { AppError } from '@hooklane/kernel';

/** RFC 9457, with our stable `code`. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly [member: string]: unknown;
}

const PROBLEM_CONTENT_TYPE = 'application/problem+json; charset=utf-8';

/** @returns what a client may see of the error. */
export function problemOf(error: AppError, instance?: string): ProblemDocument {
  const shape = errorShapeOf(error.code);
  const code = publicCodeOf(error);
  return {
    ...(code === error.code ? error.details : {}),
    type: `urn:hooklane:problem:${code}`,
    title: shape.title,
    status: shape.status,
    code,
    detail: publicSentenceOf(error),
    ...(instance ? { instance } : {}),
  };
}

/** A code that is not in the public list never leaves the process. */
export function publicCodeOf(error: AppError): string {
  return errorShapeOf(error.code) === errorShapeOf('internal') ? 'internal' : error.code;
}

export function publicSentenceOf(error: AppError): string {
  return publicCodeOf(error) === error.code ? error.publicMessage : 'Something went wrong on our side.';
}

const DEFAULT_RETRY_AFTER_MS = 1_000;

export function problemHeaders(error: AppError): Record<string, string> {
  const { status } = errorShapeOf(error.code);
  const headers: Record<string, string> = { 'content-type': PROBLEM_CONTENT_TYPE };
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="hooklane"';
  if (status === 503 || status === 429 || error.retryAfterMs !== undefined) headers['retry-after'] = String(Math.max(1, Math.ceil((error.retryAfterMs ?? DEFAULT_RETRY_AFTER_MS) / 1000)));
  if (Array.isArray(error.details['allow'])) headers['allow'] = error.details['allow'].join(', ');
  return headers;
}
