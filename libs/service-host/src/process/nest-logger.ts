import type { LoggerService } from '@nestjs/common';
import { toAppError } from '@hooklane/kernel';
import type { Logger } from '@hooklane/telemetry';

/** Nest's own lines in our log: what it says at every start is for debugging. */
export function nestLogger(logger: Logger): LoggerService {
  const own = logger.with({ from: 'nest' });
  const line = (message: unknown): string => (message instanceof Error ? (message.stack ?? message.message) : typeof message === 'string' ? message : toAppError(message).message);
  return {
    log: (message: unknown) => own.debug(line(message)),
    debug: (message: unknown) => own.debug(line(message)),
    verbose: (message: unknown) => own.debug(line(message)),
    warn: (message: unknown) => own.warn(line(message)),
    error: (message: unknown) => own.error(line(message)),
    fatal: (message: unknown) => own.error(line(message)),
  };
}
