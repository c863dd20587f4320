import type { Clock } from '@hooklane/kernel';
import type pg from 'pg';
import type { DayPartitions } from '../ports.js';

export const DAY_MS = 86_400_000;

/** Tables partitioned by day. Rows of `deliveries` are updated once or more, so their pages keep some room. */
const TABLES: Readonly<Record<string, string>> = { events: '', deliveries: 'WITH (fillfactor = 90)', attempts: '', unmatched: '', flushes: '', inbound_calls: '' };

// "hooklane" days: taken by whoever makes or drops partitions.
const LOCK_KEY = 0x686f6f6c64;

/** Day partitions in Postgres, named `<table>_<yyyymmdd>` in UTC. */
export class PgDayPartitions implements DayPartitions {
  keptFromMs = Number.NEGATIVE_INFINITY;
  private known = new Set<number>();

  constructor(
    private readonly pool: pg.Pool,
    private readonly clock: Clock,
    /** Hears of it before days are dropped. */
    private readonly keeps: (fromMs: number) => void = () => undefined,
  ) {}

  async ensure(timesMs: Iterable<number>): Promise<void> {
    const missing = new Set<number>();
    for (const timeMs of timesMs) {
      const day = Math.floor(timeMs / DAY_MS);
      if (!this.known.has(day)) missing.add(day);
    }
    if (missing.size > 0) await this.make([...missing]);
  }

  forget(): void {
    this.known = new Set();
  }

  /** Today and the days ahead, so that no flush has to wait for its partition. */
  async makeAhead(days: number): Promise<void> {
    const today = this.clock.nowMs();
    await this.ensure(Array.from({ length: days + 1 }, (_, ahead) => today + ahead * DAY_MS));
  }

  /**
   * Drops the days that ended before `keptFromMs`, and remembers the highest request offset dropped of each partition.
   * @returns how many partitions were dropped
   */
  async dropBefore(keptFromMs: number): Promise<number> {
    this.keptFromMs = Math.floor(keptFromMs / DAY_MS) * DAY_MS;
    this.keeps(this.keptFromMs);
    const firstKept = dayName(this.keptFromMs / DAY_MS);
    return await this.locked(async (client) => {
      const { rows } = await client.query<{ table: string; name: string }>(PARTITIONS, [Object.keys(TABLES)]);
      const gone = rows.filter(({ table, name }) => name.slice(table.length + 1) < firstKept);
      for (const { table, name } of gone) {
        await client.query('BEGIN');
        // Waiting longer for the parent's lock would make every flush wait behind us; the next run tries again.
        await client.query(`SET LOCAL lock_timeout = '2s'`);
        if (table === 'deliveries') await client.query(rememberDropped(name));
        await client.query(`DROP TABLE log_query.${name}`);
        await client.query('COMMIT');
      }
      this.forget();
      return gone.length;
    });
  }

  private async make(days: readonly number[]): Promise<void> {
    await this.locked(async (client) => {
      const { rows } = await client.query<{ name: string }>(PARTITIONS, [Object.keys(TABLES)]);
      const present = new Set(rows.map(({ name }) => name));
      for (const day of days) {
        for (const [table, options] of Object.entries(TABLES)) {
          const name = `${table}_${dayName(day)}`;
          if (present.has(name)) continue;
          // Made beside the table and then attached: flushes go on meanwhile, which `CREATE … PARTITION OF` would not let them.
          await client.query(`BEGIN; DROP TABLE IF EXISTS log_query.${name}; CREATE TABLE log_query.${name} (LIKE log_query.${table} INCLUDING ALL) ${options};
            ALTER TABLE log_query.${table} ATTACH PARTITION log_query.${name} FOR VALUES FROM (${day * DAY_MS}) TO (${(day + 1) * DAY_MS}); COMMIT`);
        }
        this.known.add(day);
      }
    });
  }

  private async locked<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    let failed = true;
    try {
      await client.query('SELECT pg_advisory_lock($1)', [LOCK_KEY]);
      const result = await work(client);
      await client.query('SELECT pg_advisory_unlock($1)', [LOCK_KEY]);
      failed = false;
      return result;
    } finally {
      // Ending a session in an unknown state also gives the lock back.
      client.release(failed);
    }
  }
}

const PARTITIONS = `
SELECT p.relname AS table, c.relname AS name
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace n ON n.oid = p.relnamespace
WHERE n.nspname = 'log_query' AND p.relname = ANY($1) AND c.relkind = 'r'`;

function rememberDropped(partition: string): string {
  return `INSERT INTO log_query.dropped_requests AS d (request_partition, request_offset)
    SELECT request_partition, max(request_offset) FROM log_query.${partition} GROUP BY request_partition
    ON CONFLICT (request_partition) DO UPDATE SET request_offset = GREATEST(d.request_offset, excluded.request_offset)`;
}

/** @param day days since 1970-01-01 */
function dayName(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '');
}
