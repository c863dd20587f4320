import { bigintArray, byteaArray, int4Array, textArray } from '@hooklane/postgres';
import type pg from 'pg';
import type { FlushPlan, PositionMove } from '../writer/flush-plan.js';
import { contentsOf, numbersOf, type FlushContents } from '../writer/flush-contents.js';
import type { AttemptRow, DeliveryRow, EventRow, UnmatchedRow } from '../read-model/rows.js';
import type { ReadModelStore, StoredPosition, WriteResult } from '../ports.js';

/** The read models in Postgres: one transaction a flush, one named statement a table, rows as binary arrays.
 * `unnest` stands in the select list, in step for all columns: as a table function of several arrays it would copy every row into a tuplestore first, a tenth of the cost. */
export class PgReadModelStore implements ReadModelStore {
  constructor(private readonly pool: pg.Pool) {}

  async positions(topic: string, partitions: readonly number[]): Promise<readonly StoredPosition[]> {
    const insert = `INSERT INTO log_query.positions (topic, partition, next_offset, marks) SELECT $1, p, 0, $3 FROM unnest($2::int[]) p ON CONFLICT DO NOTHING`;
    await this.pool.query(insert, [topic, partitions, topic === 'deliveries.requested' ? '[]' : '{}']);
    const { rows } = await this.pool.query<{ partition: number; next_offset: string; marks: string; numbered: string }>('SELECT partition, next_offset, marks, numbered FROM log_query.positions WHERE topic = $1', [topic]);
    const byPartition = new Map(rows.map((row) => [row.partition, { nextOffset: Number(row.next_offset), marks: row.marks, numbered: Number(row.numbered) }]));
    return partitions.map((partition) => byPartition.get(partition) ?? { nextOffset: 0, marks: topic === 'deliveries.requested' ? '[]' : '{}', numbered: 0 });
  }

  async write(plan: FlushPlan, nowMs: number): Promise<WriteResult> {
    const lastSeq = await this.transaction(plan, contentsOf(plan), nowMs);
    return lastSeq === null ? this.afterRefusal(plan) : { kind: 'written', lastSeq };
  }

  async lastSeq(): Promise<number> {
    const { rows } = await this.pool.query<{ next_seq: string }>({ name: 'lq-last-seq', text: 'SELECT next_seq FROM log_query.head' });
    return Number(rows[0]?.next_seq ?? 1) - 1;
  }

  /** @returns the last number given, or null when nothing was written because a position is not where it was expected */
  private async transaction(plan: FlushPlan, contents: FlushContents, nowMs: number): Promise<number | null> {
    const client = await this.pool.connect();
    let failed = true;
    try {
      await client.query('BEGIN');
      const lastSeq = await moveOn(client, plan, contents, nowMs);
      if (lastSeq !== null) await writeRows(client, plan);
      await client.query(lastSeq === null ? 'ROLLBACK' : 'COMMIT');
      failed = false;
      return lastSeq;
    } finally {
      // After a failure the connection's state is unknown; a new one costs a millisecond.
      client.release(failed);
    }
  }

  /** Positions that do not stand where the plan expects them: either an earlier try was committed after all, or another instance has taken the partition. */
  private async afterRefusal(plan: FlushPlan): Promise<WriteResult> {
    const { rows } = await this.pool.query<{ topic: string; partition: number; next_offset: string }>('SELECT topic, partition, next_offset FROM log_query.positions');
    const stored = new Map(rows.map((row) => [`${row.topic}/${row.partition}`, Number(row.next_offset)]));
    const at = (move: PositionMove): number | undefined => stored.get(`${move.topic}/${move.partition}`);
    if (plan.positions.some((move) => at(move) === move.next)) return { kind: 'written', lastSeq: await this.lastSeq() };
    return { kind: 'lost', partitions: plan.positions.filter((move) => at(move) !== move.expected) };
  }
}

const MOVE_ON = `
WITH moved AS (
  UPDATE log_query.positions p SET next_offset = u.next, marks = u.marks, numbered = GREATEST(p.numbered, u.next)
  FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[], $5::text[]) u(topic, partition, expected, next, marks)
  WHERE p.topic = u.topic AND p.partition = u.partition AND p.next_offset = u.expected
  RETURNING 1
), head AS (
  UPDATE log_query.head SET next_seq = next_seq + $6::bigint RETURNING next_seq - 1 AS last_seq
), flush AS (
  INSERT INTO log_query.flushes (last_seq, at_ms, contents) SELECT last_seq, $7::bigint, $8::text FROM head WHERE $6::bigint > 0
)
SELECT (SELECT count(*) FROM moved)::int AS moved, last_seq FROM head`;

/**
 * Takes the numbers and moves the positions; a statement of its own, so that those after it see what flushes committed while this one waited for the row.
 * @returns the last number, or null when a position is not where it was expected
 */
