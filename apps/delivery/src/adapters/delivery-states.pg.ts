import type pg from 'pg';
import type { DeliveryStates } from '../ports.js';

/** What the partition's row and the parked rows say of one delivery, whoever owns the partition. */
export class PgDeliveryStates implements DeliveryStates {
  constructor(private readonly pool: pg.Pool) {}

  async find(partition: number, offset: number, hookId: string): Promise<{ readonly isParked: boolean; readonly watermark: number; readonly outcomesFrom: number }> {
    // The row first: what is removed from the parked ones after it was read has its outcome in the log, which is read next.
    const { rows: progress } = await this.pool.query<{ low_watermark: string | null; outcomes_from: string }>('SELECT low_watermark, outcomes_from FROM delivery.progress WHERE partition = $1', [partition]);
    const { rows: parked } = await this.pool.query('SELECT 1 FROM delivery.parked WHERE partition = $1 AND "offset" = $2 AND hook_id = $3', [partition, offset, hookId]);
    return { isParked: parked.length > 0, watermark: Number(progress[0]?.low_watermark ?? 0), outcomesFrom: Number(progress[0]?.outcomes_from ?? 0) };
  }
}
