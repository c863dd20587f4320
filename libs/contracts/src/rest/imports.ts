import { z } from 'zod';
import { line } from './text.js';

export const HookImport = z
  .strictObject({
    dialect: z.enum(['taiga', 'backlog', 'icescrum', 'worksection']),
    hooks: z.unknown().describe('The product\'s own list of its webhooks, as its API answers it. Taiga: GET /api/v1/webhooks. Backlog: GET /api/v2/projects/{project}/webhooks. iceScrum: GET /ws/project/{project}/hook. Worksection: get_webhooks.'),
    dryRun: z.boolean().optional().describe('true, the default: says what would be made, and makes nothing.'),
    project: line(128).optional().describe('Id or key of the project whose events the hooks are for, in the place of what the list says.'),
  })
  .meta({ id: 'HookImport' });
export type HookImport = z.infer<typeof HookImport>;

export const HookImportResult = z
  .object({
    dryRun: z.boolean(),
    items: z.array(
      z.object({
        index: z.int().describe('Place in the list, from 0.'),
        name: z.string(),
        url: z.string().describe('Values of its query are masked.'),
        result: z.enum(['created', 'would-create', 'exists', 'problem']).describe('exists: there is a hook of this dialect with this name and address; nothing is made.'),
        hook: z.string().nullable().describe('Id of the hook that was made, or that exists.'),
        code: z.string().nullable().describe('Of a problem: a stable code.'),
        message: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'HookImportResult' });
export type HookImportResult = z.infer<typeof HookImportResult>;
