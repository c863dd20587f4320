import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The read models. Ids are compared as bytes (`COLLATE "C"`); times are bigint milliseconds, which is what the records carry.
 * Which index serves what stands in docs/adr/0001-shape-of-the-read-model.md; each one is paid for by every delivery.
 */
export class CreateReadModels1795000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE log_query.events, log_query.attempts, log_query.deliveries, log_query.unmatched, log_query.positions, log_query.head');
  }
}

const statements = [
  // One row, updated by every flush: its lock makes the order of the numbers the order of the commits (ADR 0002).
  `CREATE TABLE log_query.head (only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one), next_seq bigint NOT NULL) WITH (fillfactor = 10)`,
  `INSERT INTO log_query.head (next_seq) VALUES (1)`,
  `CREATE TABLE log_query.positions (
    topic text COLLATE "C", partition int, next_offset bigint NOT NULL, marks text NOT NULL,
    PRIMARY KEY (topic, partition)
  ) WITH (fillfactor = 20)`,

  `CREATE TABLE log_query.events (
    seq bigint NOT NULL, accepted_at_ms bigint NOT NULL,
    tenant_id text COLLATE "C" NOT NULL, event_id text COLLATE "C" NOT NULL, type text COLLATE "C" NOT NULL, project text COLLATE "C" NOT NULL,
    record bytea STORAGE EXTERNAL NOT NULL
  ) PARTITION BY RANGE (accepted_at_ms)`,
  `CREATE INDEX events_by_time ON log_query.events (tenant_id, accepted_at_ms, seq)`,
  `CREATE INDEX events_by_id ON log_query.events (tenant_id, event_id)`,
  `CREATE INDEX events_by_seq ON log_query.events (seq)`,

  `CREATE TABLE log_query.deliveries (
    seq bigint NOT NULL, accepted_at_ms bigint NOT NULL, request_offset bigint NOT NULL, requested_at_ms bigint NOT NULL, outcome_at_ms bigint NOT NULL,
    next_attempt_at_ms bigint NOT NULL, hook_version bigint NOT NULL, owner_epoch bigint NOT NULL, owner_sequence bigint NOT NULL,
    request_partition int NOT NULL, attempts int NOT NULL, status int NOT NULL, trigger smallint NOT NULL, fate smallint NOT NULL,
    tenant_id text COLLATE "C" NOT NULL, hook_id text COLLATE "C" NOT NULL, event_id text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL, project text COLLATE "C" NOT NULL, replay_id text COLLATE "C" NOT NULL, fate_reason text COLLATE "C" NOT NULL, error_code text COLLATE "C" NOT NULL,
    PRIMARY KEY (hook_id, accepted_at_ms, request_offset)
  ) PARTITION BY RANGE (accepted_at_ms)`,
  `CREATE INDEX deliveries_by_time ON log_query.deliveries (tenant_id, accepted_at_ms, seq)`,
  // 1 = delivered: on the path that all goes well the index takes no entry.
  `CREATE INDEX deliveries_unsettled_or_failed ON log_query.deliveries (tenant_id, accepted_at_ms, seq) WHERE fate <> 1`,
  `CREATE INDEX deliveries_pending ON log_query.deliveries (request_partition, request_offset) WHERE fate = 0`,

  `CREATE TABLE log_query.attempts (
    seq bigint NOT NULL, at_ms bigint NOT NULL, request_offset bigint NOT NULL, request_partition int NOT NULL,
    number int NOT NULL, status int NOT NULL, total_us int NOT NULL, trigger smallint NOT NULL, outcome_class smallint NOT NULL, fate smallint NOT NULL,
    tenant_id text COLLATE "C" NOT NULL, hook_id text COLLATE "C" NOT NULL, event_id text COLLATE "C" NOT NULL, attempt_id text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL, project text COLLATE "C" NOT NULL, error_code text COLLATE "C" NOT NULL,
    record bytea STORAGE EXTERNAL NOT NULL
  ) PARTITION BY RANGE (at_ms)`,
  `CREATE INDEX attempts_by_time ON log_query.attempts (tenant_id, at_ms, seq)`,
  `CREATE INDEX attempts_by_hook ON log_query.attempts (hook_id, at_ms, seq)`,
  `CREATE INDEX attempts_by_delivery ON log_query.attempts (request_partition, request_offset)`,
  `CREATE INDEX attempts_by_id ON log_query.attempts (attempt_id)`,
  `CREATE INDEX attempts_by_seq ON log_query.attempts (seq)`,
  // 1 = success.
  `CREATE INDEX attempts_failed ON log_query.attempts (tenant_id, at_ms, seq) WHERE outcome_class <> 1`,

  `CREATE TABLE log_query.unmatched (
    seq bigint NOT NULL, accepted_at_ms bigint NOT NULL, decided_at_ms bigint NOT NULL, tenant_id text COLLATE "C" NOT NULL, event_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, event_id, accepted_at_ms)
  ) PARTITION BY RANGE (accepted_at_ms)`,
];
