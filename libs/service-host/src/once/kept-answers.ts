import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, isAppError, type Clock } from '@hooklane/kernel';
import { isConnectionFailure } from '@hooklane/postgres';
import type pg from 'pg';
import type { OnceRequest } from './once.js';

/** Longer than anything that is done once takes; what was begun and not ended within it died. */
const CLAIM_SECONDS = 120;
/** How long a repeat waits for the first request's answer. */
const WAIT_MS = 30_000;
const ASK_AGAIN_MS = 100;
const SWEEP_MS = 10 * 60_000;

type Kept = { readonly fingerprint: string; readonly answer: string | null };

/** The statement that makes a service's table, for its migrations. */
export function keptAnswersUp(schema: string): string {
  return `CREATE TABLE ${schema}.kept_answers (
    tenant_id text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, fingerprint text NOT NULL,
    answer text, created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, key)
  )`;
}

/**
 * Answers by Idempotency-Key, for 24 hours, of what cannot be undone with a transaction (a request to a receiver, a record in the log): the key is claimed
 * before the work and the answer kept after it. Work that failed gives the key back. After a death in between, the work is done again when the claim is
 * old: at least once. (The registry keeps its answers in the transaction of the change.)
 */
export class KeptAnswers {
  private sweptAtMs = 0;

  constructor(
    private readonly pool: pg.Pool,
    private readonly schema: string,
    private readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs'>,
  ) {}

  /**
   * @param work its answer has to survive JSON
   * @throws AppError `id-reused` when the key came with another request, `conflicting-change` (retryable) while the first request takes its time, `database-unavailable`
   */
  async once<Answer>(request: OnceRequest, work: () => Promise<Answer>): Promise<Answer> {
    const { key } = request;
    if (key === null) return work();
    const kept = await reachable(() => this.claim(request, key));
    if (kept !== null) return JSON.parse(kept) as Answer;
    return this.perform(request, work);
  }

  /** @returns the answer, or null when the claim is ours */
  private async claim(request: OnceRequest, key: string): Promise<string | null> {
    await this.sweep();
    const until = this.clock.monotonicMs() + WAIT_MS;
    for (;;) {
      const taken = await this.pool.query(
        `INSERT INTO ${this.schema}.kept_answers AS kept (tenant_id, key, fingerprint) VALUES ($1, $2, $3)
         ON CONFLICT (tenant_id, key) DO UPDATE SET fingerprint = excluded.fingerprint, answer = NULL, created_at = now()
           WHERE kept.created_at <= now() - interval '24 hours' OR (kept.answer IS NULL AND kept.fingerprint = excluded.fingerprint AND kept.created_at <= now() - interval '${CLAIM_SECONDS} seconds')
         RETURNING 1`,
        [request.tenantId, key, request.fingerprint],
      );
      if (taken.rows.length > 0) return null;
      const { rows } = await this.pool.query<Kept>(`SELECT fingerprint, answer FROM ${this.schema}.kept_answers WHERE tenant_id = $1 AND key = $2`, [request.tenantId, key]);
      const kept = rows[0];
      if (kept && kept.fingerprint !== request.fingerprint) throw new AppError('id-reused', 'This Idempotency-Key came with another request.');
      if (kept && kept.answer !== null) return kept.answer;
      if (this.clock.monotonicMs() > until) throw new AppError('conflicting-change', 'The first request with this Idempotency-Key is not done yet.', { retryable: true, retryAfterMs: 1_000 });
      if (kept) await sleep(ASK_AGAIN_MS);
    }
  }

  private async perform<Answer>({ tenantId, key }: OnceRequest, work: () => Promise<Answer>): Promise<Answer> {
    let answer: Answer;
    try {
      answer = await work();
    } catch (error) {
      await this.pool.query(`DELETE FROM ${this.schema}.kept_answers WHERE tenant_id = $1 AND key = $2 AND answer IS NULL`, [tenantId, key]).catch(() => undefined);
      throw error;
    }
    // Done is done: a database that went away meanwhile makes no failure of it.
    await this.pool.query(`UPDATE ${this.schema}.kept_answers SET answer = $3 WHERE tenant_id = $1 AND key = $2`, [tenantId, key, JSON.stringify(answer)]).catch(() => undefined);
    return answer;
  }

  private async sweep(): Promise<void> {
    if (this.clock.nowMs() - this.sweptAtMs < SWEEP_MS) return;
    this.sweptAtMs = this.clock.nowMs();
    await this.pool.query(`DELETE FROM ${this.schema}.kept_answers WHERE created_at < now() - interval '24 hours'`);
  }
}

async function reachable<Result>(query: () => Promise<Result>): Promise<Result> {
  try {
    return await query();
  } catch (error) {
    if (isAppError(error) || !isConnectionFailure(error)) throw error;
    throw new AppError('database-unavailable', (error as Error).message, { publicMessage: 'The database cannot be reached.', retryable: true, retryAfterMs: 1_000, cause: error });
  }
}
