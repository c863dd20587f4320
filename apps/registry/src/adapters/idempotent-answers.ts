import type { SecretBox } from '@hooklane/secret-box';
import { AppError } from '@hooklane/kernel';
import type { DataSource, EntityManager } from 'typeorm';
import type { Answer, ChangeRequest } from '../ports.js';
import { reachable } from './read-models.js';

/** The answer that a request with the same Idempotency-Key got, and the event that must be in the log before it is given again. */
export interface RememberedAnswer {
  /** Of what the first request changed: a repeat may have made up another one for itself. */
  readonly id: string;
  readonly answer: Answer<unknown>;
  readonly eventId: number;
}

const LIFE = `interval '24 hours'`;

/**
 * Answers by Idempotency-Key, for 24 hours. An answer is stored in the transaction of its change: there is no moment in which one of them exists alone.
 * Answers are sealed as a whole: those of creations and rotations hold secrets.
 */
export class IdempotentAnswers {
  constructor(
    private readonly source: DataSource,
    private readonly box: SecretBox,
  ) {}

  /** @throws AppError `id-reused` when the key came with another request */
  async find(request: ChangeRequest): Promise<RememberedAnswer | null> {
    if (request.idempotencyKey === null) return null;
    const rows: { fingerprint: string; sealed_answer: Buffer; event_id: string }[] = await reachable(() =>
      this.source.query(`SELECT fingerprint, sealed_answer, event_id FROM registry.idempotent_answers WHERE tenant_id = $1 AND key = $2 AND created_at > now() - ${LIFE}`, [request.tenantId, request.idempotencyKey]),
    );
    const row = rows[0];
    if (!row) return null;
    if (row.fingerprint !== request.fingerprint) throw new AppError('id-reused', 'This Idempotency-Key came with another request.');
    const { id, answer } = JSON.parse(this.box.open(row.sealed_answer, contextOf(request)).toString()) as Omit<RememberedAnswer, 'eventId'>;
    return { id, answer, eventId: Number(row.event_id) };
  }

  /** @throws AppError `answer-taken` when a request with the same key was faster; the transaction must then be given up. */
  async remember(manager: EntityManager, request: ChangeRequest, { id, answer, eventId }: RememberedAnswer): Promise<void> {
    if (request.idempotencyKey === null) return;
    const sealed = this.box.seal(Buffer.from(JSON.stringify({ id, answer })), contextOf(request));
    const rows: unknown[] = await manager.query(
      `INSERT INTO registry.idempotent_answers AS a (tenant_id, key, fingerprint, sealed_answer, event_id) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (tenant_id, key) DO UPDATE
         SET fingerprint = excluded.fingerprint, sealed_answer = excluded.sealed_answer, event_id = excluded.event_id, created_at = now()
         WHERE a.created_at <= now() - ${LIFE}
       RETURNING 1`,
      [request.tenantId, request.idempotencyKey, request.fingerprint, sealed, eventId],
    );
    if (rows.length === 0) throw new AppError('answer-taken', 'A request with the same Idempotency-Key was faster.');
  }

  /** Removes what is too old to be asked for. */
  async sweep(): Promise<void> {
    await this.source.query(`DELETE FROM registry.idempotent_answers WHERE created_at < now() - ${LIFE}`);
  }
}

const contextOf = (request: ChangeRequest): string => `idempotency/${request.tenantId}/${request.idempotencyKey}`;
