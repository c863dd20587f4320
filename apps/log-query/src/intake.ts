import type { Clock } from '@hooklane/kernel';
import type { LogWriter } from './writer/log-writer.js';

export const INTAKE = Symbol('log-query intake');

/** A flush waits as long for company (`LOG_QUERY_FLUSH_AFTER_MS`); what comes after a silence is read at once. */
export const GATHER_MS = 100;

/** What the consumers of the three streams share. */
export interface Intake {
  readonly writer: LogWriter;
  readonly clock: Clock;
}
