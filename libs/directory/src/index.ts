export type { Directory } from './directory.js';
export type { Principal } from './principal.js';
export type { OpenDirectory } from './open-directory.js';
export { openDirectory } from './open-directory.js';
export type { TableProblem } from './table-follower.js';
export type { AuthenticateOptions } from './api-key-authenticator.js';
export { ApiKeyAuthenticator, hashOfKey, principalOf } from './api-key-authenticator.js';
