import { openDatabase } from '@hooklane/postgres';
import type { CommandContext } from '../process/bindings.js';
import { readConfig } from '../process/process-config.js';
import type { ServiceJob } from '../service-module.js';
import { databaseSettings } from './connection-settings.js';
import { migrateJobConfig } from './distributed.config.js';

/** `main.js <job>` of a service: needs the database only, and does not wait for it. */
export async function serviceJob({ environment }: CommandContext, job: ServiceJob): Promise<void> {
  const database = openDatabase(databaseSettings(readConfig(migrateJobConfig, environment)));
  try {
    process.stdout.write(`${await job(database)}\n`);
  } finally {
    await database.close();
  }
}
