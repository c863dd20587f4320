import { z } from 'zod';

/** What an embedded process reads. Every key is an environment variable. */
export const embeddedConfig = z.object({
  HOOKLANE_DATA_DIR: z.string().min(1).default('.hooklane').describe('Directory of everything that is kept: the database, the master key, the lock. Default ./.hooklane.'),
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'must begin with postgres://').optional().describe('Postgres 15 or later to use instead of the embedded one: postgres://user:password@host:port/name. One Hooklane a database. Default: the embedded one.'),
  HOOKLANE_DATABASE_TLS: z.enum(['disable', 'require', 'verify-full']).default('disable').describe('For DATABASE_URL. Default disable.'),
  HOOKLANE_PARTITIONS: z.coerce.number().int().min(1).max(256).default(1).describe('Partitions of each stream when the data directory is made; it keeps them. In one process more of them only make smaller batches. Default 1.'),
  HOOKLANE_LOG_TAIL_BYTES: z.coerce.number().int().min(1_048_576).default(64 * 1024 * 1024).describe('Memory for the newest records of the log, which its readers follow without asking Postgres, in bytes. Default 67,108,864 (64 MiB), minimum 1,048,576.'),
});

export type EmbeddedConfig = z.infer<typeof embeddedConfig>;
