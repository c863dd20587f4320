export type { Database, DatabaseSettings } from './database.js';
export { openDatabase, prepareConnection } from './database.js';
export type { MigrationSet } from './migrate.js';
export { migrate } from './migrate.js';
export { bigintArray, booleanArray, byteaArray, float8Array, int4Array, textArray } from './binary-arrays.js';
export { isConnectionFailure, sentenceOf, sqlStateOf } from './failures.js';
