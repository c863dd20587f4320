export type * from './event-service.js';
