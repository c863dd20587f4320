import { pino, type DestinationStream, type Logger as Pino } from 'pino';
import type { Logger } from './logger.js';
import { redacted } from './redaction.js';

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** JSON lines on stdout, or on `destination`. Written synchronously: a line survives the process that wrote it. */
export function openLogger(level: LogLevel, fields: Readonly<Record<string, unknown>> = {}, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: fields,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return wrap(destination ? pino(options, destination) : pino(options, pino.destination({ fd: 1, sync: true })));
}

function wrap(logger: Pino): Logger {
  return {
    debug: (message, fields) => write(logger, 'debug', message, fields),
    info: (message, fields) => write(logger, 'info', message, fields),
    warn: (message, fields) => write(logger, 'warn', message, fields),
    error: (message, fields) => write(logger, 'error', message, fields),
    with: (fields) => wrap(logger.child(redacted(fields) as Record<string, unknown>)),
  };
}

function write(logger: Pino, level: 'debug' | 'info' | 'warn' | 'error', message: string, fields: Readonly<Record<string, unknown>> = {}): void {
  if (!logger.isLevelEnabled(level)) return;
  logger[level](redacted(fields) as object, redacted(message) as string);
}
