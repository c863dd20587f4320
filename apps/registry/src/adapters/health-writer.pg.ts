import { bigintArray, booleanArray, int4Array, textArray } from '@hooklane/postgres';
import type pg from 'pg';
import type { HealthStore } from '../hook-health/health-book.js';
import type { HealthState } from '../hook-health/health-fold.js';

const COLUMNS = 'hook_id, owner_epoch, owner_sequence, enabled_epoch, is_failing, failure_count, last_error_at_ms, last_error_code, last_error_sentence, last_error_status, last_success_at_ms';
const TYPES = ['text', 'bigint', 'bigint', 'bigint', 'boolean', 'integer', 'bigint', 'text', 'text', 'integer', 'bigint'];
const SET = COLUMNS.split(', ').slice(1).map((column) => `${column} = excluded.${column}`).join(', ');

/** One statement: the healths and the positions up to which they are true, together or not at all. */
const WRITE = `
  WITH positions AS (
    INSERT INTO registry.outcome_positions AS p (partition, next_offset) SELECT * FROM unnest($12::integer[], $13::bigint[])
    ON CONFLICT (partition) DO UPDATE SET next_offset = excluded.next_offset WHERE p.next_offset < excluded.next_offset
  )
  INSERT INTO registry.hook_health AS h (${COLUMNS}) SELECT * FROM unnest(${TYPES.map((type, index) => `$${index + 1}::${type}[]`).join(', ')})
  ON CONFLICT (hook_id) DO UPDATE SET ${SET} WHERE (h.owner_epoch, h.owner_sequence) < (excluded.owner_epoch, excluded.owner_sequence)`;

export class PostgresHealthStore implements HealthStore {
  constructor(private readonly pool: pg.Pool) {}

  async load(hookIds: readonly string[]): Promise<ReadonlyMap<string, HealthState>> {
    const { rows } = await this.pool.query<Record<string, string | number | boolean>>({ name: 'registry-load-healths', text: `SELECT ${COLUMNS} FROM registry.hook_health WHERE hook_id = ANY($1)`, values: [textArray(hookIds)] });
    return new Map(rows.map((row) => [String(row['hook_id']), healthStateOf(row)]));
  }

  async write(healths: readonly HealthState[], positions: ReadonlyMap<number, number>): Promise<void> {
    // Rows are locked in one order, whoever writes.
    const sorted = [...healths].sort((left, right) => (left.hookId < right.hookId ? -1 : 1));
    const partitions = [...positions.keys()].sort((left, right) => left - right);
    await this.pool.query({
      name: 'registry-write-healths',
      text: WRITE,
      values: [
        textArray(sorted.map(({ hookId }) => hookId)),
        bigintArray(sorted.map(({ ownerEpoch }) => ownerEpoch)),
        bigintArray(sorted.map(({ ownerSequence }) => ownerSequence)),
        bigintArray(sorted.map(({ enabledEpoch }) => enabledEpoch)),
        booleanArray(sorted.map(({ isFailing }) => isFailing)),
        int4Array(sorted.map(({ failureCount }) => failureCount)),
        bigintArray(sorted.map(({ lastErrorAtMs }) => lastErrorAtMs)),
        textArray(sorted.map(({ lastErrorCode }) => lastErrorCode)),
        textArray(sorted.map(({ lastErrorSentence }) => lastErrorSentence)),
        int4Array(sorted.map(({ lastErrorStatus }) => lastErrorStatus)),
        bigintArray(sorted.map(({ lastSuccessAtMs }) => lastSuccessAtMs)),
        int4Array(partitions),
        bigintArray(partitions.map((partition) => positions.get(partition)!)),
      ],
    });
  }

  /** The offset to go on from; partitions never read are not in it. */
  async positionsOf(partitions: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const { rows } = await this.pool.query<{ partition: number; next_offset: string }>({
      name: 'registry-outcome-positions',
      text: 'SELECT partition, next_offset FROM registry.outcome_positions WHERE partition = ANY($1)',
      values: [int4Array(partitions)],
    });
    return new Map(rows.map((row) => [row.partition, Number(row.next_offset)]));
  }
}

function healthStateOf(row: Record<string, string | number | boolean>): HealthState {
  return {
    hookId: String(row['hook_id']),
    ownerEpoch: Number(row['owner_epoch']),
    ownerSequence: Number(row['owner_sequence']),
    enabledEpoch: Number(row['enabled_epoch']),
    isFailing: row['is_failing'] === true,
    failureCount: Number(row['failure_count']),
    lastErrorAtMs: Number(row['last_error_at_ms']),
    lastErrorCode: String(row['last_error_code']),
    lastErrorSentence: String(row['last_error_sentence']),
    lastErrorStatus: Number(row['last_error_status']),
    lastSuccessAtMs: Number(row['last_success_at_ms']),
  };
}
