import { bigintArray, byteaArray, int4Array, textArray } from '@hooklane/postgres';
import type pg from 'pg';
import type { DayPartitions, InboundCallQueries, InboundCallRow, InboundCallStore } from '../ports.js';
import type { InboundCallFilter } from '../query/filters.js';
import type { Page, PageWish, StoredInboundCall } from '../query/stored.js';
import { fetchPage, type Condition } from './page-query.js';
import type { Queries } from './queries.pg.js';

const TOPIC = 'inbound.called';

const SAVE = `
WITH moved AS (UPDATE log_query.positions SET next_offset = GREATEST(next_offset, $2::bigint) WHERE topic = '${TOPIC}' AND partition = $1)
INSERT INTO log_query.inbound_calls (at_ms, log_offset, log_partition, tenant_id, call_id, endpoint, source_id, outcome, record)
SELECT * FROM unnest($3::bigint[], $4::bigint[], $5::int[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::bytea[]) ON CONFLICT DO NOTHING`;

/** Calls from outside. A statement a batch, with its position: they are few beside deliveries, and each is a row of its own that nothing changes later. */
export class PgInboundCallStore implements InboundCallStore {
  constructor(
    private readonly pool: pg.Pool,
    private readonly days: DayPartitions,
  ) {}

  async positions(partitions: readonly number[]): Promise<readonly number[]> {
    await this.pool.query(`INSERT INTO log_query.positions (topic, partition, next_offset, marks) SELECT '${TOPIC}', p, 0, '' FROM unnest($1::int[]) p ON CONFLICT DO NOTHING`, [partitions]);
    const { rows } = await this.pool.query<{ partition: number; next_offset: string }>(`SELECT partition, next_offset FROM log_query.positions WHERE topic = '${TOPIC}'`);
    const stored = new Map(rows.map((row) => [row.partition, Number(row.next_offset)]));
    return partitions.map((partition) => stored.get(partition) ?? 0);
  }

  async save(partition: number, next: number, read: readonly InboundCallRow[]): Promise<void> {
    // Of days that retention has dropped they would be gone at once.
    const rows = read.filter(({ atMs }) => atMs >= this.days.keptFromMs);
    await this.days.ensure(rows.map(({ atMs }) => atMs));
    const values = [
      partition,
      next,
      bigintArray(rows.map((row) => row.atMs)),
      bigintArray(rows.map((row) => row.logOffset)),
      int4Array(rows.map((row) => row.logPartition)),
      textArray(rows.map((row) => row.tenantId)),
      textArray(rows.map((row) => row.callId)),
      textArray(rows.map((row) => row.endpoint)),
      textArray(rows.map((row) => row.sourceId)),
      textArray(rows.map((row) => row.outcome)),
      byteaArray(rows.map((row) => row.record)),
    ];
    try {
      await this.pool.query({ name: 'lq-save-inbound-calls', text: SAVE, values });
    } catch (error) {
      // Perhaps a day is not there any more; the batch comes again.
      this.days.forget();
      throw error;
    }
  }
}

interface RawCall {
  at_ms: string;
  log_offset: string;
  log_partition: number;
  record: Buffer;
}

export class PgInboundCallQueries implements InboundCallQueries {
  constructor(
    private readonly queries: Queries,
    private readonly rowsScanned: number,
  ) {}

  async find(tenantId: string, callId: string): Promise<StoredInboundCall | null> {
    const rows = await this.queries.rows<RawCall>('SELECT at_ms, log_offset, log_partition, record FROM log_query.inbound_calls WHERE tenant_id = $1 AND call_id = $2 ORDER BY at_ms, log_offset LIMIT 1', [tenantId, callId]);
    return rows[0] ? storedCall(rows[0]) : null;
  }

  page(tenantId: string, filter: InboundCallFilter, wish: PageWish): Promise<Page<StoredInboundCall>> {
    return fetchPage<RawCall, StoredInboundCall>(this.queries, this.rowsScanned, {
      table: 'inbound_calls',
      order: ['at_ms', 'log_offset', 'log_partition'],
      columns: 'at_ms, log_offset, log_partition, record',
      indexed: [{ sql: 'tenant_id = ?', values: [tenantId] }],
      scanned: scannedBy(filter),
      wish,
      rowOf: storedCall,
      keyOf,
    });
  }
}

function scannedBy({ source, endpoint, outcome }: InboundCallFilter): readonly Condition[] {
  const conditions: Condition[] = [];
  if (source !== undefined) conditions.push({ sql: 'source_id = ?', values: [source] });
  if (endpoint !== undefined) conditions.push({ sql: 'endpoint = ?', values: [endpoint] });
  if (outcome !== undefined) conditions.push({ sql: 'outcome = ?', values: [outcome] });
  return conditions;
}

function storedCall(raw: RawCall): StoredInboundCall {
  return { key: keyOf(raw), record: raw.record };
}

function keyOf(raw: Omit<RawCall, 'record'>): StoredInboundCall['key'] {
  return { timeMs: Number(raw.at_ms), offset: Number(raw.log_offset), partition: raw.log_partition, hookId: '' };
}
