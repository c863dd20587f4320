import { Controller, Inject } from '@nestjs/common';
import { KeyUsed, Topics } from '@hooklane/contracts/topics';
import type { RecordBatch } from '@hooklane/event-log';
import { bigintArray, isConnectionFailure, textArray } from '@hooklane/postgres';
import { ConsumesTopic, type HandlerResult, type TopicConsumer } from '@hooklane/service-host';
import type pg from 'pg';
import { REGISTRY_POOL } from './api/registry.token.js';

/** When each API key was used last. Repeats change nothing, so the position is the group's. */
@Controller()
export class KeysUsedConsumer implements TopicConsumer {
  constructor(@Inject(REGISTRY_POOL) private readonly pool: pg.Pool) {}

  @ConsumesTopic('registry', Topics.keysUsed)
  async handle({ records }: RecordBatch): Promise<HandlerResult> {
    const newest = new Map<string, number>();
    for (const { value } of records) {
      const { keyId, usedAtMs } = KeyUsed.decode(value);
      newest.set(keyId, Math.max(usedAtMs, newest.get(keyId) ?? 0));
    }
    // Always in the same order: two instances must not wait for each other's rows.
    const ids = [...newest.keys()].sort();
    try {
      await this.pool.query({
        name: 'registry-keys-used',
        text: `INSERT INTO registry.key_uses AS k (key_id, used_at_ms) SELECT * FROM unnest($1::text[], $2::bigint[])
               ON CONFLICT (key_id) DO UPDATE SET used_at_ms = excluded.used_at_ms WHERE k.used_at_ms < excluded.used_at_ms`,
        values: [textArray(ids), bigintArray(ids.map((id) => newest.get(id)!))],
      });
    } catch (error) {
      if (!isConnectionFailure(error)) throw error;
      return { kind: 'retry', reason: 'database-unavailable', afterMs: 1_000 };
    }
    return { kind: 'ok', commit: { metadata: '' } };
  }
}
