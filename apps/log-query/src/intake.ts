import type { Clock } from '@hooklane/kernel';
import type { LogWriter } from './writer/log-writer.js';

export const INTAKE = Symbol('log-query intake');

/** What the consumers of the three streams share. */
export interface Intake {
  readonly writer: LogWriter;
  readonly clock: Clock;
}
