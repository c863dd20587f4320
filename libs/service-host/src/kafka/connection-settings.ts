import { readFileSync } from 'node:fs';
import type { KafkaConnectionSettings } from '@hooklane/event-log-kafka';
import { AppError } from '@hooklane/kernel';
import type { DatabaseSettings } from '@hooklane/postgres';
import type { Logger } from '@hooklane/telemetry';
import type { DatabaseConfig, KafkaConfig } from './distributed.config.js';

export function kafkaSettings(config: KafkaConfig, clientId: string, logger: Logger): KafkaConnectionSettings {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = config;
  if (mechanism && (!username || !password)) throw new AppError('invalid-configuration', 'KAFKA_SASL_MECHANISM: needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD');
  return {
    brokers: config.KAFKA_BROKERS,
    clientId,
    ...(mechanism ? { sasl: { mechanism, username: username!, password: password! } } : {}),
    ...(config.KAFKA_TLS === 'disable' ? {} : { tls: tlsOf(config) }),
    onLog: ({ level, message, fields }) => logger[level](message, fields),
  };
}

function tlsOf(config: KafkaConfig): NonNullable<KafkaConnectionSettings['tls']> {
  const ca = pemOf('KAFKA_TLS_CA_FILE', config.KAFKA_TLS_CA_FILE);
  const certificate = pemOf('KAFKA_TLS_CERTIFICATE_FILE', config.KAFKA_TLS_CERTIFICATE_FILE);
  const key = pemOf('KAFKA_TLS_KEY_FILE', config.KAFKA_TLS_KEY_FILE);
  return { rejectUnauthorized: config.KAFKA_TLS === 'verify-full', ...(ca ? { ca } : {}), ...(certificate ? { certificate } : {}), ...(key ? { key } : {}) };
}

export function databaseSettings(config: DatabaseConfig): DatabaseSettings {
  const caPem = pemOf('HOOKLANE_DATABASE_CA_FILE', config.HOOKLANE_DATABASE_CA_FILE);
  return { url: config.DATABASE_URL, tls: config.HOOKLANE_DATABASE_TLS, ...(caPem ? { caPem } : {}) };
}

function pemOf(field: string, path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new AppError('invalid-configuration', `${field}: the file ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
