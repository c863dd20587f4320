export * from './registry.js';
export * from './event-ingest.js';
export * from './log-query.js';
export * from './delivery.js';
export * from './lane-commands.js';
export * from './replays.js';
export * from './dialect-options.js';
export * from './dialects.js';
