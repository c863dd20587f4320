import { AppError } from '@hooklane/kernel';
import { logLevels } from '@hooklane/telemetry';
import { z } from 'zod';
import type { Environment } from './environment.config.js';

const port = z.coerce.number().int().min(0).max(65_535);

/** What every process of ours reads. Every key is an environment variable. */
export const processConfig = z.object({
  HOOKLANE_PORT: port.default(8080).describe('HTTP port: REST, metrics, health. 0: any free one. Default 8080.'),
  HOOKLANE_GRPC_PORT: port.default(8081).describe('gRPC port. 0: any free one. Default 8081.'),
  HOOKLANE_HOST: z.string().optional().describe('Interface to listen on. Default: 127.0.0.1 in embedded mode, where hooks may reach this machine, else all (0.0.0.0).'),
  HOOKLANE_LOG_LEVEL: z.enum(logLevels).default('info').describe('debug, info, warn, error or silent. Default info.'),
  HOOKLANE_ALLOWED_TARGETS: z
    .string()
    .default('')
    .describe('CIDR ranges and host names (such as 10.0.0.0/8, *.svc.cluster.local), separated by commas, that hooks may reach although the target guard denies them. Default none.')
    .transform((text) => text.split(',').map((part) => part.trim()).filter((part) => part !== '')),
  HOOKLANE_UNREADY_BEFORE_STOP_MS: z.coerce.number().int().min(0).default(0).describe('After SIGTERM: how long /readyz says no before requests are refused, in milliseconds; behind a load balancer at least its probe interval. Default 0.'),
  HOOKLANE_STOP_TIMEOUT_MS: z.coerce.number().int().min(1_000).default(25_000).describe('How long stopping may take in all, in milliseconds; what is not done then is taken over by another process or the next start. Default 25000.'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional().describe('OTLP/HTTP collector, such as http://collector:4318; OTEL_EXPORTER_OTLP_HEADERS goes with it. Spans (publish, fan out, each attempt) are made of events whose publisher sent a sampled traceparent. Without it none are made, and the traceparent reaches the receiver as it came.'),
});

export type ProcessConfig = z.infer<typeof processConfig>;

/**
 * Reads one schema's fields from the environment; an empty variable counts as not set.
 * @throws AppError `invalid-configuration`, which names every field that is wrong and never shows a value
 */
export function readConfig<Config>(schema: z.ZodObject & z.ZodType<Config>, environment: Environment): Config {
  const given = Object.fromEntries(Object.keys(schema.shape).map((name) => [name, environment[name] === '' ? undefined : environment[name]]));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const fields = result.error.issues.map((issue) => `${issue.path.join('.') || 'configuration'}: ${issue.message}`);
  throw new AppError('invalid-configuration', fields.join('; '));
}

const SECRET_FIELD = /KEY|PASSWORD|SECRET|TOKEN|CREDENTIAL|DATABASE_URL/;

/** What a process was started with, for its first log line. */
export function maskedSummary(...configs: readonly object[]): Record<string, unknown> {
  const fields = configs.flatMap((config) => Object.entries(config));
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined).map(([name, value]) => [name, SECRET_FIELD.test(name) ? '(set)' : value]));
}
