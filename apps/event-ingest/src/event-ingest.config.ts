import { z } from 'zod';

const milliseconds = (fallback: number, min: number) => z.coerce.number().int().min(min).max(600_000).default(fallback);

/** Every key is an environment variable. */
export const eventIngestConfig = z.object({
  EVENT_INGEST_APPEND_TIMEOUT_MS: milliseconds(5_000, 100).describe('How long a publisher waits for the log before it gets 503, in milliseconds. Default 5,000, minimum 100.'),
  EVENT_INGEST_DATABASE_TIMEOUT_MS: milliseconds(3_000, 100).describe('How long a publisher with an id or idempotency key waits for Postgres before it gets 503, in milliseconds. Default 3,000, minimum 100.'),
  EVENT_INGEST_CLAIM_LEASE_MS: milliseconds(10_000, 1_000).describe('After the death of a process another may accept the ids it was working on when this is over, in milliseconds; in the embedded mode, where the lock on the data proves the death, at once. Default 10,000, minimum 1,000.'),
  EVENT_INGEST_ADMISSION_WAIT_MS: milliseconds(5_000, 0).describe('How long a publisher waits, where all services share a process, while that is behind with what was published before, until it gets 503 (overloaded), in milliseconds. Default 5,000, minimum 0.'),
  EVENT_INGEST_WAITING_BYTES: z.coerce.number().int().min(1_048_576).default(32 * 1024 * 1024).describe('Of events whose publishers wait like that; what comes beyond is answered with 503 at once. Default 33,554,432, minimum 1,048,576.'),
  EVENT_INGEST_EVENTS_PER_SECOND: z.coerce.number().int().min(0).max(1_000_000).default(0).describe('Quota of tenants that have none of their own, in events per second. 0: none. Default 0.'),
  HOOKLANE_DEFAULT_TENANT: z.string().max(63).default('default').describe('The tenant whose Tiki handlers are called at /tiki-webhooks.php, without a tenant in the address. Default default.'),
  EVENT_INGEST_REFUSED_CALLS_PER_MINUTE: z.coerce.number().int().min(0).max(10_000).default(20).describe('Refused calls from outside that each process keeps in the inbound log, of each source and minute; of more it keeps the number. Default 20.'),
  EVENT_INGEST_TRUSTED_PROXIES: z
    .string()
    .default('')
    .describe('Addresses and CIDR ranges of the proxies before us, separated by commas: what they say in X-Forwarded-For is believed. Default none.')
    .transform((text) => text.split(',').map((part) => part.trim()).filter((part) => part !== '')),
});

export type EventIngestConfig = z.infer<typeof eventIngestConfig>;
