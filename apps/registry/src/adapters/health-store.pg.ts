import type pg from 'pg';
import type { Healths, HookHealth, KeyUses } from '../ports.js';
import { reachable } from './read-models.js';

interface HealthRow {
  readonly hook_id: string;
  readonly failure_count: number;
  readonly is_failing: boolean;
  readonly last_error_at_ms: string;
  readonly last_error_code: string;
  readonly last_error_sentence: string;
  readonly last_error_status: number;
  readonly last_success_at_ms: string;
  readonly enabled_epoch: string;
}

export class PostgresHealths implements Healths {
  constructor(private readonly pool: pg.Pool) {}

  async of(hookIds: readonly string[]): Promise<ReadonlyMap<string, HookHealth>> {
    if (hookIds.length === 0) return new Map();
    const { rows } = await reachable(() => this.pool.query<HealthRow>({ name: 'registry-healths', text: 'SELECT * FROM registry.hook_health WHERE hook_id = ANY($1)', values: [hookIds] }));
    return new Map(rows.map((row) => [row.hook_id, healthOf(row)]));
  }
}

export class PostgresKeyUses implements KeyUses {
  constructor(private readonly pool: pg.Pool) {}

  async of(keyIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (keyIds.length === 0) return new Map();
    const { rows } = await reachable(() =>
      this.pool.query<{ key_id: string; used_at_ms: string }>({ name: 'registry-key-uses', text: 'SELECT key_id, used_at_ms FROM registry.key_uses WHERE key_id = ANY($1)', values: [keyIds] }),
    );
    return new Map(rows.map((row) => [row.key_id, Number(row.used_at_ms)]));
  }
}

function healthOf(row: HealthRow): HookHealth {
  return {
    hookId: row.hook_id,
    failureCount: row.failure_count,
    isFailing: row.is_failing,
    lastErrorAtMs: Number(row.last_error_at_ms),
    lastErrorCode: row.last_error_code,
    lastErrorSentence: row.last_error_sentence,
    lastErrorStatus: row.last_error_status,
    lastSuccessAtMs: Number(row.last_success_at_ms),
    enabledEpoch: Number(row.enabled_epoch),
  };
}
