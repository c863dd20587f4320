export interface AppErrorOptions {
  /** A sentence for the person who made the request; never holds a secret, an address of ours or a stack. */
  readonly publicMessage?: string;
  /** Whether the same request may succeed later without being changed. */
  readonly retryable?: boolean;
  /** For `retryable`: how long to wait, in milliseconds. */
  readonly retryAfterMs?: number;
  /** Further public members of the problem document (RFC 9457), such as `pointer` or `errors`. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/**
 * An error with a stable code. Callers compare `code`, never the class or the message.
 * The codes, with what each transport makes of them, stand in `@hooklane/contracts/rest` (`errorCodes`).
 */
export class AppError extends Error {
  readonly code: string;
  readonly publicMessage: string;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  /** @param message the internal sentence, for our logs; also the public one unless `publicMessage` says otherwise. */
  constructor(code: string, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.publicMessage = options.publicMessage ?? message;
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
    this.details = options.details ?? {};
  }
}

export function isAppError(error: unknown, code?: string): error is AppError {
  return error instanceof AppError && (code === undefined || error.code === code);
}

/** Wraps anything thrown: what is not an AppError becomes `internal`, with nothing of it shown in public. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new AppError('internal', message, { publicMessage: 'Something went wrong on our side.', cause: error });
}
