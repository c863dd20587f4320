export type { ErrorCode, ErrorShape } from './error-codes.js';
export { errorCodes, errorShapeOf } from './error-codes.js';
export type { Scope } from './scopes.js';
export { scopes } from './scopes.js';
export { limits } from './limits.js';
