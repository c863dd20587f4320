export type { Clock } from './clock.js';
export { systemClock } from './clock.js';
export type { IdSource } from './id-source.js';
export { timeOrderedIds } from './id-source.js';
export type { RandomSource } from './random-source.js';
export { cryptoRandom } from './random-source.js';
export type { AppErrorOptions } from './app-error.js';
export { AppError, isAppError, toAppError } from './app-error.js';
