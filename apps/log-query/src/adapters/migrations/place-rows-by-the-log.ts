import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Rows are listed in the order of the log instead of that of their writing, which a rebuild changes; and numbers for the live log belong
 * to stretches of the log (`flushes`, ADR 0002) instead of rows, which spares two index entries a delivery.
 * What is there keeps its order: the number it had stands where its offset would. Only the indexes of `deliveries` are built anew.
 */
export class PlaceRowsByTheLog1795000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of up) await runner.query(statement);
  }

  /** Numbers are given anew: cursors of lists and places in the live log from before are worth nothing then. */
  async down(runner: QueryRunner): Promise<void> {
    for (const statement of down) await runner.query(statement);
  }
}

const up = [
  `DROP INDEX log_query.events_by_seq`,
  `DROP INDEX log_query.attempts_by_seq`,
  // Their indexes by time go along: (tenant, time, offset), (hook, time, offset). The partition decides the rest, where two have the same offset.
  `ALTER TABLE log_query.events RENAME COLUMN seq TO log_offset`,
  `ALTER TABLE log_query.attempts RENAME COLUMN seq TO log_offset`,
  // -1: of before; found by no stretch of the log.
  `ALTER TABLE log_query.events ADD COLUMN log_partition int NOT NULL DEFAULT -1`,
  `ALTER TABLE log_query.deliveries DROP COLUMN seq`,
  `ALTER TABLE log_query.unmatched DROP COLUMN seq`,
  `CREATE INDEX deliveries_by_time ON log_query.deliveries (tenant_id, accepted_at_ms, request_offset)`,
  `CREATE INDEX deliveries_unsettled_or_failed ON log_query.deliveries (tenant_id, accepted_at_ms, request_offset) WHERE fate <> 1`,

  // Which records a flush gave numbers to, the last of which is last_seq; and the times of the rows that they became.
  `CREATE TABLE log_query.flushes (last_seq bigint, at_ms bigint, contents text NOT NULL, PRIMARY KEY (last_seq, at_ms)) PARTITION BY RANGE (at_ms)`,
  // Records below it have their numbers; it outlives the read models.
  `ALTER TABLE log_query.positions ADD COLUMN numbered bigint NOT NULL DEFAULT 0`,
  `UPDATE log_query.positions SET numbered = next_offset`,
];

const down = [
  `DROP TABLE log_query.flushes`,
  `ALTER TABLE log_query.positions DROP COLUMN numbered`,
  `ALTER TABLE log_query.events DROP COLUMN log_partition`,
  `ALTER TABLE log_query.events RENAME COLUMN log_offset TO seq`,
  `ALTER TABLE log_query.attempts RENAME COLUMN log_offset TO seq`,
  `DROP INDEX log_query.deliveries_by_time`,
  `DROP INDEX log_query.deliveries_unsettled_or_failed`,
  `ALTER TABLE log_query.deliveries ADD COLUMN seq bigserial NOT NULL`,
  `ALTER TABLE log_query.unmatched ADD COLUMN seq bigserial NOT NULL`,
  `CREATE INDEX deliveries_by_time ON log_query.deliveries (tenant_id, accepted_at_ms, seq)`,
  `CREATE INDEX deliveries_unsettled_or_failed ON log_query.deliveries (tenant_id, accepted_at_ms, seq) WHERE fate <> 1`,
  `CREATE INDEX events_by_seq ON log_query.events (seq)`,
  `CREATE INDEX attempts_by_seq ON log_query.attempts (seq)`,
];
