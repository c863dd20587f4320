const CONNECTION_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOENT']);

const DISK_FULL = '53100';

/** @returns what a person is told of a failure: the server's own words, and what to do where they do not say it. */
export function sentenceOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return sqlStateOf(error) === DISK_FULL ? `The disk of the database is full: make room there, and it goes on by itself (${message}).` : message;
}

/** @returns the five characters of SQLSTATE, or null when the error did not come from the server. */
export function sqlStateOf(error: unknown): string | null {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !CONNECTION_CODES.has(code) ? code : null;
}

/**
 * Whether the server could not be reached or went away, so that the same statement may succeed later:
 * socket failures, `pg`'s own "Connection terminated", and the classes 08 (connection), 53 (resources) and 57P (shutdown).
 */
export function isConnectionFailure(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (typeof code === 'string' && CONNECTION_CODES.has(code)) return true;
  const state = sqlStateOf(error);
  if (state !== null) return state.startsWith('08') || state.startsWith('53') || state.startsWith('57P');
  return typeof message === 'string' && /Connection terminated|connection timeout|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable|Driver not Connected/i.test(message);
}
