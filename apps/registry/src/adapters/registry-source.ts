import { DataSource } from 'typeorm';
import { prepareConnection, type Database } from '@hooklane/postgres';
import { entities } from './aggregate-rows.js';

const CONNECT_TIMEOUT_MS = 10_000;

/** typeorm on the process's database; not connected yet. Schema changes are migrations' alone. */
export function registrySource({ settings }: Database, poolSize: number): DataSource {
  const { tls, caPem } = settings;
  return new DataSource({
    type: 'postgres',
    url: settings.url,
    ssl: tls === 'disable' ? false : { rejectUnauthorized: tls === 'verify-full', ...(caPem ? { ca: caPem } : {}) },
    schema: 'registry',
    entities,
    synchronize: false,
    installExtensions: false,
    poolSize,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    applicationName: 'hooklane-registry-orm',
    // Without a listener an idle connection's error would end the process; the pool replaces it at its next use.
    poolErrorHandler: () => undefined,
    extra: { onConnect: prepareConnection },
  });
}
