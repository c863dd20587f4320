export { eventTablesUp, lockEvents } from './event-tables.js';
export type { PostgresEventStoreOptions } from './postgres-event-store.js';
export { PostgresEventStore } from './postgres-event-store.js';
export { rebuildProjections } from './rebuild.js';
export type { RelayOptions } from './relay.js';
export { Relay } from './relay.js';
