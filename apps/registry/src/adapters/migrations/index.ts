import type { MigrationSet } from '@hooklane/postgres';
import { AddLogins1763700000011 } from './add-logins.js';
import { AddOrderModes1763700000002 } from './add-order-modes.js';
import { CreateNumbers1763700000010 } from './create-numbers.js';
import { CreateRegistry1763700000000 } from './create-registry.js';
import { CreateSources1763700000020 } from './create-sources.js';
import { KeepAnswers1763700000001 } from './keep-answers.js';

export const registryMigrations: MigrationSet = {
  schema: 'registry',
  migrations: [CreateRegistry1763700000000, KeepAnswers1763700000001, AddOrderModes1763700000002, CreateNumbers1763700000010, AddLogins1763700000011, CreateSources1763700000020],
};
