import { z } from 'zod';

const milliseconds = (fallback: number, min: number, max: number) => z.coerce.number().int().min(min).max(max).default(fallback);
const count = (fallback: number, min: number, max: number) => z.coerce.number().int().min(min).max(max).default(fallback);

/** Every key is an environment variable. */
export const logQueryConfig = z.object({
  LOG_QUERY_RETENTION_DAYS: count(30, 1, 3_650).describe('How long events, deliveries and attempts are kept for tenants that say nothing else, in days. Default 30, minimum 1.'),
  LOG_QUERY_FLUSH_AFTER_MS: milliseconds(100, 1, 1_000).describe('How long what was read waits for company before it is written, in milliseconds. Default 100, minimum 1.'),
  LOG_QUERY_REQUEST_HOLD_MS: milliseconds(400, 0, 1_500).describe('How long a request waits for its outcome, so that a delivery that goes well is written once, in milliseconds. Default 400, minimum 0.'),
  LOG_QUERY_ROWS_PER_FLUSH: count(1_000, 50, 10_000).describe('A flush takes about so many rows; more make longer pauses for the requests of the same thread. Default 1,000, minimum 50.'),
  LOG_QUERY_WRITER: z.enum(['thread', 'inline']).default('thread').describe('Where records are read and written: on a thread of its own, which needs about 50 MB more and leaves the rest of the process to its requests, or inline. Default thread.'),
  LOG_QUERY_CONNECTIONS: count(8, 2, 100).describe('Connections to Postgres for queries; up to five more are used for writing. Default 8, minimum 2.'),
  LOG_QUERY_TIMEOUT_MS: milliseconds(10_000, 100, 120_000).describe('A query that takes longer is given up with 503, in milliseconds. Default 10,000, minimum 100.'),
  LOG_QUERY_ROWS_SCANNED: count(20_000, 100, 1_000_000).describe('A page with filters that no index serves looks at so many rows and then answers with what it has found and a cursor to go on. Default 20,000, minimum 100.'),
});

export type LogQueryConfig = z.infer<typeof logQueryConfig>;
