export type * from './event-service.js';
export type * from './log-service.js';
