import { isConnectionFailure, migrate } from '@hooklane/postgres';
import { processMigrations } from '../bindings/master-key-check.js';
import { retrying } from '../bindings/retrying.js';
import type { CommandContext } from '../process/bindings.js';
import { readConfig } from '../process/process-config.js';
import { databaseSettings } from './connection-settings.js';
import { migrateJobConfig } from './distributed.config.js';

/** `main.js migrate`: brings the schema of this image's services up to date. Waits for the database; several may run at once. */
export async function migrateJob({ environment, migrations, logger, stopping }: CommandContext): Promise<void> {
  const settings = databaseSettings(readConfig(migrateJobConfig, environment));
  const worker = { ready: () => undefined, notReady: (reason: string) => logger.warn('waiting for the database', { reason }) };
  await retrying(() => migrate(settings, [processMigrations, ...migrations]), isConnectionFailure, worker, stopping);
  logger.info('migrated', { schemas: [processMigrations, ...migrations].map(({ schema }) => schema) });
}