async function moveOn(client: pg.PoolClient, { positions }: FlushPlan, contents: FlushContents, nowMs: number): Promise<number | null> {
  const values = [
    textArray(positions.map((move) => move.topic)),
    int4Array(positions.map((move) => move.partition)),
    bigintArray(positions.map((move) => move.expected)),
    bigintArray(positions.map((move) => move.next)),
    textArray(positions.map((move) => move.marks)),
    numbersOf(contents),
    nowMs,
    JSON.stringify(contents),
  ];
  const { rows } = await client.query<{ moved: number; last_seq: string }>({ name: 'lq-move-on', text: MOVE_ON, values });
  const [row] = rows;
  return row && row.moved === positions.length ? Number(row.last_seq) : null;
}

async function writeRows(client: pg.PoolClient, { events, attempts, deliveries, unmatched }: FlushPlan): Promise<void> {
  if (events.length > 0) await insertEvents(client, events);
  if (attempts.length > 0) await insertAttempts(client, attempts);
  if (deliveries.length > 0) await upsertDeliveries(client, deliveries);
  if (unmatched.length > 0) await insertUnmatched(client, unmatched);
}

const INSERT_EVENTS = `
INSERT INTO log_query.events (log_offset, accepted_at_ms, log_partition, tenant_id, event_id, type, project, record)
SELECT unnest($1::bigint[]), unnest($2::bigint[]), unnest($3::int[]), unnest($4::text[]), unnest($5::text[]), unnest($6::text[]), unnest($7::text[]), unnest($8::bytea[])`;

async function insertEvents(client: pg.PoolClient, rows: readonly EventRow[]): Promise<void> {
  const values = [
    bigintArray(rows.map((row) => row.logOffset)),
    bigintArray(rows.map((row) => row.acceptedAtMs)),
    int4Array(rows.map((row) => row.logPartition)),
    textArray(rows.map((row) => row.tenantId)),
    textArray(rows.map((row) => row.eventId)),
    textArray(rows.map((row) => row.type)),
    textArray(rows.map((row) => row.project)),
    byteaArray(rows.map((row) => row.record)),
  ];
  await client.query({ name: 'lq-insert-events', text: INSERT_EVENTS, values });
}

const INSERT_ATTEMPTS = `
INSERT INTO log_query.attempts (log_offset, at_ms, request_offset, request_partition, number, status, total_us, trigger, outcome_class, fate,
  tenant_id, hook_id, event_id, attempt_id, type, project, error_code, record)
SELECT unnest($1::bigint[]), unnest($2::bigint[]), unnest($3::bigint[]),
  unnest($4::int[]), unnest($5::int[]), unnest($6::int[]), unnest($7::int[]), unnest($8::int[]), unnest($9::int[]), unnest($10::int[]),
  unnest($11::text[]), unnest($12::text[]), unnest($13::text[]), unnest($14::text[]), unnest($15::text[]), unnest($16::text[]), unnest($17::text[]), unnest($18::bytea[])`;

async function insertAttempts(client: pg.PoolClient, rows: readonly AttemptRow[]): Promise<void> {
  const values = [
    bigintArray(rows.map((row) => row.logOffset)),
    bigintArray(rows.map((row) => row.atMs)),
    bigintArray(rows.map((row) => row.requestOffset)),
    int4Array(rows.map((row) => row.requestPartition)),
    int4Array(rows.map((row) => row.number)),
    int4Array(rows.map((row) => row.status)),
    int4Array(rows.map((row) => row.totalUs)),
    int4Array(rows.map((row) => row.trigger)),
    int4Array(rows.map((row) => row.outcomeClass)),
    int4Array(rows.map((row) => row.fate)),
    textArray(rows.map((row) => row.tenantId)),
    textArray(rows.map((row) => row.hookId)),
    textArray(rows.map((row) => row.eventId)),
    textArray(rows.map((row) => row.attemptId)),
    textArray(rows.map((row) => row.type)),
    textArray(rows.map((row) => row.project)),
    textArray(rows.map((row) => row.errorCode)),
    byteaArray(rows.map((row) => row.record)),
  ];
  await client.query({ name: 'lq-insert-attempts', text: INSERT_ATTEMPTS, values });
}

