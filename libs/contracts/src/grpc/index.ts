export type * from './event-service.js';
export type * from './log-service.js';
export type * from './lane-service.js';
