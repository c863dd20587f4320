import { bigintArray, textArray } from '@hooklane/postgres';
import type { SourceMark } from '@hooklane/routing';
import type pg from 'pg';
import { PENDING } from '../read-model/codes.js';
import { pauseAfter, stepSize } from '../replay/replay-pace.js';
import type { ItemResult, LoadedItem, Numbered, ReplayStreams, StreamLease } from '../replay/replay-ports.js';
import type { NumberedItem } from '../replay/replay-records.js';
import type { Replay, ReplayKind } from '../replay/replay.js';
import { markIn } from '../replay/source-marks.js';
import { inTransaction } from './transaction.js';

/** Longer than a step takes; whoever finds it expired goes on in its place. */
const LEASE = `interval '10 seconds'`;
/** So many get their numbers in one transaction: what has a number goes out, also when its replay is paused meanwhile. */
const ITEMS_A_STEP = 500;
/** With up to 256 KiB of data each. */
const ITEMS_LOADED = 100;

const TAKE = `INSERT INTO log_query.replay_streams AS s (request_partition, next_position, owner, epoch, lease_until) VALUES ($1, 1, $2, 1, clock_timestamp() + ${LEASE})
  ON CONFLICT (request_partition) DO UPDATE SET owner = $2, epoch = s.epoch + CASE WHEN s.owner = $2 THEN 0 ELSE 1 END, lease_until = clock_timestamp() + ${LEASE}
  WHERE s.owner = $2 OR s.lease_until < clock_timestamp() OR $3 RETURNING epoch`;

// Positions are dense within a step: hooks of one event share theirs, as in a request of fan-out.
const NUMBER = `WITH next AS (SELECT first_offset, hook_id, dense_rank() OVER (ORDER BY first_offset) - 1 AS rank FROM (
    SELECT first_offset, hook_id FROM log_query.replay_items WHERE replay_id = $1 AND request_partition = $2 AND position IS NULL ORDER BY first_offset, hook_id LIMIT $3) few),
  given AS (UPDATE log_query.replay_items i SET position = $4::bigint + next.rank FROM next
    WHERE i.replay_id = $1 AND i.request_partition = $2 AND i.first_offset = next.first_offset AND i.hook_id = next.hook_id RETURNING i.position)
  SELECT count(*) AS count, max(position) AS last FROM given`;

const LOAD = `SELECT i.replay_id, r.tenant_id, r.kind, i.position, i.hook_id, i.hook_version, i.event_id, i.accepted_at_ms, e.record,
    r.kind = 'replay' AND EXISTS (SELECT 1 FROM log_query.deliveries d
      WHERE d.hook_id = i.hook_id AND d.accepted_at_ms = i.accepted_at_ms AND d.event_id = i.event_id AND d.fate = ${PENDING} AND d.replay_id <> i.replay_id) AS is_pending
  FROM log_query.replay_items i JOIN log_query.replays r ON r.replay_id = i.replay_id
  LEFT JOIN LATERAL (SELECT record FROM log_query.events e WHERE e.tenant_id = r.tenant_id AND e.event_id = i.event_id AND e.accepted_at_ms = i.accepted_at_ms ORDER BY log_offset LIMIT 1) e ON true
  WHERE i.request_partition = $1 AND i.position IS NOT NULL ORDER BY i.position, i.hook_id LIMIT ${ITEMS_LOADED}`;

const SETTLE = `WITH gone AS (DELETE FROM log_query.replay_items i USING (SELECT unnest($2::bigint[]) AS position, unnest($3::text[]) AS hook_id, unnest($4::text[]) AS result) s
    WHERE i.request_partition = $1 AND i.position = s.position AND i.hook_id = s.hook_id RETURNING i.replay_id, s.result),
  counts AS (SELECT replay_id, count(*) FILTER (WHERE result = 'produced') AS produced, count(*) FILTER (WHERE result = 'expired') AS expired,
    count(*) FILTER (WHERE result = 'already-pending') AS already_pending FROM gone GROUP BY replay_id)
  UPDATE log_query.replays r SET produced = r.produced + c.produced, expired = r.expired + c.expired, already_pending = r.already_pending + c.already_pending FROM counts c WHERE r.replay_id = c.replay_id`;

