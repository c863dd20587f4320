import type { MigrationSet } from '@hooklane/postgres';
import { CreateRegistry1763700000000 } from './create-registry.js';

export const registryMigrations: MigrationSet = { schema: 'registry', migrations: [CreateRegistry1763700000000] };
