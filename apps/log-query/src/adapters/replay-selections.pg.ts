import type pg from 'pg';
import { HookChanged } from '@hooklane/contracts/topics';
import type { EnablingVersion } from '../replay/catch-up-border.js';
import type { Selections, SelectionStep, SelectionWish } from '../replay/replay-ports.js';
import type { DeliveryPlace, ReadGoal, Replay } from '../replay/replay.js';
import type { Queries } from './queries.pg.js';
import { Parameters, ROWS_A_STEP, selectionStep } from './selection-sql.js';
import { inTransaction } from './transaction.js';

interface RawStep {
  looked_at: string;
  found: string;
  accepted_at_ms: string | null;
  request_offset: string | null;
  request_partition: number | null;
  hook_id: string | null;
}

/** Selections from `log_query.deliveries`: walks in the order of an index, some thousand rows a step, and keeps what it finds in `log_query.replay_items`. */
export class PgSelections implements Selections {
  constructor(
    private readonly pool: pg.Pool,
    private readonly queries: Queries,
  ) {}

  async count(wish: SelectionWish, after: DeliveryPlace | null): Promise<SelectionStep> {
    const parameters = new Parameters();
    const [step] = await this.queries.rows<RawStep>(selectionStep(wish, after, parameters, 'SELECT 1 FROM wanted'), parameters.values);
    return stepOf(step);
  }

  take(replay: Replay, wish: SelectionWish): Promise<SelectionStep | null> {
    return inTransaction(this.pool, async (client) => {
      const { rows } = await client.query<{ cursor: string }>(`SELECT cursor FROM log_query.replays WHERE replay_id = $1 AND state = 'selecting' FOR UPDATE SKIP LOCKED`, [replay.replayId]);
      return rows[0] ? takeOn(client, replay.replayId, wish, rows[0].cursor) : null;
    });
  }

  async enablings(hookId: string): Promise<{ readonly versions: readonly EnablingVersion[]; readonly completed: ReadonlySet<number> }> {
    const versions = await this.queries.rows<{ record: Buffer }>('SELECT record FROM log_query.hook_versions WHERE hook_id = $1', [hookId]);
    const done = await this.queries.rows<{ epoch: string }>(`SELECT epoch FROM log_query.replays WHERE kind = 'catch-up' AND hook_id = $1 AND state = 'done'`, [hookId]);
    const known = versions.map(({ record }) => HookChanged.decode(record)).filter(({ deleted }) => !deleted);
    return { versions: known.map(({ version, enabledEpoch, catchUpEpoch }) => ({ version, enabledEpoch, catchUpEpoch })), completed: new Set(done.map(({ epoch }) => Number(epoch))) };
  }

  async unread(goals: readonly ReadGoal[]): Promise<readonly ReadGoal[]> {
    if (goals.length === 0) return [];
    const rows = await this.queries.rows<{ topic: string; partition: number; next_offset: string }>('SELECT topic, partition, next_offset FROM log_query.positions');
    const read = new Map(rows.map((row) => [`${row.topic}/${row.partition}`, Number(row.next_offset)]));
    return goals.filter(({ topic, partition, next }) => (read.get(`${topic}/${partition}`) ?? 0) < next);
  }
}

async function takeOn(client: pg.PoolClient, replayId: string, wish: SelectionWish, cursor: string): Promise<SelectionStep> {
  const parameters = new Parameters();
  const keep = `INSERT INTO log_query.replay_items (replay_id, request_partition, first_offset, hook_id, hook_version, event_id, accepted_at_ms)
    SELECT ${parameters.add(replayId)}, request_partition, first_offset, hook_id, hook_version, event_id, accepted_at_ms FROM wanted ON CONFLICT DO NOTHING RETURNING 1`;
  const text = selectionStep(wish, cursor === '' ? null : (JSON.parse(cursor) as DeliveryPlace), parameters, keep);
  const step = stepOf((await client.query<RawStep>(text, parameters.values)).rows[0]);
  await client.query(
    `UPDATE log_query.replays SET selected = selected + $2, cursor = $3, waits_for = '', is_selected = $4, state = CASE WHEN $4 THEN 'running' ELSE state END WHERE replay_id = $1`,
    [replayId, step.found, step.next === null ? cursor : JSON.stringify(step.next), step.next === null],
  );
  return step;
}

function stepOf(raw: RawStep | undefined): SelectionStep {
  const found = Number(raw?.found ?? 0);
  if (!raw || Number(raw.looked_at) < ROWS_A_STEP) return { found, next: null };
  return { found, next: { acceptedAtMs: Number(raw.accepted_at_ms), requestOffset: Number(raw.request_offset), requestPartition: raw.request_partition ?? 0, hookId: raw.hook_id ?? '' } };
}
