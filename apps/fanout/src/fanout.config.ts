import { z } from 'zod';

/** Every key is an environment variable. */
export const fanoutConfig = z.object({
  FANOUT_INCARNATIONS_REMEMBERED: z.coerce
    .number()
    .int()
    .min(1)
    .max(32)
    .default(32)
    .describe('Ingest processes per partition whose late duplicate appends are recognised; the marks ride in the commit metadata (Kafka allows it 4,096 bytes). Default 32.'),
});

export type FanoutConfig = z.infer<typeof fanoutConfig>;
