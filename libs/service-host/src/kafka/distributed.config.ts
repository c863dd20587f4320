import { z } from 'zod';

const file = z.string().min(1).optional();
const peer = z.string().regex(/^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):\d{1,5}$/, 'must be host:port').optional();
const flag = z.stringbool();

/** How to reach Kafka. */
const kafkaFields = {
  KAFKA_BROKERS: z.string().min(1).describe('Brokers as host:port, separated by commas; the others are found through them. Required.').transform((text) => text.split(',').map((broker) => broker.trim()).filter((broker) => broker !== '')),
  KAFKA_TOPIC_PREFIX: z.string().regex(/^[A-Za-z0-9._-]*$/, 'may hold A-Z a-z 0-9 . _ -').default('').describe('In front of every topic and group name, such as "staging.". Default none.'),
  KAFKA_SASL_MECHANISM: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).optional().describe('plain, scram-sha-256 or scram-sha-512; with KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD. Default: no authentication.'),
  KAFKA_SASL_USERNAME: z.string().min(1).optional().describe('For KAFKA_SASL_MECHANISM.'),
  KAFKA_SASL_PASSWORD: z.string().min(1).optional().describe('For KAFKA_SASL_MECHANISM.').meta({ secret: true }),
  KAFKA_TLS: z.enum(['disable', 'require', 'verify-full']).default('disable').describe('disable, require (encrypt, trust any certificate) or verify-full. Default disable.'),
  KAFKA_TLS_CA_FILE: file.describe('PEM file of the authority that signed the brokers\' certificates. Default: those the system trusts.'),
  KAFKA_TLS_CERTIFICATE_FILE: file.describe('PEM file of our client certificate; with KAFKA_TLS_KEY_FILE. Default none.'),
  KAFKA_TLS_KEY_FILE: file.describe('PEM file of the client certificate\'s key.'),
};

/** How to reach Postgres. */
const databaseFields = {
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'must begin with postgres://').describe('Postgres 15 or later: postgres://user:password@host:port/name. Required.').meta({ secret: true }),
  HOOKLANE_DATABASE_TLS: z.enum(['disable', 'require', 'verify-full']).default('disable').describe('disable, require (encrypt, trust any certificate) or verify-full. Default disable.'),
  HOOKLANE_DATABASE_CA_FILE: file.describe('PEM file of the authority that signed the database\'s certificate, for verify-full. Default: those the system trusts.'),
};

/** What a process of the split stack reads. Every key is an environment variable. */
export const distributedConfig = z.object({
  ...kafkaFields,
  KAFKA_SESSION_TIMEOUT_MS: z.coerce.number().int().min(1_000).max(300_000).default(10_000).describe('How long after its last sign of life a service that died keeps its partitions, in milliseconds; within the brokers\' group.min.session.timeout.ms and group.max.session.timeout.ms. Default 10000.'),
  ...databaseFields,
  HOOKLANE_MASTER_KEY: z.string().min(1).describe('Base64 of 32 bytes (openssl rand -base64 32): seals secrets at rest; the same for all services. Required.').meta({ secret: true }),
  HOOKLANE_DELIVERY_GRPC: peer.describe('gRPC address (host:port) of the delivery service, which the registry calls for tests, probes and resends. Default none: these then answer 503.'),
  HOOKLANE_LOG_QUERY_GRPC: peer.describe('gRPC address (host:port) of the log-query service, which the registry calls for the log views of the dialects\' APIs. Default none: these then answer 503.'),
  HOOKLANE_MIGRATE_AT_START: flag.default(false).describe('Whether a service brings its database schema up to date when it starts, rather than wait for the migrate job. Default false.'),
});

export type DistributedConfig = z.infer<typeof distributedConfig>;

/** What `main.js migrate` reads. */
export const migrateJobConfig = z.object(databaseFields);

/** What `main.js topics` reads. */
export const topicsJobConfig = z.object({
  ...kafkaFields,
  HOOKLANE_PARTITIONS: z.coerce.number().int().min(1).max(1_000).default(48).describe('Partitions of each stream; fixed for the life of the topics. Default 48.'),
  HOOKLANE_REPLICATION_FACTOR: z.coerce.number().int().min(1).default(3).describe('Copies of every record. Default 3.'),
  HOOKLANE_MIN_INSYNC_REPLICAS: z.coerce.number().int().min(1).default(2).describe('Copies that must exist before an append is acknowledged. Default 2.'),
  HOOKLANE_ALLOW_SINGLE_COPY: flag.default(false).describe('Allows replication factor 1 or one in-sync replica, which loses acknowledged events with one broker. Default false.'),
});

export type KafkaConfig = Pick<DistributedConfig, keyof typeof kafkaFields>;
export type DatabaseConfig = z.infer<typeof migrateJobConfig>;
export type TopicsJobConfig = z.infer<typeof topicsJobConfig>;
