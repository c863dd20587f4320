export * from './registry.js';
export * from './event-ingest.js';
