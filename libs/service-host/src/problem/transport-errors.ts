import { HttpException } from '@nestjs/common';
import { AppError, toAppError } from '@hooklane/kernel';

/** What Fastify throws before a handler runs, by its own codes. */
const FASTIFY_CODES: Readonly<Record<string, { code: string; message: string }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'too-large', message: 'The body is larger than this route takes.' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { code: 'unsupported-media-type', message: 'Send the body as application/json.' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { code: 'invalid-request', message: 'Content-Length is not the size of the body.' },
  FST_ERR_CTP_INVALID_JSON_BODY: { code: 'malformed-json', message: 'The body is not well-formed JSON.' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'malformed-json', message: 'The body is empty, but its content type is JSON.' },
  FST_ERR_BAD_URL: { code: 'invalid-request', message: 'The address is not well-formed.' },
  FST_ERR_MAX_PARAM_LENGTH: { code: 'invalid-request', message: 'A part of the address is too long.' },
};

const HTTP_CODES: Readonly<Record<number, string>> = {
  400: 'invalid-request',
  401: 'unauthenticated',
  403: 'missing-scope',
  404: 'not-found',
  405: 'method-not-allowed',
  409: 'invalid-state',
  413: 'too-large',
  415: 'unsupported-media-type',
  429: 'quota-exceeded',
  431: 'headers-too-large',
  503: 'not-ready',
};

/** Anything thrown on the way through Fastify, Nest and a handler, as one of our errors. What is not known becomes `internal`. */
export function errorOfRequest(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (thrown instanceof HttpException) return new AppError(HTTP_CODES[thrown.getStatus()] ?? 'internal', thrown.message, { cause: thrown });
  const known = FASTIFY_CODES[String((thrown as { code?: unknown } | null)?.code)];
  if (known) return new AppError(known.code, known.message, { cause: thrown });
  const status = (thrown as { statusCode?: unknown } | null)?.statusCode;
  if (typeof status === 'number' && status < 500 && HTTP_CODES[status]) return new AppError(HTTP_CODES[status], 'The request cannot be read.', { cause: thrown });
  return toAppError(thrown);
}