interface RawItem {
  replay_id: string;
  tenant_id: string;
  kind: string;
  position: string;
  hook_id: string;
  hook_version: string;
  event_id: string;
  accepted_at_ms: string;
  record: Buffer | null;
  is_pending: boolean;
}

export class PgReplayStreams implements ReplayStreams {
  constructor(private readonly pool: pg.Pool) {}

  async lease(partition: number, owner: string, atOnce: boolean): Promise<StreamLease | null> {
    const { rows } = await this.pool.query<{ epoch: string }>(TAKE, [partition, owner, atOnce]);
    return rows[0] ? { partition, epoch: Number(rows[0].epoch) } : null;
  }

  async folded(partition: number, stream: string): Promise<{ readonly mark: SourceMark; readonly next: number }> {
    const { rows } = await this.pool.query<{ next_offset: string; marks: string }>(`SELECT next_offset, marks FROM log_query.positions WHERE topic = 'deliveries.requested' AND partition = $1`, [partition]);
    return { mark: markIn(rows[0]?.marks ?? '[]', stream), next: Number(rows[0]?.next_offset ?? 0) };
  }

  number(lease: StreamLease, owner: string, { replayId, ratePerSecond }: Pick<Replay, 'replayId' | 'ratePerSecond'>, mark: SourceMark): Promise<Numbered> {
    return inTransaction(this.pool, async (client): Promise<Numbered> => {
      const { rows: streams } = await client.query<{ next_position: string }>(
        `UPDATE log_query.replay_streams SET lease_until = clock_timestamp() + ${LEASE} WHERE request_partition = $1 AND owner = $2 AND epoch = $3 RETURNING next_position`,
        [lease.partition, owner, lease.epoch],
      );
      if (!streams[0]) return { kind: 'lost' };
      const { rows: unfinished } = await client.query('SELECT 1 FROM log_query.replay_items WHERE request_partition = $1 AND position IS NOT NULL LIMIT 1', [lease.partition]);
      if (unfinished.length > 0) return { kind: 'unfinished' };
      // Its lock makes one rate of the steps of all partitions, and keeps who pauses or cancels it waiting until these numbers are given.
      const { rows: replays } = await client.query<{ in_ms: number }>(
        `SELECT greatest(0, extract(epoch FROM next_at - clock_timestamp()) * 1000)::float8 AS in_ms FROM log_query.replays WHERE replay_id = $1 AND state = 'running' FOR UPDATE`,
        [replayId],
      );
      const [replay] = replays;
      if (!replay) return { kind: 'not-now', inMs: null };
      if (replay.in_ms > 0) return { kind: 'not-now', inMs: replay.in_ms };
      const first = Math.max(Number(streams[0].next_position), mark.position + 1);
      const { rows } = await client.query<{ count: string; last: string | null }>(NUMBER, [replayId, lease.partition, stepSize(ratePerSecond, ITEMS_A_STEP), first]);
      const count = Number(rows[0]?.count ?? 0);
      if (count === 0) return { kind: 'not-now', inMs: null };
      await client.query('UPDATE log_query.replay_streams SET next_position = $2 WHERE request_partition = $1', [lease.partition, Number(rows[0]?.last) + 1]);
      if (ratePerSecond !== null) await client.query(`UPDATE log_query.replays SET next_at = clock_timestamp() + make_interval(secs => $2) WHERE replay_id = $1`, [replayId, pauseAfter(count, ratePerSecond) / 1_000]);
      return { kind: 'numbered', count };
    });
  }

  async numbered(partition: number): Promise<readonly LoadedItem[]> {
    return (await this.pool.query<RawItem>(LOAD, [partition])).rows.map(itemFrom);
  }

  async settle(partition: number, items: readonly (NumberedItem & { readonly result: ItemResult })[]): Promise<void> {
    await this.pool.query(SETTLE, [partition, bigintArray(items.map((item) => item.position)), textArray(items.map((item) => item.hookId)), textArray(items.map((item) => item.result))]);
  }
}

function itemFrom(raw: RawItem): LoadedItem {
  return {
    replayId: raw.replay_id,
    tenantId: raw.tenant_id,
    kind: raw.kind as ReplayKind,
    position: Number(raw.position),
    hookId: raw.hook_id,
    hookVersion: Number(raw.hook_version),
    eventId: raw.event_id,
    acceptedAtMs: Number(raw.accepted_at_ms),
    event: raw.record,
    isPending: raw.is_pending,
  };
}
