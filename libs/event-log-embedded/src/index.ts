export type { EmbeddedLogConnection, EmbeddedLogOptions } from './embedded-log.js';
export { openEmbeddedLog } from './embedded-log.js';
export { eventLogMigrations } from './event-log-migrations.js';
export type { Report } from './report.js';
export type { EmbeddedTopic } from './topics.js';
