/** The TableStore that the consumers of the compacted topics share. */
export const TABLES = Symbol('log-query tables');
