import type { MigrationSet } from '@hooklane/postgres';
import { CreateEventLog1763700000000 } from './migrations/create-event-log-1763700000000.js';

/** Must have been applied (`migrate`) before `openEmbeddedLog`. */
export const eventLogMigrations: MigrationSet = {
  schema: 'event_log',
  migrations: [CreateEventLog1763700000000],
};
