import { tenantIdPattern } from '@hooklane/contracts/rest';
import { z } from 'zod';

/** Configuration of the registry; every key is an environment variable. */
export const registryConfig = z.object({
  HOOKLANE_ADMIN_KEY: z.string().min(16, 'must have at least 16 characters').max(256).optional().describe('The first admin API key. Default: one is made and shown once.').meta({ secret: true }),
  HOOKLANE_DEFAULT_TENANT: z.string().regex(tenantIdPattern, 'must be the name of a tenant').default('default').describe('The tenant of logins at the dialects\' APIs whose user name names none; others write tenant/name. Default default.'),
  HOOKLANE_CHANGE_TIMEOUT_MS: z.coerce.number().int().min(100).max(60_000).default(5_000).describe('How long an answer waits until the event log has taken its change, in milliseconds.'),
  HOOKLANE_ICESCRUM_SERVER_HOOKS: z.stringbool().default(false).describe('Whether iceScrum clients may use hooks of the server as a whole (`/ws/hook`); off in iceScrum too.'),
  HOOKLANE_ICESCRUM_FAILURE_LIMIT: z.coerce.number().int().min(0).max(100_000).default(5).describe('Failing attempts in a row until a new iceScrum hook is disabled; 0: never. Every hook can have another.'),
});

export type RegistryConfig = z.infer<typeof registryConfig>;
