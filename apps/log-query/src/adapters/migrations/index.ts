import type { MigrationSet } from '@hooklane/postgres';
import { CreateInboundCalls1795000000030 } from './create-inbound-calls.js';
import { CreateReadModels1795000000000 } from './create-read-models.js';
import { CreateReplays1795000000010 } from './create-replays.js';
import { CreateTables1795000000001 } from './create-tables.js';
import { FindAttemptsByPlace1795000000020 } from './find-attempts-by-place.js';
import { KeepAnswers1795000000002 } from './keep-answers.js';
import { PlaceRowsByTheLog1795000000003 } from './place-rows-by-the-log.js';

export const logQueryMigrations: MigrationSet = { schema: 'log_query', migrations: [CreateReadModels1795000000000, CreateTables1795000000001, KeepAnswers1795000000002, PlaceRowsByTheLog1795000000003, CreateReplays1795000000010, FindAttemptsByPlace1795000000020, CreateInboundCalls1795000000030] };
