import { codeOf, fates as fateNames } from '../read-model/codes.js';
import type { CatchUpBook, ReplayArchive, ReplayBook, ReplayEnds, ReplayFilter, ReplayWork } from '../replay/replay-ports.js';
import { NO_FATES, type FateCounts, type NewReplay, type Replay, type ReplayChangeNote, type ReplayState } from '../replay/replay.js';
import type { PlaceKey } from '../query/stored.js';
import type { Queries } from './queries.pg.js';
import { replayFrom, REPLAY_COLUMNS, type RawReplay } from './replay-row.js';

/** A delete of a million rows would hold back vacuum and fill the write-ahead log at once. */
const ROWS_PER_DELETE = 10_000;
const OPEN_AT_ONCE = 1_000;
const UNSETTLED_AT_ONCE = 100;
const PENDING = codeOf(fateNames, 'pending');

/** Replays in `log_query.replays`. Every change names the states it starts from, so that two who change it at once do not undo each other. */
export class PgReplayBook implements ReplayBook, CatchUpBook, ReplayWork, ReplayEnds, ReplayArchive {
  constructor(private readonly queries: Queries) {}

  async create(replay: NewReplay): Promise<boolean> {
    const { created, catchUp } = replay;
    const rows = await this.queries.rows(
      `INSERT INTO log_query.replays (replay_id, tenant_id, kind, state, created_at_ms, created_by, reason, changed_at_ms, changed_by, selection, goals, rate_per_second, expired_before_ms,
         hook_id, epoch, request_partition, command_offset)
       VALUES ($1, $2, $3, 'selecting', $4, $5, $6, $4, $5, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING RETURNING 1`,
      [
        replay.replayId, replay.tenantId, replay.kind, created.atMs, created.by, created.reason, JSON.stringify(replay.selection), JSON.stringify(replay.goals), replay.ratePerSecond, replay.expiredBeforeMs,
        catchUp?.hookId ?? '', catchUp?.epoch ?? 0, catchUp?.partition ?? -1, catchUp?.commandOffset ?? -1,
      ],
    );
    return rows.length === 1;
  }

  async find(tenantId: string, replayId: string): Promise<Replay | null> {
    const [row] = await this.rows(`SELECT ${REPLAY_COLUMNS} FROM log_query.replays WHERE replay_id = $2 AND tenant_id = $1`, [tenantId, replayId]);
    return row ?? null;
  }

  async page(tenantId: string, filter: ReplayFilter, limit: number, after: PlaceKey | null): Promise<{ readonly replays: readonly Replay[]; readonly next: PlaceKey | null }> {
    const rows = await this.rows(
      `SELECT ${REPLAY_COLUMNS} FROM log_query.replays
       WHERE tenant_id = $1 AND ($2::text IS NULL OR state = $2) AND ($3::text IS NULL OR kind = $3) AND ($4::bigint IS NULL OR (created_at_ms, place) < ($4, $5))
       ORDER BY created_at_ms DESC, place DESC LIMIT $6`,
      [tenantId, filter.state ?? null, filter.kind ?? null, after?.timeMs ?? null, after?.offset ?? 0, limit + 1],
    );
    const replays = rows.slice(0, limit);
    const last = rows.length > limit ? replays.at(-1) : undefined;
    return { replays, next: last ? { timeMs: last.created.atMs, offset: last.place, partition: 0, hookId: '' } : null };
  }

  async change(replayId: string, from: readonly ReplayState[], to: ReplayState, note: ReplayChangeNote): Promise<boolean> {
    const rows = await this.queries.rows(
      `UPDATE log_query.replays SET state = $3, changed_at_ms = $4, changed_by = $5, change_reason = $6, waits_for = '' WHERE replay_id = $1 AND state = ANY($2) RETURNING 1`,
      [replayId, from, to, note.atMs, note.by, note.reason],
    );
    return rows.length === 1;
  }

  async cancelCatchUps(tenantId: string, hookId: string, beforeOffset: number, note: ReplayChangeNote): Promise<boolean> {
    const rows = await this.queries.rows(
      `UPDATE log_query.replays SET state = 'cancelled', changed_at_ms = $3, changed_by = $4, change_reason = $5, waits_for = ''
       WHERE kind = 'catch-up' AND hook_id = $2 AND tenant_id = $1 AND command_offset < $6 AND state IN ('selecting', 'running', 'paused') RETURNING 1`,
      [tenantId, hookId, note.atMs, note.by, note.reason, beforeOffset],
    );
    return rows.length > 0;
  }

