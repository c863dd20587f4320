export type { Directory } from './directory.js';
export type { Principal } from './principal.js';
