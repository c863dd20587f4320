export type { EmbeddedPostgres, EmbeddedPostgresSettings } from './embedded-postgres.js';
export { startEmbeddedPostgres } from './embedded-postgres.js';
export { endEmbeddedPostgresAtOnce } from './end-at-once.js';