  async fates(replays: readonly Pick<Replay, 'tenantId' | 'replayId'>[]): Promise<ReadonlyMap<string, FateCounts>> {
    if (replays.length === 0) return new Map();
    const rows = await this.queries.rows<{ replay_id: string; fate: number; count: string }>(
      `SELECT replay_id, fate, count(*) AS count FROM log_query.deliveries
       WHERE (tenant_id, replay_id) IN (SELECT unnest($1::text[]), unnest($2::text[])) AND replay_id <> '' GROUP BY replay_id, fate`,
      [replays.map(({ tenantId }) => tenantId), replays.map(({ replayId }) => replayId)],
    );
    const counts = new Map<string, FateCounts>();
    for (const { replay_id: id, fate, count } of rows) {
      const name = fateNames[fate];
      if (name) counts.set(id, { ...(counts.get(id) ?? NO_FATES), [name]: Number(count) });
    }
    return counts;
  }

  open(): Promise<readonly Replay[]> {
    return this.rows(`SELECT ${REPLAY_COLUMNS} FROM log_query.replays WHERE NOT is_closed ORDER BY place LIMIT ${OPEN_AT_ONCE}`, []);
  }

  async partitions(count: number): Promise<readonly { readonly partition: number; readonly replayId: string | null }[]> {
    // A probe a partition: the items themselves may be millions.
    const rows = await this.queries.rows<{ partition: number; replay_id: string | null }>(
      `SELECT p AS partition, r.replay_id FROM log_query.replays r CROSS JOIN generate_series(0, $1 - 1) p
       WHERE NOT r.is_closed AND r.state = 'running' AND EXISTS (SELECT 1 FROM log_query.replay_items i WHERE i.replay_id = r.replay_id AND i.request_partition = p)
       UNION ALL SELECT p, NULL FROM generate_series(0, $1 - 1) p WHERE EXISTS (SELECT 1 FROM log_query.replay_items i WHERE i.request_partition = p AND i.position IS NOT NULL)`,
      [count],
    );
    return rows.map((row) => ({ partition: row.partition, replayId: row.replay_id }));
  }

  async isEmpty(replayId: string): Promise<boolean> {
    return (await this.queries.rows('SELECT 1 FROM log_query.replay_items WHERE replay_id = $1 LIMIT 1', [replayId])).length === 0;
  }

  async drop(replayId: string): Promise<number> {
    const rows = await this.queries.rows(
      `DELETE FROM log_query.replay_items WHERE ctid = ANY(ARRAY(SELECT ctid FROM log_query.replay_items WHERE replay_id = $1 AND position IS NULL LIMIT ${ROWS_PER_DELETE})) AND position IS NULL RETURNING 1`,
      [replayId],
    );
    return rows.length;
  }

  async close(replayId: string, from: readonly ReplayState[], state: ReplayState, note: ReplayChangeNote): Promise<boolean> {
    // What ends by itself is noted; what a person ended keeps their name.
    const rows = await this.queries.rows(
      `UPDATE log_query.replays r SET state = $3, is_closed = true, waits_for = '',
         changed_at_ms = CASE WHEN state = $3 THEN changed_at_ms ELSE $4 END, changed_by = CASE WHEN state = $3 THEN changed_by ELSE $5 END, change_reason = CASE WHEN state = $3 THEN change_reason ELSE $6 END
       WHERE replay_id = $1 AND state = ANY($2) AND NOT EXISTS (SELECT 1 FROM log_query.replay_items i WHERE i.replay_id = r.replay_id) RETURNING 1`,
      [replayId, from, state, note.atMs, note.by, note.reason],
    );
    return rows.length === 1;
  }

  async note(replayId: string, waitsFor: string): Promise<void> {
    await this.queries.rows('UPDATE log_query.replays SET waits_for = $2 WHERE replay_id = $1 AND waits_for <> $2', [replayId, waitsFor]);
  }

  unsettled(): Promise<readonly Replay[]> {
    return this.rows(
      `SELECT ${REPLAY_COLUMNS} FROM log_query.replays r WHERE is_closed AND fates = ''
         AND NOT EXISTS (SELECT 1 FROM log_query.deliveries d WHERE d.tenant_id = r.tenant_id AND d.replay_id = r.replay_id AND d.replay_id <> '' AND d.fate = ${PENDING})
       ORDER BY place LIMIT ${UNSETTLED_AT_ONCE}`,
      [],
    );
  }

  async keepFates(replayId: string, fates: FateCounts): Promise<void> {
    await this.queries.rows('UPDATE log_query.replays SET fates = $2 WHERE replay_id = $1', [replayId, JSON.stringify(fates)]);
  }

  async removeBefore(ms: number): Promise<number> {
    const rows = await this.queries.rows('DELETE FROM log_query.replays WHERE is_closed AND changed_at_ms < $1 RETURNING 1', [ms]);
    return rows.length;
  }

  private async rows(text: string, values: readonly unknown[]): Promise<readonly Replay[]> {
    return (await this.queries.rows<RawReplay>(text, values)).map(replayFrom);
  }
}