// The rule of `mergeDelivery`, for rows that an earlier flush has written. A row read again changes nothing and is not touched.
const UPSERT_DELIVERIES = `
INSERT INTO log_query.deliveries AS d (accepted_at_ms, request_offset, requested_at_ms, outcome_at_ms, next_attempt_at_ms, hook_version, owner_epoch, owner_sequence,
  request_partition, attempts, status, trigger, fate, tenant_id, hook_id, event_id, type, project, replay_id, fate_reason, error_code)
SELECT
  unnest($1::bigint[]), unnest($2::bigint[]), unnest($3::bigint[]), unnest($4::bigint[]), unnest($5::bigint[]), unnest($6::bigint[]), unnest($7::bigint[]), unnest($8::bigint[]),
  unnest($9::int[]), unnest($10::int[]), unnest($11::int[]), unnest($12::int[]), unnest($13::int[]),
  unnest($14::text[]), unnest($15::text[]), unnest($16::text[]), unnest($17::text[]), unnest($18::text[]), unnest($19::text[]), unnest($20::text[]), unnest($21::text[])
ON CONFLICT (hook_id, accepted_at_ms, request_offset) DO UPDATE SET
  requested_at_ms = GREATEST(d.requested_at_ms, excluded.requested_at_ms),
  trigger = CASE WHEN d.requested_at_ms = 0 AND excluded.requested_at_ms > 0 THEN excluded.trigger ELSE d.trigger END,
  replay_id = CASE WHEN d.requested_at_ms = 0 AND excluded.requested_at_ms > 0 THEN excluded.replay_id ELSE d.replay_id END,
  hook_version = GREATEST(d.hook_version, excluded.hook_version),
  attempts = GREATEST(d.attempts, excluded.attempts),
  fate = CASE WHEN (excluded.owner_epoch, excluded.owner_sequence) > (d.owner_epoch, d.owner_sequence) THEN excluded.fate ELSE d.fate END,
  fate_reason = CASE WHEN (excluded.owner_epoch, excluded.owner_sequence) > (d.owner_epoch, d.owner_sequence) THEN excluded.fate_reason ELSE d.fate_reason END,
  status = CASE WHEN (excluded.owner_epoch, excluded.owner_sequence) > (d.owner_epoch, d.owner_sequence) AND excluded.attempts > 0 THEN excluded.status ELSE d.status END,
  error_code = CASE WHEN (excluded.owner_epoch, excluded.owner_sequence) > (d.owner_epoch, d.owner_sequence) AND excluded.attempts > 0 THEN excluded.error_code ELSE d.error_code END,
  outcome_at_ms = CASE WHEN (excluded.owner_epoch, excluded.owner_sequence) > (d.owner_epoch, d.owner_sequence) THEN excluded.outcome_at_ms ELSE d.outcome_at_ms END,
  next_attempt_at_ms = CASE WHEN (excluded.owner_epoch, excluded.owner_sequence) > (d.owner_epoch, d.owner_sequence) THEN excluded.next_attempt_at_ms ELSE d.next_attempt_at_ms END,
  owner_epoch = CASE WHEN (excluded.owner_epoch, excluded.owner_sequence) > (d.owner_epoch, d.owner_sequence) THEN excluded.owner_epoch ELSE d.owner_epoch END,
  owner_sequence = CASE WHEN (excluded.owner_epoch, excluded.owner_sequence) > (d.owner_epoch, d.owner_sequence) THEN excluded.owner_sequence ELSE d.owner_sequence END
WHERE (excluded.owner_epoch, excluded.owner_sequence) > (d.owner_epoch, d.owner_sequence) OR (d.requested_at_ms = 0 AND excluded.requested_at_ms > 0)`;

async function upsertDeliveries(client: pg.PoolClient, rows: readonly DeliveryRow[]): Promise<void> {
  const values = [
    bigintArray(rows.map((row) => row.acceptedAtMs)),
    bigintArray(rows.map((row) => row.requestOffset)),
    bigintArray(rows.map((row) => row.requestedAtMs)),
    bigintArray(rows.map((row) => row.outcomeAtMs)),
    bigintArray(rows.map((row) => row.nextAttemptAtMs)),
    bigintArray(rows.map((row) => row.hookVersion)),
    bigintArray(rows.map((row) => row.ownerEpoch)),
    bigintArray(rows.map((row) => row.ownerSequence)),
    int4Array(rows.map((row) => row.requestPartition)),
    int4Array(rows.map((row) => row.attempts)),
    int4Array(rows.map((row) => row.status)),
    int4Array(rows.map((row) => row.trigger)),
    int4Array(rows.map((row) => row.fate)),
    textArray(rows.map((row) => row.tenantId)),
    textArray(rows.map((row) => row.hookId)),
    textArray(rows.map((row) => row.eventId)),
    textArray(rows.map((row) => row.type)),
    textArray(rows.map((row) => row.project)),
    textArray(rows.map((row) => row.replayId)),
    textArray(rows.map((row) => row.fateReason)),
    textArray(rows.map((row) => row.errorCode)),
  ];
  await client.query({ name: 'lq-upsert-deliveries', text: UPSERT_DELIVERIES, values });
}

const INSERT_UNMATCHED = `
INSERT INTO log_query.unmatched (accepted_at_ms, decided_at_ms, tenant_id, event_id)
SELECT unnest($1::bigint[]), unnest($2::bigint[]), unnest($3::text[]), unnest($4::text[])
ON CONFLICT DO NOTHING`;

async function insertUnmatched(client: pg.PoolClient, rows: readonly UnmatchedRow[]): Promise<void> {
  const values = [
    bigintArray(rows.map((row) => row.acceptedAtMs)),
    bigintArray(rows.map((row) => row.decidedAtMs)),
    textArray(rows.map((row) => row.tenantId)),
    textArray(rows.map((row) => row.eventId)),
  ];
  await client.query({ name: 'lq-insert-unmatched', text: INSERT_UNMATCHED, values });
}
