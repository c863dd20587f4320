import type { AppError } from '@hooklane/kernel';
import { errorShapeOf } from '@hooklane/contracts';
import { problemHeaders, problemOf, publicCodeOf, publicSentenceOf } from './problem-document.js';

/** What a client may know of an error. */
export interface PublicFailure {
  /** One of `errorCodes`. */
  readonly code: string;
  readonly status: number;
  /** A sentence for people. */
  readonly sentence: string;
  /** As of the problem document: `errors` of `invalid-request`, for one. Empty for `internal`. */
  readonly details: Readonly<Record<string, unknown>>;
}

export interface FailureAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a text as it is (then say its Content-Type). */
  readonly body: unknown;
}

/**
 * How errors look below some paths, where clients of another product expect that product's. It holds for everything there:
 * unknown routes, bodies that cannot be read, what is our own fault. Problem documents (RFC 9457) are for the rest.
 */
export interface FailureShape {
  /** Paths such as `/api/v1`, without a slash at the end; they and everything below them. */
  readonly prefixes: readonly string[];
  answer(failure: PublicFailure): FailureAnswer;
}

/** Finds the shape for an address; null: problem documents. */
export type FailureShapes = (url: string) => FailureShape | null;

export function failureShapes(shapes: readonly FailureShape[]): FailureShapes {
  const byLength = shapes.flatMap((shape) => shape.prefixes.map((prefix) => ({ prefix, shape }))).sort((a, b) => b.prefix.length - a.prefix.length);
  return (url) => {
    const path = url.split('?', 1)[0] ?? '';
    return byLength.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`))?.shape ?? null;
  };
}

interface ShownFailure {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** What a client at this address gets for an error. @param instance names the failure in our logs */
export function shownFailure(shapes: FailureShapes, url: string, error: AppError, instance?: string): ShownFailure {
  const shape = shapes(url);
  if (shape) return shaped(shape, error);
  const problem = problemOf(error, instance);
  return { status: problem.status, headers: problemHeaders(error), body: JSON.stringify(problem) };
}

/** With the headers that HTTP itself asks for (Retry-After, Allow). */
function shaped(shape: FailureShape, error: AppError): ShownFailure {
  const code = publicCodeOf(error);
  const { status, headers = {}, body } = shape.answer({ code, status: errorShapeOf(code).status, sentence: publicSentenceOf(error), details: code === error.code ? error.details : {} });
  const { 'retry-after': retryAfter, allow } = problemHeaders(error);
  const standard = { ...(retryAfter && status >= 400 ? { 'retry-after': retryAfter } : {}), ...(allow && status === 405 ? { allow } : {}) };
  return { status, headers: { 'content-type': 'application/json; charset=utf-8', ...standard, ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body) };
}
