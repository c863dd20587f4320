import pg from 'pg';
import { endWhenSilent } from './silent-connection.js';

export interface DatabaseSettings {
  /** postgres://user:password@host:port/name, or a socket directory as host. */
  readonly url: string;
  /** `disable`, `require` (encrypt, trust any certificate) or `verify-full`. */
  readonly tls: 'disable' | 'require' | 'verify-full';
  /** PEM of the authority that signed the server's certificate; for `verify-full`. */
  readonly caPem?: string;
}

/** A Postgres server as one process uses it: pools by purpose, so that a slow query of one kind cannot take the connections of another. */
export interface Database {
  readonly settings: DatabaseSettings;
  /** Opens (once per name) a pool of at most `max` connections. A lost connection is replaced at its next use; its loss never ends the process, idle or in use. */
  pool(name: string, max: number): pg.Pool;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** Nothing of ours takes so long but migrations, which have connections of their own. */
const SILENT_MS = 20_000;
/** A session whose client is gone without a word keeps its locks until the server ends it. */
const PREPARE = `SET idle_in_transaction_session_timeout = ${SILENT_MS}`;

export function openDatabase(settings: DatabaseSettings, onIdleError: (poolName: string, error: Error) => void = () => undefined): Database {
  const pools = new Map<string, pg.Pool>();
  return {
    settings,
    pool(name, max) {
      const existing = pools.get(name);
      if (existing) return existing;
      const pool = new pg.Pool({ ...clientSettings(settings), application_name: `hooklane-${name}`, max, connectionTimeoutMillis: CONNECT_TIMEOUT_MS, keepAlive: true, onConnect: awaited });
      // Without a listener an idle connection's error would end the process.
      pool.on('error', (error) => onIdleError(name, error));
      // The pool listens to idle connections only. One that is lost while in use, also between two statements, shows in the query that meets it.
      pool.on('connect', (client) => client.on('error', () => undefined));
      pools.set(name, pool);
      return pool;
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.end()));
      pools.clear();
    },
  };
}

/** For every new connection of a pool, before it is used; also of a pool that typeorm makes (`onConnect` among its `extra` settings). */
export async function prepareConnection(client: pg.ClientBase): Promise<void> {
  endWhenSilent(client, SILENT_MS);
  await client.query(PREPARE);
}

/** The pool waits for it, which its types do not say. */
const awaited = prepareConnection as (client: pg.ClientBase) => unknown as (client: pg.ClientBase) => void;

export function clientSettings(settings: DatabaseSettings): { connectionString: string; ssl: TlsChoice } {
  return { connectionString: settings.url, ssl: tlsChoice(settings) };
}

type TlsChoice = false | { rejectUnauthorized: boolean; ca?: string };

function tlsChoice({ tls, caPem }: DatabaseSettings): TlsChoice {
  if (tls === 'disable') return false;
  return { rejectUnauthorized: tls === 'verify-full', ...(caPem ? { ca: caPem } : {}) };
}
