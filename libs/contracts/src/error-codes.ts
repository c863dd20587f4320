export interface ErrorShape {
  readonly status: number;
  /** google.rpc.Code */
  readonly grpc: number;
  readonly title: string;
}

const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
const PERMISSION_DENIED = 7;
const RESOURCE_EXHAUSTED = 8;
const FAILED_PRECONDITION = 9;
const ABORTED = 10;
const UNIMPLEMENTED = 12;
const INTERNAL = 13;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;

/** Every stable code that leaves a Hooklane API, with its HTTP status and gRPC code. The problem document's `type` is `urn:hooklane:problem:<code>`. */
export const errorCodes = {
  'malformed-json': { status: 400, grpc: INVALID_ARGUMENT, title: 'The body is not well-formed JSON' },
  'invalid-request': { status: 400, grpc: INVALID_ARGUMENT, title: 'The request does not fit its schema' },
  'invalid-cursor': { status: 400, grpc: INVALID_ARGUMENT, title: 'The cursor is not one of ours' },
  unauthenticated: { status: 401, grpc: UNAUTHENTICATED, title: 'A valid API key is needed' },
  'missing-scope': { status: 403, grpc: PERMISSION_DENIED, title: 'The API key does not have the scope' },
  'not-found': { status: 404, grpc: NOT_FOUND, title: 'There is no such thing' },
  'method-not-allowed': { status: 405, grpc: UNIMPLEMENTED, title: 'The method is not allowed here' },
  'already-exists': { status: 409, grpc: ALREADY_EXISTS, title: 'It exists already' },
  'id-reused': { status: 409, grpc: ALREADY_EXISTS, title: 'The id or idempotency key was used with another request' },
  'conflicting-change': { status: 409, grpc: ABORTED, title: 'Somebody else changed it at the same time' },
  'invalid-state': { status: 409, grpc: FAILED_PRECONDITION, title: 'Its state does not allow this' },
  expired: { status: 410, grpc: NOT_FOUND, title: 'It was removed when its retention ended' },
  'version-mismatch': { status: 412, grpc: FAILED_PRECONDITION, title: 'If-Match names another version' },
  'too-large': { status: 413, grpc: INVALID_ARGUMENT, title: 'The request is too large' },
  'unsupported-media-type': { status: 415, grpc: INVALID_ARGUMENT, title: 'The content type is not supported' },
  'schema-violation': { status: 422, grpc: INVALID_ARGUMENT, title: 'The data does not fit the schema of its event type' },
  'unknown-event-type': { status: 422, grpc: INVALID_ARGUMENT, title: 'The tenant accepts only event types that it has registered' },
  'unknown-project': { status: 422, grpc: INVALID_ARGUMENT, title: 'The tenant accepts only projects that it has' },
  'invalid-hook': { status: 422, grpc: INVALID_ARGUMENT, title: 'The hook cannot work as described' },
  'invalid-command': { status: 422, grpc: INVALID_ARGUMENT, title: 'The lane cannot be told this' },
  'invalid-source': { status: 422, grpc: INVALID_ARGUMENT, title: 'The source cannot work as described' },
  'invalid-schema': { status: 422, grpc: INVALID_ARGUMENT, title: 'The JSON Schema cannot be used' },
  'receiver-refused': { status: 422, grpc: FAILED_PRECONDITION, title: 'The receiver did not answer as a hook of this kind needs' },
  'target-denied': { status: 422, grpc: INVALID_ARGUMENT, title: 'The target guard denies this address' },
  'quota-exceeded': { status: 429, grpc: RESOURCE_EXHAUSTED, title: 'The quota of the tenant is used up' },
  'too-many-logins': { status: 429, grpc: RESOURCE_EXHAUSTED, title: 'Too many failed logins' },
  'headers-too-large': { status: 431, grpc: INVALID_ARGUMENT, title: 'The request headers are too large' },
  internal: { status: 500, grpc: INTERNAL, title: 'Something went wrong on our side' },
  'log-unavailable': { status: 503, grpc: UNAVAILABLE, title: 'The event log cannot be written' },
  'database-unavailable': { status: 503, grpc: UNAVAILABLE, title: 'The database cannot be reached' },
  'change-not-yet-effective': { status: 503, grpc: UNAVAILABLE, title: 'The change is stored, but not yet in effect' },
  'peer-unavailable': { status: 503, grpc: UNAVAILABLE, title: 'A service that this one needs for the answer does not answer' },
  overloaded: { status: 503, grpc: UNAVAILABLE, title: 'More is published than the platform can work on' },
  'not-ready': { status: 503, grpc: UNAVAILABLE, title: 'The service is starting or stopping' },
} as const satisfies Record<string, ErrorShape>;

export type ErrorCode = keyof typeof errorCodes;

/** @returns the shape of `code`, or that of `internal` for a code that was never meant to leave the process. */
export function errorShapeOf(code: string): ErrorShape {
  return Object.hasOwn(errorCodes, code) ? errorCodes[code as ErrorCode] : errorCodes.internal;
}
